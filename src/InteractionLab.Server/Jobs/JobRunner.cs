using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Jobs;

/// <summary>Runs one attempt at a job: the cells that are missing, one by one, then the result.</summary>
internal sealed partial class JobRunner(JobStore jobs, JobStates states, CellStore cells, JobOutputs outputs, JobEvents events, JobContexts contexts, RunningJobs running, Followers followers, ExperimentRegistry experiments, ILabCatalog catalog, IOptions<LabOptions> options, TimeProvider time, ILogger<JobRunner> log)
{
    /// <summary>
    /// Runs a job if it is queued; does nothing otherwise, so that a delivery that comes twice is harmless. Every error of
    /// the job ends in its state; none is thrown.
    /// </summary>
    /// <returns>Whether it was this call that ran it.</returns>
    public async Task<bool> RunAsync(string jobId, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            return false;
        }

        // The attempt is registered before the state says running: whoever moves the job to cancelling finds it.
        using var attempt = running.Begin(jobId, stopping);
        if (attempt is null || !await states.MoveAsync(jobId, JobState.Queued, JobState.Running, new() { Started = true, ClearError = true }, CancellationToken.None))
        {
            return false;
        }

        var job = await jobs.RowAsync(jobId, CancellationToken.None);
        LogStarted(log, jobId, job.Kind, job.Attempts, job.Done, job.Total);
        await jobs.PublishStateAsync(jobId, CancellationToken.None);
        try
        {
            await ComputeAsync(job, attempt.Token);
            await EndAsync(jobId, JobState.Succeeded, new() { Finished = true, ResetRecoveries = true });
        }
        catch (JobWaitsException wait)
        {
            await WaitAsync(jobId, wait);
        }
        catch (OperationCanceledException) when (attempt.Token.IsCancellationRequested)
        {
            // Either somebody asked for it, and the state says cancelling, or the server stops and the job waits for the next start.
            await EndAsync(jobId, JobState.Queued, new());
        }
#pragma warning disable CA1031 // Whatever an experiment throws is the job's end, and never the server's.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(log, error, jobId);
            await EndAsync(jobId, JobState.Failed, new() { Finished = true, Error = JobErrors.Describe(error) });
        }

        var end = await jobs.PublishStateAsync(jobId, CancellationToken.None);
        LogEnded(log, jobId, end.State, end.Progress.Done, end.Progress.Total);
        if (end.IsFinished)
        {
            // The parent of a job without a result looks at it in the job's own place: where there is but one, it stops its
            // other children before the next of them takes it.
            if (end.State is not JobState.Succeeded && job.Parent is { } parent)
            {
                await RunAsync(parent, stopping);
            }

            await followers.EnqueueAfterEndAsync(jobId, CancellationToken.None);
        }

        return true;
    }

    /// <summary>Puts a job back into the queue until a job that it needs has changed.</summary>
    private async Task WaitAsync(string jobId, JobWaitsException wait)
    {
        await EndAsync(jobId, JobState.Queued, new() { Waits = wait.Until, Message = wait.Message });

        // Guarantee: no wake-up is lost. What happened before the line above did not find this job waiting, but shows in
        // the comparison; what happens after it finds the job.
        if (Followers.HasHappened(wait.Until, wait.Seen, await followers.NeededAsync(jobId, CancellationToken.None)))
        {
            await followers.EnqueueAsync(jobId, CancellationToken.None);
        }
    }

    /// <summary>
    /// Lets the jobs that follow this one look at its new cell. Where no place is free they take turns with it in its own:
    /// a follower of a long job shows what there is while the long job goes on, and no other job is pushed back.
    /// </summary>
    private async Task TakeTurnsAsync(string jobId, CancellationToken cancellation)
    {
        foreach (var follower in await followers.AfterCellAsync(jobId, CancellationToken.None))
        {
            if (running.Count >= options.Value.ParallelJobs)
            {
                // Ends with the follower waiting again, finished, or asked to stop because this job is.
                await RunAsync(follower, cancellation);
                if (!cancellation.IsCancellationRequested)
                {
                    continue;
                }
            }

            await followers.EnqueueAsync(follower, CancellationToken.None);
        }
    }

    private async Task EndAsync(string jobId, JobState to, StateChange change)
    {
        if (!await states.MoveAsync(jobId, JobState.Running, to, change, CancellationToken.None))
        {
            await states.MoveAsync(jobId, JobState.Cancelling, JobState.Cancelled, new() { Finished = true, ResetRecoveries = true }, CancellationToken.None);
        }
    }

    private async Task ComputeAsync(JobRow job, CancellationToken cancellation)
    {
        var spec = JsonSerializer.Deserialize<JsonElement>(job.Spec, LabJson.Options);
        var plan = await experiments.Get(job.Kind).PlanAsync(spec, catalog, cancellation);
        var finished = await cells.FinishedAsync(job.Id, cancellation);
        CheckPlan(job, plan, finished);
        foreach (var cell in cells.Damaged(finished.Values))
        {
            LogDamaged(log, job.Id, cell.Key);
            finished.Remove(cell.Position);
        }

        var missing = Enumerable.Range(0, plan.Cells.Count).Where(i => !finished.ContainsKey(i)).ToList();
        if (missing.Count > 0)
        {
            await RunCellsAsync(job, plan, missing, cells.Open(plan.Cells.Count, finished.Values), cancellation);
        }

        var source = await cells.OpenAsync(job.Id, plan.Cells.Count, cancellation);
        var started = time.GetTimestamp();
        var output = await plan.CompleteAsync(source, cancellation);
        await outputs.WriteAsync(job.Id, output, cancellation);
        catalog.Rates.Record(StorageRates.Complete(job.Kind), plan.Cells.Count, time.GetElapsedTime(started));
        contexts.Close(job.Id);
    }

    private async Task RunCellsAsync(JobRow job, IExperimentPlan plan, List<int> missing, ICellSource finished, CancellationToken cancellation)
    {
        var progress = new JobProgress(job, jobs, events, time);
        var context = contexts.Open(job.Id, job.Name, finished);
        await using var run = await plan.StartAsync(context, cancellation);
        var ahead = (run as IPipelinedRun)?.Ahead ?? 0;

        // Cells that were begun and are not committed, oldest first.
        var pending = new Queue<Task>();
        var last = Task.CompletedTask;
        try
        {
            foreach (var index in missing)
            {
                cancellation.ThrowIfCancellationRequested();
                var rest = await BeginCellAsync(job, run, plan, index, progress, cancellation);
                pending.Enqueue(last = CommitAsync(job, plan, index, rest, last, progress, cancellation));
                while (pending.Count > ahead)
                {
                    await pending.Dequeue();
                    await TakeTurnsAsync(job.Id, cancellation);
                }
            }
        }
        finally
        {
            // Cells that were begun end before the run goes: they are committed, or one of them failed first and says so.
            await SettleAsync(pending);
        }

        await TakeTurnsAsync(job.Id, cancellation);
    }

    /// <summary>Awaits all of them; of several errors the first is thrown.</summary>
    private static async Task SettleAsync(Queue<Task> pending)
    {
        await Task.WhenAll(pending).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (pending.TryDequeue(out var cell))
        {
            await cell;
        }
    }

    /// <summary>Commits a cell when it is computed and those begun before it are committed.</summary>
    private async Task CommitAsync(JobRow job, IExperimentPlan plan, int index, Task<CellPayload> rest, Task before, JobProgress progress, CancellationToken cancellation)
    {
        CellPayload payload;
        try
        {
            payload = await rest;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            await before;
            throw new CellFailedException(plan.Cells[index], plan.Unit, error);
        }

        await before;

        // A cell that was computed is committed even when the job is being cancelled: work done is kept.
        var started = time.GetTimestamp();
        var cell = await cells.CommitAsync(job, index, plan.Cells[index], payload, CancellationToken.None);
        catalog.Rates.Record(StorageRates.Commit, 1, time.GetElapsedTime(started));
        await progress.CellDoneAsync(cell, CancellationToken.None);
    }

    /// <summary>Computes a cell, or where the run can its first part; the task it gives is the rest.</summary>
    private async Task<Task<CellPayload>> BeginCellAsync(JobRow job, IExperimentRun run, IExperimentPlan plan, int index, JobProgress progress, CancellationToken cancellation)
    {
        var needed = await followers.NeededAsync(job.Id, cancellation);
        var share = progress.Begin();
        try
        {
            return run is IPipelinedRun pipelined
                ? await pipelined.BeginCellAsync(index, share, cancellation)
                : Task.FromResult(await run.RunCellAsync(index, share, cancellation));
        }
        catch (NotReadyException wait)
        {
            throw new JobWaitsException(wait, needed);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw new CellFailedException(plan.Cells[index], plan.Unit, error);
        }
    }

    private static void CheckPlan(JobRow job, IExperimentPlan plan, Dictionary<int, CellRow> finished)
    {
        if (plan.Cells.Count != job.Total || finished.Values.Any(c => plan.Cells[c.Position] != c.Key))
        {
            throw new InvalidDataException("The plan of this job is not the one its finished cells belong to: the program or its inputs changed. Submit it again as a new job.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Id} ({Kind}) starts, attempt {Attempt}, {Done} of {Total} cells finished before")]
    private static partial void LogStarted(ILogger logger, string id, string kind, int attempt, int done, int total);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Id} is {State}, {Done} of {Total} cells")]
    private static partial void LogEnded(ILogger logger, string id, JobState state, int done, int total);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cell {Key} of job {Id} is damaged; it is computed again")]
    private static partial void LogDamaged(ILogger logger, string id, string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Id} failed")]
    private static partial void LogFailed(ILogger logger, Exception error, string id);
}

