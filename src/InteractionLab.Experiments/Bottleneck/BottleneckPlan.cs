using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>A bottleneck job laid out: one cell a model, sample and round.</summary>
internal sealed class BottleneckPlan(BottleneckWork work, RateMemory rates) : IExperimentPlan
{
    /// <inheritdoc/>
    public required System.Text.Json.JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells { get; } = work.Keys;

    /// <inheritdoc/>
    public string Unit => "profiles";

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = [.. work.Networks.Known.Select(model => model.Id).Distinct()];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = [work.Games.Dataset.Id];

    /// <inheritdoc/>
    public IReadOnlyList<string> Jobs => work.Networks.JobId is { } id ? [id] : [];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new BottleneckRun(work, context, rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => BottleneckReport.Build(work, cells, cancellation), cancellation);
}
