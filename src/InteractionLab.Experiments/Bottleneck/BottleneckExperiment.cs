using System.Diagnostics;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The kind <c>bottleneck</c>.</summary>
public sealed class BottleneckExperiment : Experiment<BottleneckSpec, BottleneckResult>
{
    /// <summary>The name in the API.</summary>
    internal const string KindName = "bottleneck";

    private const long HeaderBytes = 1024;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override string Title => "Interaction bottleneck";

    /// <inheritdoc/>
    public override string Description => "Measures how strongly networks use multi-order interactions, from those in small contexts to those in nearly whole inputs.";

    private protected override BottleneckSpec Read(SpecObject fields) => BottleneckSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(BottleneckSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var snapshots = await SnapshotSet.FindAsync(spec.TrainingJob, spec.Snapshots, catalog, faults, cancellation).ConfigureAwait(false);
        var named = snapshots?.Named ?? [.. spec.Models.Select((id, k) => (spec.IsSingle ? "model" : $"models[{k}]", id))];
        var ask = await ModelReadings.AskAsync(spec, spec.Dataset, catalog, cancellation).ConfigureAwait(false);
        var models = await NetworkGames.FindModelsAsync(named, ask, catalog, faults, cancellation).ConfigureAwait(false);
        if (snapshots is not null)
        {
            SnapshotSet.CheckShapes(models, faults);
        }

        var games = await NetworkGames.LayOutAsync(spec, models, catalog, faults, cancellation).ConfigureAwait(false);
        if (games is null)
        {
            return null;
        }

        var found = models.All(model => model.Model is not null && faults.IsClean(model.Field)) && faults.IsClean("trainingJob");
        CatalogModel[] known = [.. models.Select(model => model.Model).OfType<CatalogModel>()];
        var networks = !found ? MeasuredNetworks.ToCome(named.Count)
            : snapshots is null ? MeasuredNetworks.Of(known)
            : MeasuredNetworks.Of(snapshots, known);
        var plan = await Task.Run(() => LayOut(games, networks, catalog, faults, cancellation), cancellation).ConfigureAwait(false);
        return found ? plan : null;
    }

    /// <summary>
    /// Checks a spec whose models are not there yet, for a job that will be queued later. The job laid out; null, with
    /// faults recorded, where it cannot be run.
    /// </summary>
    /// <param name="spec">The spec; its models are not looked at.</param>
    /// <param name="networks">How many models there will be.</param>
    /// <param name="classes">The classes that they will have; null where that is not known.</param>
    /// <param name="catalog">The dataset.</param>
    /// <param name="faults">Where faults go, under the names of this kind's fields.</param>
    /// <param name="cancellation">Ends the check.</param>
    internal static async Task<BottleneckPlan?> CheckAsync(BottleneckSpec spec, int networks, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var games = await NetworkGames.LayOutAsync(spec, [], catalog, faults, cancellation).ConfigureAwait(false);
        ModelFit.CheckClass(games?.Spec.Value?.Target, classes, faults);
        return games is null ? null : await Task.Run(() => LayOut(games, MeasuredNetworks.ToCome(networks), catalog, faults, cancellation), cancellation).ConfigureAwait(false);
    }

    private static BottleneckPlan? LayOut(NetworkGames games, MeasuredNetworks networks, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var mostPasses = catalog.MaxForwardPasses;
        var spec = (BottleneckSpec)games.Spec;
        var players = games.PlayerCount;
        if (players < 2)
        {
            faults.Add("players", "an interaction of two players needs two players");
            return null;
        }

        if (spec.NEff > players)
        {
            faults.Add("nEff", $"is {spec.NEff}, but there are {players} players");
        }

        var exact = spec.Method == BottleneckMethod.Exact || (spec.Method == BottleneckMethod.Auto && players <= SpecLimits.MostPlayers);
        var pairs = exact ? PairChoice.All(spec.Pairs, spec.Players!, games.Players, faults) : PairChoice.Draw(spec.Pairs, spec.Players!, games.Players, faults);
        spec = spec with { Snapshots = spec.Snapshots is null ? null : [.. spec.Snapshots.OrderBy(snapshot => snapshot.Epoch)], Method = exact ? BottleneckMethod.Exact : BottleneckMethod.Sampled, Orders = spec.Orders ?? (exact ? new OrderSelection(null as IReadOnlyList<double>) : OrderSelection.Tenths) };
        var orders = spec.Orders.Of(players);
        if (pairs is null)
        {
            return null;
        }

        var rounds = exact ? null : new Rounds(players, pairs, orders, spec);
        var differences = rounds?.Differences ?? 0;
        if (differences > Rounds.MostDifferences)
        {
            faults.Add("contexts", FormattableString.Invariant($"{orders.Count} orders of {pairs.Pairs.Count} pairs in {spec.Contexts} contexts each are {differences:0} differences of masks, which are held in memory; at most {Rounds.MostDifferences}"));
            return null;
        }

        // A forward pass serves about one difference at best, and there are 2^n masks: what is far beyond the limit is refused before it is drawn.
        if (Math.Min(differences / 4, Math.Pow(2, players)) * games.Samples.Keys.Count * networks.Count > mostPasses)
        {
            faults.Add("contexts", $"{orders.Count} orders of {pairs.Pairs.Count} pairs in {spec.Contexts} contexts each, {games.Samples.Keys.Count} samples and {networks.Count} models are more forward passes than the {mostPasses} one job may ask for");
            return null;
        }

        var started = Stopwatch.GetTimestamp();
        var masks = rounds?.Masks(cancellation).Sum(count => (long)count) ?? 1L << players;
        var rows = games.Samples.MostPredictions + ((networks.Count - 1L) * games.Samples.Keys.Count) + (networks.Count * games.Samples.Keys.Count * masks) + games.AttributionPasses;
        var drawing = Stopwatch.GetElapsedTime(started);
        if (rows > mostPasses)
        {
            faults.Add("samples", $"{games.Samples.Keys.Count} samples and {networks.Count} models in {masks} masks need {rows} forward passes; one job may ask for {mostPasses}");
        }

        var work = new BottleneckWork(spec, games with { Spec = spec }, networks, orders, pairs, rounds);
        return new BottleneckPlan(work, masks, drawing, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Estimate = new ExperimentEstimate(rows, Bytes(work), HeadPasses: games.HeadPasses(networks.Count), Note: games.Warning),
        };
    }

    private static long Bytes(BottleneckWork work)
    {
        var values = (long)work.Orders.Count * work.Pairs.Pairs.Count;
        var cell = work.Rounds is null ? values * sizeof(double) : values * sizeof(double) * ((2 * ContextSampler.Groups) + 1);
        return (work.Cells * (cell + HeaderBytes)) + (work.Samples * work.Networks.Count * values * sizeof(double) * 2);
    }
}
