using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Training;

/// <summary>What training masks: the players of every sample, and the model that a penalty compares with.</summary>
/// <param name="Spec">The spec, players and baseline filled in.</param>
/// <param name="Layout">Which player owns each cell.</param>
/// <param name="Reference">The penalty's model; null without a penalty.</param>
internal sealed record MaskedTraining(TrainingSpec Spec, PlayerLayout Layout, CatalogModel? Reference)
{
    private const int GridSide = 8;

    /// <summary>
    /// Checks what is masked; null, with faults recorded, where it does not fit, and where nothing is masked
    /// (<see cref="TrainingSpec.Masks"/>).
    /// </summary>
    public static async Task<MaskedTraining?> CheckAsync(TrainingSpec spec, CatalogDataset? train, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (!spec.Masks)
        {
            CheckUnused(spec, faults);
            return null;
        }

        var reference = spec.Penalty is { Baseline.Length: > 0 } penalty ? await FindAsync(penalty.Baseline, train, classes, catalog, faults, cancellation).ConfigureAwait(false) : null;
        if (train is null || !faults.AreClean("train.dataset", "players", "baseline"))
        {
            return null;
        }

        if (train.Summary.Kind is not (SampleKind.Image or SampleKind.Tabular))
        {
            faults.Add(spec.Penalty is null ? "modulation" : "penalty", "training masks pictures and tables; text is not masked in training");
            return null;
        }

        var shape = train.Summary.SampleShape;
        var players = spec.Players ?? DefaultPlayers(train.Summary);
        if (players.By is PlayerChoice.Random or PlayerChoice.Attribution)
        {
            faults.Add("players.by", "training masks the same players of every sample; take all of a grid, a list of its cells, columns or groups");
            return null;
        }

        var baseline = (spec.Baseline ?? new BaselineSpec()).Resolve(train.Summary, faults);
        var plan = PlayerPlan.Create(players, shape, keepOutside: true, faults, SpecLimits.MostSampledPlayers);
        if (plan is null || !faults.AreClean("players", "baseline"))
        {
            return null;
        }

        CheckSizes(spec, plan.Count, faults);
        return new MaskedTraining(spec with { Players = players, Baseline = baseline }, plan.For(0).Layout, reference);
    }

    /// <summary>What is masked where nothing is asked for: all patches of an 8x8 grid (fewer of a smaller picture), or every column.</summary>
    public static PlayersSpec DefaultPlayers(DatasetSummary train) => train.Kind == SampleKind.Tabular
        ? new PlayersSpec { Type = PlayersKind.Columns }
        : new PlayersSpec { Type = PlayersKind.Grid, Rows = Math.Min(GridSide, train.SampleShape[1]), Columns = Math.Min(GridSide, train.SampleShape[2]), Select = NumberOrWord.Of("all") };

    /// <summary>The terms, for the trainer.</summary>
    public LossTerms Terms(IDataset train) => Terms(train, ModelReadings.Ask(null, train.Summary));

    private LossTerms Terms(IDataset train, OutputAsk reference) => new(
        Layout,
        Spec.Baseline!.Of(train.Summary.SampleShape, () => train.Mean),
        Spec.Modulation,
        Spec.Penalty?.Settings,
        Reference is null ? null : NetworkFile.Of(Reference, reference).Open());

    private static void CheckUnused(TrainingSpec spec, SpecFaults faults)
    {
        if (spec.Players is not null && faults.AreClean("modulation", "penalty"))
        {
            faults.Add("players", "nothing is masked without modulation or penalty");
        }

        if (spec.Baseline is not null && faults.AreClean("modulation", "penalty"))
        {
            faults.Add("baseline", "nothing is masked without modulation or penalty");
        }
    }

    private static void CheckSizes(TrainingSpec spec, int players, SpecFaults faults)
    {
        for (var i = 0; i < spec.Modulation.Count; i++)
        {
            var (smaller, larger) = spec.Modulation[i].Sizes(players);
            if (smaller >= larger)
            {
                faults.Add($"modulation[{i}].to", FormattableString.Invariant($"{spec.Modulation[i].From} and {spec.Modulation[i].To} of {players} players are both {larger}; take ratios further apart"));
            }
        }

        if (spec.Penalty?.Players > players)
        {
            faults.Add("penalty.players", $"is {spec.Penalty.Players}, but there are {players} to choose from");
        }
    }

    private static async Task<CatalogModel?> FindAsync(string id, CatalogDataset? train, int? classes, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        const string Field = "penalty.baseline";
        var model = await catalog.FindModelAsync(id, cancellation).ConfigureAwait(false);
        if (model is null)
        {
            faults.Add(Field, $"there is no model '{id}'");
            return null;
        }

        TrainingFit.CheckModel(model.Summary, faults, Field);
        var own = faults.IsClean(Field) ? ModelReadings.Check(model, ModelReadings.Ask(null, train?.Summary), Field, isOnly: true, faults)?.Classes : null;
        if (own is { } given && classes is { } expected && given != expected)
        {
            faults.Add(Field, $"has {given} classes; the network trained has {expected}");
        }

        if (train is not null && faults.AreClean("train.dataset", Field) && ModelReadings.InputOf(model, ModelReadings.Ask(null, train.Summary)) is { } input)
        {
            TrainingFit.CheckInput(train.Summary, input, Field, faults);
        }

        return model;
    }
}
