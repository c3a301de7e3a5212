using System.Diagnostics;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The kind <c>bottleneck</c>.</summary>
public sealed class BottleneckExperiment : Experiment<BottleneckSpec, BottleneckResult>
{
    private const long HeaderBytes = 1024;

    /// <inheritdoc/>
    public override string Kind => "bottleneck";

    /// <inheritdoc/>
    public override string Title => "Interaction bottleneck";

    /// <inheritdoc/>
    public override string Description => "Measures how strongly networks use multi-order interactions, from those in small contexts to those in nearly whole inputs.";

    private protected override BottleneckSpec Read(SpecObject fields) => BottleneckSpec.Read(fields);

    private protected override async Task<IExperimentPlan?> LayOutAsync(BottleneckSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        var models = await NetworkGames.FindModelsAsync([.. spec.Models.Select((id, k) => (spec.Models.Count == 1 && faults.IsClean("models") ? "models" : $"models[{k}]", id))], catalog, faults, cancellation).ConfigureAwait(false);
        var games = await NetworkGames.LayOutAsync(spec, models, catalog, faults, cancellation).ConfigureAwait(false);
        return games is null ? null : await Task.Run(() => LayOut(games, models, catalog, faults), cancellation).ConfigureAwait(false);
    }

    private static BottleneckPlan? LayOut(NetworkGames games, IReadOnlyList<NamedModel> models, ILabCatalog catalog, SpecFaults faults)
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
        var pairs = exact ? PairChoice.All(players) : PairChoice.Draw(spec.Pairs, spec.Players!, games.Players, faults);
        spec = spec with { Method = exact ? BottleneckMethod.Exact : BottleneckMethod.Sampled, Orders = spec.Orders ?? (exact ? new OrderSelection(null as IReadOnlyList<double>) : OrderSelection.Tenths) };
        var orders = spec.Orders.Of(players);
        if (pairs is null || CountTerms(exact, orders.Count, pairs, spec, games.Samples.Keys.Count * models.Count, mostPasses) is not { } fits)
        {
            return null;
        }

        if (!fits)
        {
            faults.Add("contexts", $"{orders.Count} orders of {pairs.Pairs.Count} pairs in {spec.Contexts} contexts each, {games.Samples.Keys.Count} samples and {models.Count} models are more forward passes than the {mostPasses} one job may ask for");
            return null;
        }

        var started = Stopwatch.GetTimestamp();
        var rounds = exact ? null : new Rounds(players, pairs, orders, spec);
        var masks = rounds?.Masks().Sum(count => (long)count) ?? 1L << players;
        var rows = games.Samples.MostPredictions + ((models.Count - 1L) * games.Samples.Keys.Count) + (models.Count * games.Samples.Keys.Count * masks) + games.AttributionPasses;
        var drawing = Stopwatch.GetElapsedTime(started);
        if (rows > mostPasses)
        {
            faults.Add("samples", $"{games.Samples.Keys.Count} samples and {models.Count} models in {masks} masks need {rows} forward passes; one job may ask for {mostPasses}");
        }

        if (models.Any(model => model.Model is null || !faults.IsClean(model.Field)))
        {
            return null;
        }

        var work = new BottleneckWork(spec, games with { Spec = spec }, [.. models.Select(model => model.Model!)], orders, pairs, rounds);
        return new BottleneckPlan(work, masks, drawing, catalog)
        {
            Spec = JsonSerializer.SerializeToElement(spec, LabJson.Options),
            Estimate = new ExperimentEstimate(rows, Bytes(work)),
        };
    }

    // A forward pass serves about one pair and context at best: what is far beyond the limit is refused before it is drawn.
    private static bool? CountTerms(bool exact, int orders, PairChoice pairs, BottleneckSpec spec, int runs, long mostPasses) =>
        exact || (double)orders * pairs.Pairs.Count * spec.Contexts * runs / 4 <= mostPasses;

    private static long Bytes(BottleneckWork work)
    {
        var values = (long)work.Orders.Count * work.Pairs.Pairs.Count;
        var cell = work.Rounds is null ? values * sizeof(double) : values * sizeof(double) * ((2 * ContextSampler.Groups) + 1);
        return (work.Cells * (cell + HeaderBytes)) + (work.Samples * work.Models.Count * values * sizeof(double) * 2);
    }
}
