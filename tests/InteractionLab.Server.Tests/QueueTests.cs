using System.Net;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace InteractionLab.Server.Tests;

/// <summary>The order of jobs, and that nothing in the queue's own file is the truth.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task Who_waits_since_longest_is_next_whatever_was_delivered_first()
    {
        var name = nameof(Who_waits_since_longest_is_next_whatever_was_delivered_first);
        await using var server = await LabServer.StartAsync();
        var first = await server.SubmitAsync(new { cells = 1, gate = name });
        await server.WaitAsync(first, "running");
        var second = await server.SubmitAsync(new { cells = 1 });
        var third = await server.SubmitAsync(new { cells = 1 });
        var fourth = await server.SubmitAsync(new { cells = 1 });

        // The third is enqueued again as of before the second, the second again and again as what it is.
        await server.Get<IJobQueue>().EnqueueAsync(third, (await server.JobAsync(first)).GetProperty("createdAt").GetDateTimeOffset(), default);
        for (var again = 0; again < 5; again++)
        {
            await server.Get<IJobQueue>().EnqueueAsync(second, (await server.JobAsync(second)).GetProperty("createdAt").GetDateTimeOffset(), default);
        }

        // The fourth goes behind one that comes later, as what is retried does.
        await server.PostAsync($"/api/v1/jobs/{fourth}/cancel");
        var fifth = await server.SubmitAsync(new { cells = 1 });
        await Task.Delay(5);
        await server.PostAsync($"/api/v1/jobs/{fourth}/retry");
        Gate.Of(name).Open();
        string[] expected = [first, third, second, fifth, fourth];
        var started = new List<(DateTimeOffset Start, string Id)>();
        foreach (var id in expected)
        {
            var job = await server.WaitAsync(id, "succeeded");
            Assert.Equal(1, job.GetProperty("attempts").GetInt32());
            started.Add((job.GetProperty("startedAt").GetDateTimeOffset(), id));
        }

        Assert.Equal(expected, started.OrderBy(s => s.Start).Select(s => s.Id));
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task What_ran_when_the_server_ended_goes_on_before_what_waited_longer()
    {
        var name = nameof(What_ran_when_the_server_ended_goes_on_before_what_waited_longer);
        var later = name + " later";
        string snapshot;
        string waits;
        string runs;
        await using (var server = await LabServer.StartAsync())
        {
            var first = await server.SubmitAsync(new { cells = 1, gate = name });
            await server.WaitAsync(first, "running");
            waits = await server.SubmitAsync(new { cells = 1 });
            runs = await server.SubmitAsync(new { cells = 1, gate = later });
            await server.Get<IJobQueue>().EnqueueAsync(runs, JobTurns.First, default);
            Gate.Of(name).Open();
            await server.WaitAsync(runs, "running");
            Assert.Equal("queued", (await server.JobAsync(waits)).GetProperty("state").GetString());
            snapshot = server.Snapshot();
            Gate.Of(later).Open();
        }

        await using (var server = await LabServer.StartOnAsync(snapshot, ownsData: true))
        {
            var resumed = await server.WaitAsync(runs, "succeeded");
            var waited = await server.WaitAsync(waits, "succeeded");
            Assert.True(resumed.GetProperty("startedAt").GetDateTimeOffset() <= waited.GetProperty("startedAt").GetDateTimeOffset());
            Assert.Equal((2, 1), (resumed.GetProperty("attempts").GetInt32(), waited.GetProperty("attempts").GetInt32()));
        }
    }

    [Fact]
    public async Task A_delivery_that_was_lost_is_made_up_for()
    {
        await using var server = await LabServer.StartOnAsync(LabServer.NewFolder(), ownsData: true, builder => builder.Services
            .AddSingleton<HangfireJobQueue>().AddSingleton<IJobQueue>(provider => new ForgetfulQueue(provider.GetRequiredService<HangfireJobQueue>(), provider.GetRequiredService<JobTurns>())));
        var id = await server.SubmitAsync(new { cells = 1 });
        await Task.Delay(500);
        Assert.Equal("queued", (await server.JobAsync(id)).GetProperty("state").GetString());
        await server.Get<HangfireJobQueue>().WatchOnceAsync();
        await server.WaitAsync(id, "succeeded");
    }

    [Theory]
    [InlineData("this is no database, and longer than the header of one: ................................................................")]
    [InlineData("")]
    public async Task A_queue_that_cannot_be_read_is_made_again(string content)
    {
        var data = LabServer.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(data, "queue.db"), content);
        await File.WriteAllTextAsync(Path.Combine(data, "queue.db-wal"), content);
        await using var server = await LabServer.StartOnAsync(data, ownsData: true);
        await server.WaitAsync(await server.SubmitAsync(new { cells = 1 }), "succeeded");
        Assert.Equal("running", (await server.GetJsonAsync("/health")).GetProperty("queue").GetString());
    }

    [Fact]
    public async Task The_queue_of_an_earlier_version_is_replaced()
    {
        var (data, _) = Fixture.Unpack();
        Assert.NotEqual(0, Tables(data, "QRTZ_%"));
        await using var server = await LabServer.StartOnAsync(data, ownsData: true);
        Assert.Equal(0, Tables(data, "QRTZ_%"));
        Assert.Equal(1, Tables(data, "JobQueue"));
    }

    [Fact]
    public async Task The_pages_of_the_queue_are_for_this_machine_and_to_read_only()
    {
        var name = nameof(The_pages_of_the_queue_are_for_this_machine_and_to_read_only);
        await using var server = await LabServer.StartAsync();
        await server.WaitAsync(await server.SubmitAsync(new { cells = 1, gate = name }), "running");
        var waits = await server.SubmitAsync(new { cells = 1 });
        foreach (var path in new[] { "", "/servers", "/jobs/enqueued", "/jobs/processing" })
        {
            using var page = await server.Client.GetAsync($"/hangfire{path}");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            var html = await page.Content.ReadAsStringAsync();
            Assert.Contains("InteractionLab queue", html, StringComparison.Ordinal);
            Assert.DoesNotContain(server.Data, html, StringComparison.Ordinal);
        }

        Assert.Contains(waits, await server.Client.GetStringAsync("/hangfire/jobs/enqueued"), StringComparison.Ordinal);
        foreach (var header in new[] { "X-Forwarded-For", "Forwarded", "X-Real-IP" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire");
            request.Headers.Add(header, header == "Forwarded" ? "for=192.0.2.1" : "192.0.2.1");
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.SendAsync(request)).StatusCode);
        }

        foreach (var command in new[] { "/jobs/enqueued/delete", "/jobs/actions/delete/1", "/jobs/processing/requeue" })
        {
            using var body = new FormUrlEncodedContent([new("jobs[]", "1"), new("jobs[]", "2")]);
            using var refused = await server.Client.PostAsync($"/hangfire{command}", body);
            Assert.InRange((int)refused.StatusCode, 400, 499);
        }

        Gate.Of(name).Open();
        await server.WaitAsync(waits, "succeeded");
    }

    private static long Tables(string data, string like)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "queue.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name LIKE $like";
        command.Parameters.AddWithValue("$like", like);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>A queue whose deliveries are all lost.</summary>
    private sealed class ForgetfulQueue(HangfireJobQueue inner, JobTurns turns) : IJobQueue
    {
        public string State => inner.State;

        public Task EnqueueAsync(string jobId, DateTimeOffset since, CancellationToken cancellation) => turns.GiveAsync(jobId, since, cancellation);

        public Task StartAsync(CancellationToken cancellation) => inner.StartAsync(cancellation);

        public Task StopAsync(CancellationToken cancellation) => inner.StopAsync(cancellation);
    }
}
