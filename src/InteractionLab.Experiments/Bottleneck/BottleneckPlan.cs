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
        var known = work.Networks.Known.Select(model => NetworkFile.Of(model, work.Games.Ask)).ToList();
        return known.Count == 0
            ? throw new ExperimentException("no network of the job is there yet to be measured")
            : Work(known);
    }

    /// <summary>What the seconds are made of.</summary>
    /// <param name="networks">The networks, as many as there are: those to come are as fast as the last of them. At least one.</param>
    public Workload Work(IReadOnlyList<NetworkFile> networks)
    {
        var (samples, players) = (work.Samples, work.Games.PlayerCount);
        var all = new Workload().AddStorage("bottleneck", work.Cells);
        using var kept = KeptGames.Open(work.Games, networks[0], networks.Count, catalog);
        var saved = kept is null ? [.. networks.Select(_ => new KeptPasses(0, 0))] : Kept(kept, networks);
        for (var k = 0; k < work.Networks.Count; k++)
        {
            var own = k < saved.Length ? saved[k] : new KeptPasses(0, 0);
            var singles = (k == 0 ? NetworkWork.ExpectedPredictions(work.Games.Samples) - (kept?.Passed ?? 0) : samples) - own.Singles;
            var rows = (samples * masks) - own.Rows;
            all.AddNetwork(work.Games, networks[Math.Min(k, networks.Count - 1)], rows, Math.Max(0, singles), opens: rows == 0 && singles <= 0 ? 0 : 1, own.Heads);
        }

        all.AddAttribution(work.Games, samples - (kept?.Attributions ?? 0));
        if (kept is not null)
        {
            all.Save(saved.Sum(passes => passes.Rows + passes.Singles) + kept.Passed + (kept.Attributions * (long)AttributionPlayers.PassesOfSample));
        }

        // The job draws its masks twice, when it is laid out and when it runs.
        return work.Rounds is null
            ? all.AddMultiOrder(players, samples * work.Networks.Count)
            : all.AddKnown(2 * drawing).Assume(BottleneckRun.TermRate, samples * work.Networks.Count * work.Rounds.Differences, BottleneckRun.UsualTerm);
    }

    private KeptPasses[] Kept(KeptGames kept, IReadOnlyList<NetworkFile> networks)
    {
        if (work.Rounds is null)
        {
            return [.. networks.Select(kept.Of)];
        }

        var saved = networks.Select(_ => new KeptPasses(0, 0)).ToArray();
        var sampler = work.Rounds.Sampler();
        foreach (var (round, contexts) in work.Rounds.Contexts.Index())
        {
            var drawn = sampler.Next(contexts).Masks;
            for (var k = 0; k < networks.Count; k++)
            {
                var found = kept.Of(networks[k], drawn, withSingles: round == 0);
                saved[k] = new KeptPasses(saved[k].Rows + found.Rows, saved[k].Singles + found.Singles, saved[k].Heads + found.Heads);
            }
        }

        return saved;
    }

    /// <inheritdoc/>
    public Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation) =>
        Task.Run<IExperimentRun>(() => new BottleneckRun(work, context, catalog.Rates), cancellation);

    /// <inheritdoc/>
    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => BottleneckReport.Build(work, cells, cancellation), cancellation);
}
