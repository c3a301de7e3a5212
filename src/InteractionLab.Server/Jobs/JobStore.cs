using System.Linq.Expressions;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>Reads jobs, and tells subscribers of what was read.</summary>
internal sealed class JobStore(IDbContextFactory<LabDb> store, JobEvents events)
{
    private static readonly Expression<Func<JobRow, JobRow>> WithoutSpec = j => new JobRow
    {
        Sequence = j.Sequence,
        Id = j.Id,
        Kind = j.Kind,
        Name = j.Name,
        State = j.State,
        Spec = "",
        RequestHash = "",
        Parent = j.Parent,
        Role = j.Role,
        Waits = j.Waits,
        Total = j.Total,
        Done = j.Done,
        Unit = j.Unit,
        Uncounted = j.Uncounted,
        Message = j.Message,
        SecondsLeft = j.SecondsLeft,
        Error = j.Error,
        Attempts = j.Attempts,
        CreatedAt = j.CreatedAt,
        StartedAt = j.StartedAt,
        FinishedAt = j.FinishedAt,
    };

    /// <summary>The row of a job.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<JobRow> RowAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, cancellation) ?? throw new NotFoundException("job", id);
    }

    /// <summary>A job with its live progress.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<JobView> ViewAsync(string id, CancellationToken cancellation) => Live(JobView.From(await RowAsync(id, cancellation)));

    /// <summary>Jobs, newest first. Their specs stay where they are: a hundred long ones are not read for a list.</summary>
    public async Task<Page<JobEntry>> ListAsync(JobQuery query, CancellationToken cancellation)
    {
        var request = PageRequest.From(query.Take, query.After);
        await using var db = await store.CreateDbContextAsync(cancellation);
        var rows = db.Jobs.AsNoTracking().Where(j => j.Sequence < request.Before);
        if (query.State is { } state)
        {
            var name = JobStates.Format(state);
            rows = rows.Where(j => j.State == name);
        }

        if (query.Kind is { } kind)
        {
            rows = rows.Where(j => j.Kind == kind);
        }

        if (query.Parent is { } parent)
        {
            rows = rows.Where(j => j.Parent == parent);
        }

        var page = await rows.OrderByDescending(j => j.Sequence).Take(request.Take + 1).Select(WithoutSpec).ToListAsync(cancellation);
        return Page<JobEntry>.From(page, request, j => j.Sequence, row => Live(JobEntry.Of(row)));
    }

    /// <summary>Reads a job again and tells subscribers that its state changed.</summary>
    public async Task<JobView> PublishStateAsync(string id, CancellationToken cancellation)
    {
        var view = JobView.From(await RowAsync(id, cancellation));
        events.Publish(JobEventKind.State, view);
        return view;
    }

    /// <summary>Keeps the last message and the expected time, so that a list read after a restart is not blank.</summary>
    public async Task SaveProgressAsync(string id, ProgressView progress, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        await db.Jobs.Where(j => j.Id == id).ExecuteUpdateAsync(set => set.SetProperty(j => j.Message, progress.Message).SetProperty(j => j.SecondsLeft, progress.SecondsLeft), cancellation);
    }

    private TEntry Live<TEntry>(TEntry job)
        where TEntry : JobEntry =>
        job.State is JobState.Running && events.Live(job.Id) is { } live && live.Progress.Done >= job.Progress.Done ? (TEntry)(job with { Progress = live.Progress }) : job;
}
