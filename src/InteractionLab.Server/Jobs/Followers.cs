using InteractionLab.Experiments;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>How far a job that another one needs is: as far as it matters to who waits.</summary>
internal sealed record NeededJob(string Id, string? End, int Done);

/// <summary>
/// Jobs that need other jobs. They wait in the queue like any job; this finds them when what they need has changed. Nothing
/// here is the truth: a wake-up that is lost to a crash is made up for by the next start, which enqueues every queued job.
/// </summary>
internal sealed class Followers(IDbContextFactory<LabDb> store, IJobQueue queue)
{
    /// <summary>Queued jobs that may go on since a job has finished a cell.</summary>
    public Task<List<string>> AfterCellAsync(string jobId, CancellationToken cancellation) => FindAsync(jobId, cell: true, cancellation);

    /// <summary>Enqueues the jobs that wait for one that has ended. Who waits since longest is next, so they stand before later jobs.</summary>
    public async Task EnqueueAfterEndAsync(string jobId, CancellationToken cancellation)
    {
        foreach (var id in await FindAsync(jobId, cell: false, cancellation))
        {
            await EnqueueAsync(id, cancellation);
        }
    }

    /// <summary>Enqueues a job at the place of its creation, unless it is no longer queued.</summary>
    public async Task EnqueueAsync(string jobId, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var created = await db.Jobs.Where(j => j.Id == jobId && j.State == "queued").Select(j => (DateTimeOffset?)j.CreatedAt).SingleOrDefaultAsync(cancellation);
        if (created is { } since)
        {
            await queue.EnqueueAsync(jobId, since, cancellation);
        }
    }

    /// <summary>How far the jobs are that a job needs.</summary>
    public async Task<IReadOnlyList<NeededJob>> NeededAsync(string jobId, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var rows = await db.JobInputs.AsNoTracking().Where(i => i.JobId == jobId && i.Type == JobInputRow.Job)
            .Join(db.Jobs, i => i.InputId, j => j.Id, (i, j) => new { j.Id, j.State, j.Done })
            .OrderBy(j => j.Id).ToListAsync(cancellation);
        return [.. rows.Select(j => new NeededJob(j.Id, JobStates.Parse(j.State) is JobState.Succeeded or JobState.Failed or JobState.Cancelled ? j.State : null, j.Done))];
    }

    /// <summary>Whether what a job waits for has happened between two looks at the jobs it needs.</summary>
    public static bool HasHappened(JobWait wait, IReadOnlyList<NeededJob> before, IReadOnlyList<NeededJob> now) => wait is JobWait.Cell
        ? !before.SequenceEqual(now)
        : !before.Select(j => (j.Id, j.End)).SequenceEqual(now.Select(j => (j.Id, j.End)));

    private async Task<List<string>> FindAsync(string jobId, bool cell, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.JobInputs.AsNoTracking().Where(i => i.Type == JobInputRow.Job && i.InputId == jobId)
            .Join(db.Jobs, i => i.JobId, j => j.Id, (i, j) => j)
            .Where(j => j.State == "queued" && (!cell || j.Waits != "end"))
            .OrderBy(j => j.Sequence).Select(j => j.Id).ToListAsync(cancellation);
    }
}
