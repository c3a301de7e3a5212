using InteractionLab.Server.Jobs;
using InteractionLab.Server.Tests.Support;

namespace InteractionLab.Server.Tests;

public sealed class EventTests
{
    [Fact]
    public async Task The_first_event_comes_at_once_and_the_stream_ends_with_the_job()
    {
        await using var server = await LabServer.StartAsync();
        var name = nameof(The_first_event_comes_at_once_and_the_stream_ends_with_the_job);
        var id = await server.SubmitAsync(new { cells = 3, gate = name });
        using var response = await server.Client.GetAsync($"/api/v1/jobs/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = await ReadAsync(reader);
        Assert.Equal("state", first!.Value.Event);
        Gate.Of(name).Open();
        var rest = await ReadAllAsync(reader);
        Assert.Equal(["1", "2", "3"], rest.Where(e => e.Event == "cell").Select(e => e.Id));
        Assert.Equal("state", rest[^1].Event);
        Assert.Contains("\"succeeded\"", rest[^1].Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Last_event_id_brings_the_cells_that_were_missed()
    {
        await using var server = await LabServer.StartAsync();
        var id = await server.SubmitAsync(new { cells = 5 });
        await server.WaitAsync(id, "succeeded");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/jobs/{id}/events");
        request.Headers.Add("Last-Event-ID", "2");
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var events = await ReadAllAsync(reader);
        Assert.Equal(["3", "4", "5"], events.Where(e => e.Event == "cell").Select(e => e.Id));
    }

    [Fact]
    public async Task Every_subscriber_sees_the_end_and_a_slow_one_only_the_latest()
    {
        await using var server = await LabServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var name = nameof(Every_subscriber_sees_the_end_and_a_slow_one_only_the_latest);
        var id = await server.SubmitAsync(new { cells = 200, gate = name });
        var hub = server.Get<JobEvents>();
        await using var slow = hub.Subscribe(id, stop.Token).GetAsyncEnumerator(stop.Token);
        var readers = Enumerable.Range(0, 3).Select(_ => LastAsync(hub.Subscribe(id, stop.Token))).ToList();
        Gate.Of(name).Open();
        foreach (var last in await Task.WhenAll(readers))
        {
            Assert.Equal((JobState.Succeeded, 200), (last.Job!.State, last.Job.Progress.Done));
        }

        Assert.True(await slow.MoveNextAsync());
        Assert.Equal(JobState.Succeeded, slow.Current.Job!.State);
    }

    private static async Task<JobEvent> LastAsync(IAsyncEnumerable<JobEvent> events)
    {
        await foreach (var news in events)
        {
            if (news.Job is { IsFinished: true })
            {
                return news;
            }
        }

        throw new InvalidOperationException("The subscription ended before the job.");
    }

    private static async Task<List<(string Event, string Id, string Data)>> ReadAllAsync(StreamReader reader)
    {
        var events = new List<(string, string, string)>();
        while (await ReadAsync(reader) is { } next)
        {
            events.Add(next);
        }

        return events;
    }

    private static async Task<(string Event, string Id, string Data)?> ReadAsync(StreamReader reader)
    {
        string? name = null, id = null, data = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0 && name is not null)
            {
                return (name, id!, data!);
            }

            name = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : name;
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : data;
        }

        return null;
    }
}
