using System.Text.Json;
using InteractionLab.Experiments.Speeds;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>A sweep as the server runs it.</summary>
internal sealed class SweepPlan(SweepLayout layout, ILabCatalog catalog) : IExperimentPlan, IWorkPlan
{
    /// <inheritdoc/>
    public required JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells { get; } = layout.Keys();

    /// <inheritdoc/>
    public string Unit => "blocks";

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } =
        [.. layout.Networks.Concat(layout.Steps.Where(step => step.Model is not null).Select(step => step.Model!)).Select(model => model.Id).Distinct()];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = [.. new[] { layout.Games.Dataset.Id, layout.Evaluation.Dataset.Id }.Distinct()];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work() => SweepCost.Work(layout, catalog);

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new SweepRun(layout, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => SweepReport.Build(layout, cells, cancellation).Output(), cancellation);
}
