using System.Text.Json;
using InteractionLab.Experiments.Speeds;

namespace InteractionLab.Experiments.Chains;

/// <summary>A chain of jobs laid out: one cell a job.</summary>
/// <param name="steps">The jobs, in order.</param>
/// <param name="catalog">Where models, datasets and jobs are found.</param>
internal abstract class ChainPlan(IReadOnlyList<ChainStep> steps, ILabCatalog catalog) : IExperimentPlan
{
    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells => [.. steps.Select(step => step.Role)];

    /// <inheritdoc/>
    public string Unit => "jobs";

    /// <inheritdoc/>
    public required IReadOnlyList<string> Models { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <summary>What the seconds of all its jobs are made of.</summary>
    public required Func<Workload> Parts { get; init; }

    /// <summary>How many jobs there are.</summary>
    protected int Total => steps.Count;

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(Estimate, Parts, catalog, cancellation);

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) => Task.FromResult<IExperimentRun>(new ChainRun(steps, context, catalog));

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var finished = ChainOutcome.ReadAll(cells, cancellation);
            return Complete(finished, finished.Count < Total ? [$"Partial: {finished.Count} of {Total} jobs are finished."] : []);
        },
        cancellation);

    /// <summary>The output of what is finished.</summary>
    /// <param name="finished">The jobs that have a result, in order.</param>
    /// <param name="notes">What is missing, for the reader.</param>
    protected abstract ExperimentOutput Complete(IReadOnlyList<ChainOutcome> finished, IReadOnlyList<string> notes);
}
