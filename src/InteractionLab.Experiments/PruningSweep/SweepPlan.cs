using System.Text.Json;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>A sweep as the server runs it.</summary>
internal sealed class SweepPlan(SweepLayout layout, RateMemory rates) : IExperimentPlan
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
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new SweepRun(layout, context, rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => SweepReport.Build(layout, cells, cancellation).Output(), cancellation);
}
