using InteractionLab.Experiments.TrainingStudy;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of a study's comparison with and without the penalty (method.md §4).</summary>
internal static class StudyCharts
{
    /// <summary>What a person reads.</summary>
    public static string Name(StudyComparison row) => row.Variant == StudyVariant.Plain ? "plain" : "with the penalty";

    /// <summary>H̄ of each training over epochs.</summary>
    public static ChartSpec Generalization(IReadOnlyList<StudyComparison> rows) => new(
        [.. rows.Select(row => Plot.Line(Name(row), [.. row.Course.Select(point => point.Epoch)], Plot.Values(row.Course, point => point.Generalization), Colour(row), Dash(row)))],
        new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs([.. rows.SelectMany(row => row.Course).Select(point => point.Epoch).Distinct().Order()]), yaxis = new { title = new { text = "H̄" }, range = Plot.Shares } })
    {
        Empty = rows.All(row => row.Course.All(point => point.Generalization is null)) ? "No snapshot is analysed yet, or none has a salient interaction." : null,
    };

    /// <summary>Accuracy of each last network against the pruning ratio.</summary>
    public static ChartSpec Pruned(IReadOnlyList<StudyComparison> rows) => new(
        [.. rows.Select(row => Plot.Line(Name(row), [.. row.PrunedAccuracy.Select(point => point.Ratio)], Plot.Values(row.PrunedAccuracy, point => point.Accuracy), Colour(row), Dash(row), hover: "%{y:.2%}"))],
        new { showlegend = true, hovermode = "x unified", xaxis = new { title = new { text = "pruning ratio" }, tickformat = ".0%" }, yaxis = new { title = new { text = "test accuracy" }, tickformat = ".0%", rangemode = "tozero" } })
    {
        Empty = rows.All(row => row.PrunedAccuracy.All(point => point.Accuracy is null)) ? "Neither network is pruned: the study asks for it with pruned, and does it last." : null,
    };

    private static string Colour(StudyComparison row) => row.Variant == StudyVariant.Plain ? ChartSpec.Negative : ChartSpec.Positive;

    private static string Dash(StudyComparison row) => row.Variant == StudyVariant.Plain ? "dash" : "solid";
}
