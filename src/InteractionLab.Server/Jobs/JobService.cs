using System.Text;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Jobs;

/// <summary>Submits, shows, cancels, retries and deletes jobs.</summary>
internal sealed class JobService(IDbContextFactory<LabDb> store, JobStore jobs, JobStates states, CellStore cells, JobOutputs outputs, PartialResults partials, FileStore files, JobEvents events, RunningJobs running, Followers followers, IJobQueue queue, ExperimentRegistry experiments, ILabCatalog catalog, Manifests manifests, DiskReserve disk, IOptions<LabOptions> options, TimeProvider time)
{
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettlingPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>Validates and queues a job.</summary>
    /// <param name="kind">Kind of experiment.</param>
    /// <param name="name">Display name; null takes the kind's title.</param>
    /// <param name="spec">What to compute.</param>
    /// <param name="idempotencyKey">The same key with the same request gives the job that is there already.</param>
    /// <param name="cancellation">Stops; either the job is queued or nothing is kept.</param>
    /// <returns>The job, and whether it is new.</returns>
    /// <exception cref="SpecException">The spec is wrong; every fault is named.</exception>
    /// <exception cref="InvalidInputException">Kind, name or key are wrong.</exception>
    /// <exception cref="ConflictException">The key was used for another request.</exception>
    public async Task<(JobView Job, bool Created)> SubmitAsync(string? kind, string? name, JsonElement spec, string? idempotencyKey, CancellationToken cancellation)
    {
        var key = IdempotencyKeys.Check(idempotencyKey);
        var hash = IdempotencyKeys.Hash(kind, name, spec);
        if (key is not null && await FindByKeyAsync(key, hash, cancellation) is { } known)
        {
            return (known, false);
        }

        var (row, plan) = await NewRowAsync(kind, name, spec, hash, cancellation);
        row.IdempotencyKey = key;
        if (!await InsertAsync(row, plan, cancellation))
        {
            // The same key came twice at once, and this was the later one.
            return (await FindByKeyAsync(key!, hash, cancellation) ?? throw new ConflictException("The job of this Idempotency-Key was deleted meanwhile."), false);
        }

        // From here the job is queued for good: if the server ends before the next line, the next start enqueues it.
        await queue.EnqueueAsync(row.Id, row.CreatedAt, CancellationToken.None);
        return (await jobs.PublishStateAsync(row.Id, CancellationToken.None), true);
    }

    /// <summary>Queues a job that belongs to another, unless it has one in that role already.</summary>
    /// <returns>The child's id.</returns>
    /// <exception cref="SpecException">The spec is wrong.</exception>
    public async Task<string> SubmitChildAsync(string parent, string role, string kind, string name, JsonElement spec, CancellationToken cancellation)
    {
        if (await FindChildAsync(parent, role, cancellation) is { } known)
        {
            return known;
        }

        var (row, plan) = await NewRowAsync(kind, name, spec, IdempotencyKeys.Hash(kind, name, spec), cancellation);
        (row.Parent, row.Role) = (parent, role);
        if (!await InsertAsync(row, plan, cancellation))
        {
            return await FindChildAsync(parent, role, cancellation) ?? throw new ConflictException($"The job in the role {role} was deleted meanwhile.");
        }

        await queue.EnqueueAsync(row.Id, row.CreatedAt, CancellationToken.None);
        await jobs.PublishStateAsync(row.Id, CancellationToken.None);
        return row.Id;
    }

    /// <summary>What a job would cost; nothing is queued.</summary>
    /// <exception cref="SpecException">The spec is wrong.</exception>
    /// <exception cref="InvalidInputException">The kind is wrong.</exception>
    public async Task<EstimateView> EstimateAsync(string? kind, JsonElement spec, CancellationToken cancellation)
    {
        var plan = await PlanAsync(experiments.Get(kind), spec, cancellation);
        var estimate = await plan.EstimateAsync(cancellation);
        return new(estimate.ForwardPasses, estimate.Bytes, estimate.Seconds, plan.Cells.Count - plan.Uncounted, plan.Unit, estimate.Basis, estimate.SavedPasses, estimate.Note, estimate.HeadPasses);
    }

