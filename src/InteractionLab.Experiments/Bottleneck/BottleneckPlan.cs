using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>A bottleneck job laid out: one cell a model, sample and round.</summary>
/// <param name="work">The layout.</param>
/// <param name="masks">Masks of all rounds.</param>
/// <param name="drawing">How long drawing them took.</param>
/// <param name="catalog">What is remembered.</param>
internal sealed class BottleneckPlan(BottleneckWork work, long masks, TimeSpan drawing, ILabCatalog catalog) : IExperimentPlan, IWorkPlan
{
    /// <inheritdoc/>
    public required System.Text.Json.JsonElement Spec { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Cells { get; } = work.Keys;

    /// <inheritdoc/>
    public string Unit => "profiles";

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = [.. work.Models.Select(model => model.Id)];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = [work.Games.Dataset.Id];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work()
    {
        var (samples, players) = (work.Samples, work.Games.PlayerCount);
        var all = new Workload().AddAttribution(work.Games, samples).AddStorage("bottleneck", work.Cells);
        for (var model = 0; model < work.Models.Count; model++)
        {
            var singles = model == 0 ? NetworkWork.ExpectedPredictions(work.Games.Samples) : samples;
            all.AddNetwork(work.Games, NetworkFile.Of(work.Models[model]), (double)samples * masks, singles);
        }

        // The job draws its masks twice, when it is laid out and when it runs.
        return work.Rounds is null
            ? all.AddMultiOrder(players, samples * work.Models.Count)
            : all.AddKnown(2 * drawing).Assume(BottleneckRun.TermRate, (double)samples * work.Models.Count * work.Orders.Count * work.Pairs.Pairs.Count * work.Spec.Contexts, BottleneckRun.UsualTerm);
    }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new BottleneckRun(work, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => BottleneckReport.Build(work, cells, cancellation), cancellation);
}
