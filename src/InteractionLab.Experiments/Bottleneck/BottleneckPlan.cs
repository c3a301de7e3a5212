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
    public IReadOnlyList<string> Models { get; } = [.. work.Networks.Known.Select(model => model.Id).Distinct()];

    /// <inheritdoc/>
    public IReadOnlyList<string> Datasets { get; } = [work.Games.Dataset.Id];

    /// <inheritdoc/>
    public IReadOnlyList<string> Jobs => work.Networks.JobId is { } id ? [id] : [];

    /// <inheritdoc/>
    public required ExperimentEstimate Estimate { get; init; }

    /// <inheritdoc/>
    public Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation) => Estimator.EstimateAsync(this, catalog, cancellation);

    /// <inheritdoc/>
    public Workload Work()
    {
        // Snapshots that are not there yet are as fast as those that are.
        var known = work.Networks.Known.Select(NetworkFile.Of).ToList();
        return known.Count == 0
            ? throw new ExperimentException("no network of the job is there yet to be measured")
            : Work([.. Enumerable.Range(0, work.Networks.Count).Select(k => known[Math.Min(k, known.Count - 1)])]);
    }

    /// <summary>What the seconds are made of with these networks, or others that are as fast.</summary>
    public Workload Work(IReadOnlyList<NetworkFile> networks)
    {
        var (samples, players) = (work.Samples, work.Games.PlayerCount);
        var all = new Workload().AddAttribution(work.Games, samples).AddStorage("bottleneck", work.Cells);
        foreach (var (k, network) in networks.Index())
        {
            all.AddNetwork(work.Games, network, (double)samples * masks, k == 0 ? NetworkWork.ExpectedPredictions(work.Games.Samples) : samples);
        }

        // The job draws its masks twice, when it is laid out and when it runs.
        return work.Rounds is null
            ? all.AddMultiOrder(players, samples * networks.Count)
            : all.AddKnown(2 * drawing).Assume(BottleneckRun.TermRate, (double)samples * networks.Count * work.Orders.Count * work.Pairs.Pairs.Count * work.Spec.Contexts, BottleneckRun.UsualTerm);
    }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new BottleneckRun(work, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => BottleneckReport.Build(work, cells, cancellation), cancellation);
}