    /// <summary>Jobs, newest first.</summary>
    public Task<Page<JobEntry>> ListAsync(JobQuery query, CancellationToken cancellation) => jobs.ListAsync(query, cancellation);

    /// <summary>One job with its live progress.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public Task<JobView> FindAsync(string id, CancellationToken cancellation) => jobs.ViewAsync(id, cancellation);

    /// <summary>Stops a job and those that belong to it: at once where it waits, after the cell in flight notices where it runs.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    /// <exception cref="ConflictException">It is finished.</exception>
    public async Task<JobView> CancelAsync(string id, CancellationToken cancellation)
    {
        var view = await CancelOneAsync(id, cancellation);

        // The job itself first: from here it queues no more children. If the server ends before the last of them is
        // cancelled, those go on by themselves and can be cancelled one by one.
        await CancelChildrenAsync(id, cancellation);
        await followers.EnqueueAfterEndAsync(id, CancellationToken.None);
        return view;
    }

    /// <summary>Stops the jobs that belong to a job and have not ended.</summary>
    public async Task CancelChildrenAsync(string id, CancellationToken cancellation)
    {
        foreach (var child in await ChildrenAsync(id, ["queued", "running"], cancellation))
        {
            try
            {
                await CancelAsync(child, cancellation);
            }
            catch (LabException)
            {
                // It has ended, or is gone.
            }
        }
    }

    private async Task<JobView> CancelOneAsync(string id, CancellationToken cancellation)
    {
        while (true)
        {
            var state = JobStates.Parse((await jobs.RowAsync(id, cancellation)).State);
            switch (state)
            {
                case JobState.Queued when await states.MoveAsync(id, state, JobState.Cancelled, new() { Finished = true, ResetRecoveries = true }, CancellationToken.None):
                    return await jobs.PublishStateAsync(id, CancellationToken.None);
                case JobState.Running when await states.MoveAsync(id, state, JobState.Cancelling, new(), CancellationToken.None):
                    var view = await jobs.PublishStateAsync(id, CancellationToken.None);
                    running.Cancel(id);
                    return view;
                case JobState.Queued or JobState.Running:
                    // It moved on between the two lines above: look again.
                    break;
                case JobState.Cancelling:
                    return await jobs.ViewAsync(id, cancellation);
                default:
                    throw new ConflictException($"The job is {JobStates.Format(state)}; only a queued or running job can be cancelled.");
            }
        }
    }

    /// <summary>Queues a failed or cancelled job again, and those that belong to it; finished cells are kept.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    /// <exception cref="ConflictException">It is in another state, one that belongs to it is still being cancelled after ten seconds, or a model or dataset of either is gone; nothing was queued.</exception>
    public async Task<JobView> RetryAsync(string id, CancellationToken cancellation)
    {
        var family = await RetriedWithAsync(id, cancellation);

        // Guarantee: none of them runs before all of them are queued. A child that fails at once would else find its parent
        // not yet waiting for it, and the other children would work for nothing.
        List<string> queued = [];
        foreach (var (member, state) in family)
        {
            // A child that somebody else queued meanwhile is in that one's hands.
            if (await states.MoveAsync(member, state, JobState.Queued, new() { ClearError = true, ResetRecoveries = true }, CancellationToken.None))
            {
                queued.Add(member);
            }
        }

        JobView? view = null;
        foreach (var member in queued)
        {
            await queue.EnqueueAsync(member, time.Now(), CancellationToken.None);
            view = await jobs.PublishStateAsync(member, CancellationToken.None);
        }

        return view?.Id == id ? view : throw new ConflictException("The job was queued by another request a moment ago.");
    }

