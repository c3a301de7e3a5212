using System.Collections.Concurrent;
using System.Text.Json;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace InteractionLab.Server.Tests;

/// <summary>Jobs that need other jobs, on a server with one place to run.</summary>
public sealed class FollowTests
{
    [Fact]
    public async Task A_follower_takes_its_turn_after_each_cell_of_the_job_it_follows()
    {
        var name = nameof(A_follower_takes_its_turn_after_each_cell_of_the_job_it_follows);
        var gate = Gate.Of(name);
        await using var server = await LabServer.StartAsync();
        var source = await server.SubmitAsync(new { cells = 3, gate = name });
        await server.WaitAsync(source, "running");
        var follower = await server.SubmitAsync(new { cells = 3, follow = source });
        var other = await server.SubmitAsync(new { cells = 1 });

        gate.Pass.Release();
        await DoneAsync(server, follower, 1);
        var waiting = await server.WaitAsync(follower, "queued");
        Assert.Equal("waits for cell 1", waiting.GetProperty("progress").GetProperty("message").GetString());
        Assert.Equal("cell", waiting.GetProperty("waits").GetString());
        Assert.Equal(1, waiting.GetProperty("attempts").GetInt32());
        Assert.Equal("running", State(await server.JobAsync(source)));
        var before = await server.JobAsync(other);
        Assert.Equal(("queued", JsonValueKind.Null), (State(before), before.GetProperty("waits").ValueKind));
        var partial = Values(await server.GetJsonAsync($"/api/v1/jobs/{follower}/result?partial=true"));
        Assert.Equal([0.0], partial);

        gate.Pass.Release();
        await DoneAsync(server, follower, 2);
        gate.Open();
        await server.WaitAsync(source, "succeeded");
        var ended = await server.WaitAsync(follower, "succeeded", "failed");
        Assert.Equal("succeeded", State(ended));
        Assert.Equal(1, ended.GetProperty("attempts").GetInt32());
        Assert.Equal(Values(await server.GetJsonAsync($"/api/v1/jobs/{source}/result")), Values(await server.GetJsonAsync($"/api/v1/jobs/{follower}/result")));
        await server.WaitAsync(other, "succeeded");
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task A_follower_does_not_hold_a_place_that_the_job_it_waits_for_needs()
    {
        var name = nameof(A_follower_does_not_hold_a_place_that_the_job_it_waits_for_needs);
        await using var server = await LabServer.StartAsync();
        var first = await server.SubmitAsync(new { cells = 1, gate = name });
        var source = await server.SubmitAsync(new { cells = 2 });
        var follower = await server.SubmitAsync(new { cells = 2, follow = source });
        Gate.Of(name).Open();
        await server.WaitAsync(first, "succeeded");
        await server.WaitAsync(follower, "succeeded");
    }

    [Fact]
    public async Task With_free_places_followers_run_beside_what_they_follow()
    {
        var name = nameof(With_free_places_followers_run_beside_what_they_follow);
        var gate = Gate.Of(name);
        await using var server = await LabServer.StartAsync("--Lab:ParallelJobs", "2");
        var source = await server.SubmitAsync(new { cells = 3, gate = name });
        var follower = await server.SubmitAsync(new { cells = 3, follow = source });
        for (var done = 1; done <= 2; done++)
        {
            gate.Pass.Release();
            await DoneAsync(server, follower, done);
        }

        gate.Open();
        await server.WaitAsync(follower, "succeeded");
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("fail")]
    public async Task When_the_job_it_follows_ends_early_a_follower_keeps_what_there_is_and_says_what_is_missing(string how)
    {
        var name = $"{nameof(When_the_job_it_follows_ends_early_a_follower_keeps_what_there_is_and_says_what_is_missing)} {how}";
        var gate = Gate.Of(name);
        await using var server = await LabServer.StartAsync();
        var source = await server.SubmitAsync(new { cells = 3, gate = name, failAt = how == "fail" ? 1 : (int?)null });
        var follower = await server.SubmitAsync(new { cells = 3, follow = source });
        gate.Pass.Release();
        await DoneAsync(server, follower, 1);
        await server.WaitAsync(follower, "queued");
        if (how == "cancel")
        {
            await server.PostAsync($"/api/v1/jobs/{source}/cancel");
        }
        else
        {
            gate.Pass.Release();
        }

        var ended = await server.WaitAsync(follower, "failed", "succeeded");
        Assert.Equal("Cell-1: The job ended without cell 1.", ended.GetProperty("error").GetString());
        var partial = Values(await server.GetJsonAsync($"/api/v1/jobs/{follower}/result?partial=true"));
        Assert.Equal([0.0], partial);
        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{source}")).StatusCode);

        gate.Fail = false;
        gate.Open();
        await server.PostAsync($"/api/v1/jobs/{source}/retry");
        await server.PostAsync($"/api/v1/jobs/{follower}/retry");
        await server.WaitAsync(follower, "succeeded");
        await server.WaitAsync(source, "succeeded");
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{source}")).StatusCode);
    }

    [Fact]
    public async Task Cancelling_the_job_a_follower_takes_its_turn_in_leaves_the_follower_queued_or_ended()
    {
        var name = nameof(Cancelling_the_job_a_follower_takes_its_turn_in_leaves_the_follower_queued_or_ended);
        var gate = Gate.Of(name);
        var own = Gate.Of(name + " follower");
        await using var server = await LabServer.StartAsync();
        var source = await server.SubmitAsync(new { cells = 2, gate = name });
        var follower = await server.SubmitAsync(new { cells = 1, follow = source, gate = name + " follower" });
        gate.Pass.Release();
        await server.WaitAsync(follower, "running");
        Assert.Equal("running", State(await server.JobAsync(source)));
        await server.PostAsync($"/api/v1/jobs/{source}/cancel");
        await server.WaitAsync(source, "cancelled");
        own.Open();
        await server.WaitAsync(follower, "succeeded");
        Assert.Single(own.Computed);
    }

    [Fact]
    public async Task A_parent_queues_children_waits_for_them_and_is_cancelled_and_retried_with_them()
    {
        var name = nameof(A_parent_queues_children_waits_for_them_and_is_cancelled_and_retried_with_them);
        var gate = Gate.Of(name);
        await using var server = await LabServer.StartAsync();
        var parent = await server.SubmitAsync(new { cells = 2, children = name });
        var first = await ChildAsync(server, parent, "child-0");
        await server.WaitAsync(first, "running");
        var waiting = await server.WaitAsync(parent, "queued");
        Assert.Equal("waits for child 0", waiting.GetProperty("progress").GetProperty("message").GetString());
        Assert.Equal("end", waiting.GetProperty("waits").GetString());
        Assert.Equal(409, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{first}")).StatusCode);

        await server.PostAsync($"/api/v1/jobs/{parent}/cancel");
        await server.WaitAsync(first, "cancelled");
        Assert.Equal("cancelled", State(await server.JobAsync(parent)));

        gate.Open();
        await server.PostAsync($"/api/v1/jobs/{parent}/retry");
        await server.WaitAsync(parent, "succeeded", "failed");
        var children = (await server.GetJsonAsync($"/api/v1/jobs?parent={parent}")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(["child-1", "child-0"], children.Select(c => c.GetProperty("role").GetString()));
        Assert.All(children, c => Assert.Equal("succeeded", State(c)));
        var done = await server.JobAsync(parent);
        Assert.Equal((2, JsonValueKind.Null), (done.GetProperty("attempts").GetInt32(), done.GetProperty("waits").ValueKind));

        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/jobs/{parent}")).StatusCode);
        Assert.Equal(JsonValueKind.Null, (await server.JobAsync(first)).GetProperty("parent").ValueKind);
    }

    /// <summary>Else a child that fails at once finds a parent that does not wait yet, and the others run for nothing.</summary>
    [Fact]
    public async Task A_retry_lets_nobody_run_before_the_parent_and_every_child_are_queued()
    {
        var name = nameof(A_retry_lets_nobody_run_before_the_parent_and_every_child_are_queued);
        var seen = new ConcurrentQueue<(string Job, string States)>();
        await using var server = await LabServer.StartOnAsync(LabServer.NewFolder(), ownsData: true, builder => builder.Services.AddSingleton<IJobQueue>(provider => new WatchedQueue(
            ActivatorUtilities.CreateInstance<HangfireJobQueue>(provider),
            async job =>
            {
                await using var db = await provider.GetRequiredService<IDbContextFactory<LabDb>>().CreateDbContextAsync();
                seen.Enqueue((job, string.Join(' ', await db.Jobs.OrderBy(j => j.Sequence).Select(j => j.State).ToListAsync())));
            })));
        var parent = await server.SubmitAsync(new { cells = 2, children = name });
        var child = await ChildAsync(server, parent, "child-0");
        await server.WaitAsync(child, "running");
        await server.WaitAsync(parent, "queued");
        await server.PostAsync($"/api/v1/jobs/{parent}/cancel");
        await server.WaitAsync(child, "cancelled");
        seen.Clear();

        var (status, view) = await server.PostAsync($"/api/v1/jobs/{parent}/retry");
        Assert.Equal((200, "queued"), (status, State(view)));
        Assert.Equal(parent, view.GetProperty("id").GetString());
        Assert.Equal((child, "queued queued"), seen.ToArray()[0]);
        Assert.Equal(parent, seen.ToArray()[1].Job);
        Gate.Of(name).Open();
        await server.WaitAsync(parent, "succeeded");
    }

    /// <summary>Else the parent finds a cancelled child, and gives up over a cancellation of the attempt before.</summary>
    [Fact]
    public async Task A_retry_waits_for_children_that_are_still_being_cancelled()
    {
        var name = nameof(A_retry_waits_for_children_that_are_still_being_cancelled);
        var gate = Gate.Of(name);
        gate.Deaf = true;
        await using var server = await LabServer.StartAsync();
        var parent = await server.SubmitAsync(new { cells = 2, children = name });
        var child = await ChildAsync(server, parent, "child-0");
        await server.WaitAsync(child, "running");
        await server.WaitAsync(parent, "queued");
        await server.PostAsync($"/api/v1/jobs/{parent}/cancel");
        Assert.Equal(("cancelled", "cancelling"), (State(await server.JobAsync(parent)), State(await server.JobAsync(child))));

        var retry = server.PostAsync($"/api/v1/jobs/{parent}/retry");
        await Task.Delay(300);
        Assert.False(retry.IsCompleted);
        Assert.Equal("cancelled", State(await server.JobAsync(parent)));
        gate.Pass.Release();
        var (status, view) = await retry;
        Assert.Equal((200, "queued"), (status, State(view)));
        gate.Open();
        Assert.Equal("succeeded", State(await server.WaitAsync(parent, "succeeded", "failed")));
        Assert.Equal("succeeded", State(await server.JobAsync(child)));
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task A_killed_parent_finds_its_children_again()
    {
        var name = nameof(A_killed_parent_finds_its_children_again);
        var gate = Gate.Of(name);
        string snapshot;
        string parent;
        string child;
        await using (var server = await LabServer.StartAsync())
        {
            parent = await server.SubmitAsync(new { cells = 2, children = name });
            child = await ChildAsync(server, parent, "child-0");
            await server.WaitAsync(child, "running");
            snapshot = server.Snapshot();
        }

        gate.Open();
        await using (var server = await LabServer.StartOnAsync(snapshot, ownsData: true))
        {
            await server.WaitAsync(parent, "succeeded", "failed");
            var children = (await server.GetJsonAsync($"/api/v1/jobs?parent={parent}")).GetProperty("items").EnumerateArray().ToArray();
            Assert.Equal(2, children.Length);
            Assert.Contains(children, c => c.GetProperty("id").GetString() == child);
            Assert.Equal("succeeded", State(await server.JobAsync(parent)));
        }
    }

    private static string State(JsonElement job) => job.GetProperty("state").GetString()!;

    private static double[] Values(JsonElement result) => [.. result.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];

    private static async Task DoneAsync(LabServer server, string id, int done)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while ((await server.JobAsync(id)).GetProperty("progress").GetProperty("done").GetInt32() < done)
        {
            Assert.True(DateTime.UtcNow < deadline, $"waited for {done} cells of {await server.JobAsync(id)}");
            await Task.Delay(20);
        }
    }

    private static async Task<string> ChildAsync(LabServer server, string parent, string role)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var found = (await server.GetJsonAsync($"/api/v1/jobs?parent={parent}")).GetProperty("items").EnumerateArray().FirstOrDefault(c => c.GetProperty("role").GetString() == role);
            if (found.ValueKind is JsonValueKind.Object)
            {
                return found.GetProperty("id").GetString()!;
            }

            Assert.True(DateTime.UtcNow < deadline, $"waited for {role}");
            await Task.Delay(20);
        }
    }

    /// <summary>A queue that looks around before it takes a job.</summary>
    private sealed class WatchedQueue(HangfireJobQueue inner, Func<string, Task> look) : IJobQueue, IAsyncDisposable
    {
        public string State => inner.State;

        public async Task EnqueueAsync(string jobId, DateTimeOffset since, CancellationToken cancellation)
        {
            await look(jobId);
            await inner.EnqueueAsync(jobId, since, cancellation);
        }

        public Task StartAsync(CancellationToken cancellation) => inner.StartAsync(cancellation);

        public Task StopAsync(CancellationToken cancellation) => inner.StopAsync(cancellation);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
