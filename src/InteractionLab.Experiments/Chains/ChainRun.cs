using System.Text.Json;

namespace InteractionLab.Experiments.Chains;

/// <summary>
/// One attempt at a job that is a chain of other jobs: a cell is a step. It queues each step's job as soon as what the step
/// needs is there, and gives up its place while it waits for them; the jobs are children, found again by their role.
/// </summary>
internal sealed class ChainRun(IReadOnlyList<ChainStep> steps, IJobContext context, ILabCatalog catalog) : IExperimentRun
{
    private readonly ChainState _state = new();
    private bool _open;

    /// <inheritdoc/>
    public async Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (!_open)
        {
            foreach (var finished in ChainOutcome.ReadAll(context.Finished, cancellation))
            {
                _state.Done(finished);
            }

            _open = true;
        }

        var step = steps[index];
        await QueueAsync(cancellation).ConfigureAwait(false);
        if (!_state.IsQueued(step.Role))
        {
            throw new InvalidOperationException($"The step {step.Role} comes before what it needs.");
        }

        var outcome = await EndAsync(step, cancellation).ConfigureAwait(false);
        _state.Done(outcome);

        // What this step was waited for is queued before its cell is committed: either both happen again after a crash, or neither.
        await QueueAsync(cancellation).ConfigureAwait(false);
        return new CellPayload(outcome.ToBytes(), $"{step.Title} is done (job {outcome.Job})");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Queues every step whose needs are met, in order.</summary>
    private async Task QueueAsync(CancellationToken cancellation)
    {
        foreach (var step in steps.Where(step => !_state.IsQueued(step.Role) && step.After.All(_state.IsDone)))
        {
            if (step.Beside.All(_state.IsQueued))
            {
                var child = await StartAsync(step, cancellation).ConfigureAwait(false);
                _state.Queued(step.Role, child.Id);

                // A job found again may have ended without a result: then nothing further is begun.
                if (child.State is CatalogJobState.Failed or CatalogJobState.Cancelled)
                {
                    throw await GiveUpAsync(step, child, cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    /// <exception cref="ExperimentException">What the step builds on is gone, such as a network that was trained and then deleted.</exception>
    private async Task<CatalogJob> StartAsync(ChainStep step, CancellationToken cancellation)
    {
        try
        {
            return await context.StartChildAsync(step.Role, step.Kind, $"{context.Name}: {step.Title}", step.Spec(_state), cancellation).ConfigureAwait(false);
        }
        catch (SpecException exception)
        {
            await context.CancelChildrenAsync(cancellation).ConfigureAwait(false);
            throw new ExperimentException($"{step.Title} cannot be queued: {exception.Message}", exception);
        }
    }

    /// <summary>The result of a step's job.</summary>
    /// <exception cref="NotReadyException">It has not ended.</exception>
    /// <exception cref="ExperimentException">It ended without one; the chain's other jobs are cancelled.</exception>
    private async Task<ChainOutcome> EndAsync(ChainStep step, CancellationToken cancellation)
    {
        var id = _state.Job(step.Role);
        var job = await catalog.FindJobAsync(id, cancellation).ConfigureAwait(false) ?? throw new ExperimentException($"The job '{id}' of {step.Title} was deleted.");
        switch (job.State)
        {
            case CatalogJobState.Succeeded:
                var plan = await ExperimentCatalog.Get(job.Kind).PlanAsync(job.Spec, catalog, cancellation).ConfigureAwait(false);
                var output = await plan.CompleteAsync(job.Finished, cancellation).ConfigureAwait(false);
                return new ChainOutcome(step.Role, step.Title, job.Kind, job.Id, JsonSerializer.SerializeToElement(output.Result, output.Result.GetType(), LabJson.Options));
            case CatalogJobState.Failed or CatalogJobState.Cancelled:
                throw await GiveUpAsync(step, job, cancellation).ConfigureAwait(false);
            default:
                throw new NotReadyException($"waits for {step.Title} (job {job.Id})", JobWait.End);
        }
    }

    /// <summary>Stops the other jobs of a chain one of whose jobs ended without a result, for they would work for nothing. What the chain ends with.</summary>
    private async Task<ExperimentException> GiveUpAsync(ChainStep step, CatalogJob job, CancellationToken cancellation)
    {
        await context.CancelChildrenAsync(cancellation).ConfigureAwait(false);
        return new ExperimentException(job.State is CatalogJobState.Failed
            ? $"{step.Title} failed (job {job.Id}): {job.Error}"
            : $"{step.Title} was cancelled (job {job.Id}). A retry of this job retries it.");
    }
}