    /// <summary>
    /// A failed or cancelled job behind those that belong to it and are so too: the order they are to run in, for it looks at them
    /// as soon as it runs. Those that are still being cancelled are waited for, since they would end as cancelled under the new attempt.
    /// </summary>
    private async Task<List<(string Id, JobState State)>> RetriedWithAsync(string id, CancellationToken cancellation)
    {
        var state = JobStates.Parse((await jobs.RowAsync(id, cancellation)).State);
        if (state is not (JobState.Failed or JobState.Cancelled))
        {
            throw new ConflictException($"The job is {JobStates.Format(state)}; only a failed or cancelled job can be retried.");
        }

        await using (var db = await store.CreateDbContextAsync(cancellation))
        {
            await JobInputs.RequireForRetryAsync(db, id, cancellation);
        }

        await SettleChildrenAsync(id, cancellation);
        List<(string Id, JobState State)> family = [];
        foreach (var child in await ChildrenAsync(id, ["failed", "cancelled"], cancellation))
        {
            family.AddRange(await RetriedWithAsync(child, cancellation));
        }

        return [.. family, (id, state)];
    }

    /// <exception cref="ConflictException">A job that belongs to this one took too long to notice that it is cancelled.</exception>
    private async Task SettleChildrenAsync(string id, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (await ChildrenAsync(id, [JobStates.Format(JobState.Cancelling)], cancellation) is [var child, ..])
        {
            if (time.GetElapsedTime(since) > LongestSettling)
            {
                throw new ConflictException($"The job '{child}' that belongs to it is still being cancelled; retry when it is cancelled.");
            }

            await Task.Delay(SettlingPoll, time, cancellation);
        }
    }

