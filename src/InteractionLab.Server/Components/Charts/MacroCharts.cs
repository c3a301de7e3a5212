using InteractionLab.Experiments.Macro;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of macro jobs (method.md §5).</summary>
internal static class MacroCharts
{
    /// <summary>Accuracy against the share of masked patches; the area between the curves is the use of structure.</summary>
    public static ChartSpec Structure(StructureResult structure)
    {
        double[] x = [.. structure.Points.Select(point => point.Ratio)];
        return new(
            [
                Plot.Line("random", x, Plot.Values(structure.Points, point => point.Random), ChartSpec.Positive, hover: "%{y:.1%}"),
                Plot.Line("surrounding", x, Plot.Values(structure.Points, point => point.Surrounding), ChartSpec.Negative, hover: "%{y:.1%}", symbol: "square"),
            ],
            new { showlegend = true, hovermode = "x unified", xaxis = new { title = new { text = "share of patches masked" }, tickformat = ".0%" }, yaxis = new { title = new { text = "accuracy" }, tickformat = ".0%", rangemode = "tozero" } });
    }
}
