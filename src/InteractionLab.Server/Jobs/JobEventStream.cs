using System.Globalization;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// News of one job as server-sent events. The id of every event is the number of the last cell sent, so a client that
/// comes back with Last-Event-ID gets the cells it missed, from the store; state and progress are sent as they are now.
/// </summary>
internal sealed class JobEventStream
{
    private const int Batch = 500;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private readonly HttpResponse _response;
    private readonly JobService _jobs;
    private readonly string _id;
    private int _seen;

    private JobEventStream(HttpResponse response, JobService jobs, string id, int seen)
    {
        _response = response;
        _jobs = jobs;
        _id = id;
        _seen = seen;
    }

    /// <summary>Streams until the job ends, the client leaves or the server stops.</summary>
    public static async Task StreamAsync(string id, HttpContext context, JobService jobs, JobEvents events, TimeProvider time, IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        var asked = LastEventId(context.Request);
        await jobs.FindAsync(id, cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);

        // Subscribed before the job is read: what happens after the reading is news.
        await using var news = events.Subscribe(id, stop.Token).GetAsyncEnumerator(stop.Token);
        var job = await jobs.FindAsync(id, cancellation);
        var stream = new JobEventStream(context.Response, jobs, id, Math.Min(asked ?? job.Cells, job.Cells));
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await stream.RunAsync(job, news, time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left or the server stops; a client that wants more comes back.
        }
    }

    private static int? LastEventId(HttpRequest request) =>
        !request.Headers.TryGetValue("Last-Event-ID", out var text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw new InvalidInputException("Last-Event-ID", "must be the id of an earlier event");

    private async Task RunAsync(JobView job, IAsyncEnumerator<JobEvent> news, TimeProvider time, CancellationToken cancellation)
    {
        await _response.WriteAsync("retry: 2000\n\n", cancellation);
        await SendAsync("state", job, cancellation);
        await SendAsync("progress", job.Progress, cancellation);
        await SendCellsAsync(cancellation);
        var state = job.State;
        var next = job.IsFinished ? null : news.MoveNextAsync().AsTask();
        while (next is not null)
        {
            if (await Task.WhenAny(next, Task.Delay(Heartbeat, time, cancellation)) != next)
            {
                cancellation.ThrowIfCancellationRequested();
                await _response.WriteAsync(": still here\n\n", cancellation);
                await _response.Body.FlushAsync(cancellation);
                continue;
            }

            if (!await next || news.Current.Job is not { } now)
            {
                return;
            }

            await SendCellsAsync(cancellation);
            await SendAsync("progress", now.Progress, cancellation);
            if (now.State != state)
            {
                state = now.State;
                await SendAsync("state", now, cancellation);
            }

            next = now.IsFinished ? null : news.MoveNextAsync().AsTask();
        }
    }

    private async Task SendCellsAsync(CancellationToken cancellation)
    {
        IReadOnlyList<CellView> cells;
        do
        {
            cells = await _jobs.CellsAfterAsync(_id, _seen, Batch, cancellation);
            foreach (var cell in cells)
            {
                _seen = cell.Sequence;
                await SendAsync("cell", cell, cancellation);
            }
        }
        while (cells.Count == Batch);
    }

    private async Task SendAsync<T>(string name, T data, CancellationToken cancellation)
    {
        await _response.WriteAsync($"event: {name}\nid: {_seen}\ndata: {JsonSerializer.Serialize(data, LabJson.Options)}\n\n", cancellation);
        await _response.Body.FlushAsync(cancellation);
    }
}
