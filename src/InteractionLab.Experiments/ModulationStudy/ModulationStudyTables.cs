using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>A modulation study as tables.</summary>
internal static class ModulationStudyTables
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResultTable> Of(ModulationStudyResult result) =>
    [
        Table2(result.Table2),
        Profiles(result.Profiles),
        Thirds(result.Profiles),
        Curves(result.Curves),
        Epochs(result),
        new("steps", ["role", "title", "kind", "job"], [.. result.Steps.Select(step => (IReadOnlyList<object?>)[step.Role, step.Title, step.Kind, step.Job])]),
    ];

    private static ResultTable Table2(CapabilityTable table) => new(
        "table2",
        ["variant", "capability", "measure", "value", "standardError", "rank", "word", "words", "tiedWith", "expected", "agrees"],
        [.. from row in table.Rows from column in table.Columns let cell = Cell(row, column.Name) where cell is not null select (IReadOnlyList<object?>)
        [
            row.Variant, EnumWords.Of(column.Name), column.Measure, cell.Value, cell.StandardError, cell.Rank, Word(cell.Word), string.Join(' ', cell.Words.Select(EnumWords.Of)),
            string.Join("; ", cell.TiedWith), Word(cell.Expected), Flag(cell.Agrees),
        ]]);

    private static CapabilityCell? Cell(CapabilityRow row, Capability capability) => capability switch
    {
        Capability.Structure => row.Structure,
        Capability.Fitting => row.Fitting,
        Capability.Generalization => row.Generalization,
        _ => row.Robustness,
    };

    private static ResultTable Profiles(IReadOnlyList<VariantProfile> profiles) => new(
        "profiles",
        ["variant", "order", "ratio", "strength", "strengthError", "magnitude", "magnitudeError", "strengthChange", "strengthChangeError", "magnitudeChange", "magnitudeChangeError"],
        [.. from profile in profiles from k in Enumerable.Range(0, profile.Orders.Count) select (IReadOnlyList<object?>)
        [
            profile.Variant, profile.Orders[k], profile.Ratios[k], profile.Strength[k].Value, profile.Strength[k].StandardError, profile.Magnitude[k].Value, profile.Magnitude[k].StandardError,
            profile.StrengthChange?[k].Value, profile.StrengthChange?[k].StandardError, profile.MagnitudeChange?[k].Value, profile.MagnitudeChange?[k].StandardError,
        ]]);

    private static ResultTable Thirds(IReadOnlyList<VariantProfile> profiles) => new(
        "thirds",
        ["variant", "third", "share", "shareError", "change", "changeError", "intended", "moved", "flat"],
        [.. from profile in profiles from third in profile.Thirds select (IReadOnlyList<object?>)
            [profile.Variant, EnumWords.Of(third.Third), third.Share?.Value, third.Share?.StandardError, third.Change?.Value, third.Change?.StandardError, Flag(third.Intended), Flag(third.Moved), third.Flat]]);

    private static ResultTable Curves(IReadOnlyList<StructureCurve> curves) => new(
        "curves",
        ["variant", "ratio", "random", "randomError", "surrounding", "surroundingError"],
        [.. from curve in curves from point in curve.Points select (IReadOnlyList<object?>)
            [curve.Variant, point.Ratio, point.Random.Value, point.Random.StandardError, point.Surrounding.Value, point.Surrounding.StandardError]]);

    private static ResultTable Epochs(ModulationStudyResult result) => new(
        "epochs",
        ["variant", "seed", "epoch", "trainLoss", "testLoss", "trainAccuracy", "testAccuracy"],
        [.. from variant in result.Variants from network in variant.Networks from epoch in Training(result.Steps, network.Job).Epochs select (IReadOnlyList<object?>)
            [variant.Name, network.Seed, epoch.Epoch, epoch.TrainLoss, epoch.TestLoss, epoch.TrainAccuracy, epoch.TestAccuracy]]);

    private static TrainingResult Training(IReadOnlyList<ChainOutcome> steps, string job) =>
        steps.First(step => step.Kind == FollowedTraining.Kind && step.Job == job).Result.Deserialize<TrainingResult>(LabJson.Options)!;

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } word ? EnumWords.Of(word) : null;

    private static string? Flag(bool? value) => value is { } flag ? (flag ? "true" : "false") : null;
}