    /// <summary>Deletes a finished job with its cells and results.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    /// <exception cref="ConflictException">It is not finished, or another job that has not succeeded needs it.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellation)
    {
        await jobs.RowAsync(id, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        var payloads = await db.Cells.Where(c => c.JobId == id).Select(c => c.Sha256).Distinct().ToListAsync(cancellation);
        await disk.EssentialAsync(() => DeleteRowAsync(db, id, cancellation));
        partials.Forget(id);
        outputs.Delete(id);
        await files.DeleteUnreferencedAsync(payloads, candidates => StoreStart.ReferencedAsync(db, candidates, CancellationToken.None), CancellationToken.None);
        events.PublishDeleted(id);
    }

    private static async Task<bool> DeleteRowAsync(LabDb db, string id, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await JobInputs.RequireUnusedAsync(db, JobInputRow.Job, id, cancellation);
        List<string> finished = ["succeeded", "failed", "cancelled"];

        // The database deletes the cells and inputs with their job.
        if (await db.Jobs.Where(j => j.Id == id && finished.Contains(j.State)).ExecuteDeleteAsync(CancellationToken.None) == 0)
        {
            var state = await db.Jobs.Where(j => j.Id == id).Select(j => j.State).SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("job", id);
            throw new ConflictException(NotDeletable(state));
        }

        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    private static string NotDeletable(string state) => JobStates.Parse(state) switch
    {
        JobState.Queued or JobState.Running => $"The job is {state}; cancel it first.",
        JobState.Cancelling => "The job is cancelling; delete it when it is cancelled.",
        _ => $"The job was not finished a moment ago and is {state} now; delete it again.",
    };

    /// <summary>The payloads of the cells that are finished now.</summary>
    /// <exception cref="NotFoundException">There is no job with this id.</exception>
    public async Task<ICellSource> OpenCellsAsync(string id, CancellationToken cancellation) =>
        await cells.OpenAsync(id, (await jobs.RowAsync(id, cancellation)).Total, cancellation);

    /// <summary>Cells committed after one, in the order of commitment; <paramref name="sequence"/> 0 starts at the first.</summary>
    public Task<IReadOnlyList<CellView>> CellsAfterAsync(string id, int sequence, int take, CancellationToken cancellation) =>
        cells.AfterAsync(id, sequence, take, cancellation);

    private async Task<IExperimentPlan> PlanAsync(IExperiment experiment, JsonElement spec, CancellationToken cancellation)
    {
        if (spec.ValueKind is not JsonValueKind.Object)
        {
            throw new InvalidInputException("spec", "must be a JSON object");
        }

        var length = Encoding.UTF8.GetByteCount(spec.GetRawText());
        if (length > options.Value.MaxRequestBytes)
        {
            throw new InvalidInputException("spec", $"is {length} bytes long; this server takes {options.Value.MaxRequestBytes} (Lab:MaxRequestBytes). Tables of games go into a dataset");
        }

        // Planning reads files and may run a network: not work for the thread that answers requests.
        var plan = await Task.Run(() => experiment.PlanAsync(spec, catalog, cancellation), cancellation);
        return plan.Estimate.ForwardPasses > catalog.MaxForwardPasses
            ? throw new InvalidInputException("spec", $"needs {plan.Estimate.ForwardPasses} forward passes; this server allows {catalog.MaxForwardPasses} a job (Lab:MaxForwardPasses)")
            : plan;
    }

    private async Task<(JobRow Row, IExperimentPlan Plan)> NewRowAsync(string? kind, string? name, JsonElement spec, string hash, CancellationToken cancellation)
    {
        var experiment = experiments.Get(kind);
        var cleanName = Names.Clean(name, experiment.Title);
        var plan = await PlanAsync(experiment, spec, cancellation);
        var row = new JobRow
        {
            Id = Names.NewId(),
            Kind = experiment.Kind,
            Name = cleanName,
            State = JobStates.Format(JobState.Queued),
            Spec = JsonSerializer.Serialize(plan.Spec, LabJson.Options),
            RequestHash = hash,
            Total = plan.Cells.Count,
            Unit = plan.Unit,
            Uncounted = plan.Uncounted,
            CreatedAt = time.Now(),
        };
        return (row, plan);
    }

    private async Task<string?> FindChildAsync(string parent, string role, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Jobs.Where(j => j.Parent == parent && j.Role == role).Select(j => j.Id).SingleOrDefaultAsync(cancellation);
    }

    private async Task<List<string>> ChildrenAsync(string parent, List<string> inStates, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Jobs.Where(j => j.Parent == parent && inStates.Contains(j.State)).OrderBy(j => j.Sequence).Select(j => j.Id).ToListAsync(cancellation);
    }

    /// <returns>False where a job has the key, or the place in the parent, already; nothing was inserted.</returns>
    private async Task<bool> InsertAsync(JobRow row, IExperimentPlan plan, CancellationToken cancellation)
    {
        disk.RequireRoom();
        await using var db = await store.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if ((row.IdempotencyKey is { } key && await db.Jobs.AnyAsync(j => j.IdempotencyKey == key, cancellation))
            || (row.Parent is { } parent && await db.Jobs.AnyAsync(j => j.Parent == parent && j.Role == row.Role, cancellation)))
        {
            return false;
        }

        if (row.Parent is null && await db.Jobs.CountAsync(j => j.State == "queued", cancellation) >= options.Value.MaxQueuedJobs)
        {
            throw new BusyException($"{options.Value.MaxQueuedJobs} jobs are waiting already.");
        }

        db.Jobs.Add(row);
        await db.SaveChangesAsync(cancellation);
        await JobInputs.RequireAsync(db, row.Id, plan, cancellation);
        if (row.Parent is not null)
        {
            // The parent needs its child: it is woken when the child ends, and the child cannot be deleted under it.
            db.JobInputs.Add(new JobInputRow { JobId = row.Parent, Type = JobInputRow.Job, InputId = row.Id });
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        await manifests.WriteJobAsync(db, row.Id);
        return true;
    }

    private async Task<JobView?> FindByKeyAsync(string key, string hash, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var row = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.IdempotencyKey == key, cancellation);
        return row is null ? null
            : row.RequestHash == hash ? await jobs.ViewAsync(row.Id, cancellation)
            : throw new ConflictException($"This Idempotency-Key was used for another request, which is job '{row.Id}'.");
    }
}