/// <summary>A cell needs what another job has not made yet.</summary>
internal sealed class JobWaitsException(NotReadyException wait, IReadOnlyList<NeededJob> seen) : Exception(wait.Message, wait)
{
    /// <summary>What it waits for.</summary>
    public JobWait Until { get; } = wait.Until;

    /// <summary>How far the jobs were that it needs, before the cell looked.</summary>
    public IReadOnlyList<NeededJob> Seen { get; } = seen;
}

/// <summary>A cell could not be computed.</summary>
/// <param name="key">The plan's key of the cell.</param>
/// <param name="unit">What the plan calls its cells.</param>
/// <param name="inner">Why not.</param>
internal sealed class CellFailedException(string key, string unit, Exception inner) : Exception($"Cell {key} failed.", inner)
{
    /// <summary>What a person calls the cell: <c>epoch 3</c> for <c>epoch/3</c>; null of a job of a chain, whose error names it.</summary>
    public string? Part { get; } = unit == "jobs" ? null : PartOf(key);

    private static string PartOf(string key)
    {
        var words = new List<string>();
        foreach (var word in key.Split('/'))
        {
            if (words.Count > 0 && word.All(char.IsAsciiDigit))
            {
                words[^1] += " " + word;
            }
            else
            {
                words.Add(word);
            }
        }

        return string.Join(", ", words);
    }
}

/// <summary>What a person is told of a job that failed: the message of the error, never its stack.</summary>
internal static class JobErrors
{
    public static string Describe(Exception error) => error switch
    {
        CellFailedException { InnerException: { } inner, Part: var part } => Named(part, Describe(inner)),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        OutOfMemoryException => "Not enough memory.",
        _ when DiskFull.Is(error) => "The disk of the data directory is full. Free some space, then retry the job.",
        SpecException => $"The spec no longer holds: {error.Message}",
        _ => string.IsNullOrWhiteSpace(error.Message) ? error.GetType().Name : error.Message,
    };

    // An error that says by itself where it happened is not told so twice.
    private static string Named(string? part, string message) =>
        part is null || message.Contains(part, StringComparison.OrdinalIgnoreCase) ? message : $"{char.ToUpperInvariant(part[0])}{part[1..]}: {message}";
}
