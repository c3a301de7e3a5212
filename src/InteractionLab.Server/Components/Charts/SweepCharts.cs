using InteractionLab.Experiments.PruningSweep;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of pruning sweeps (method.md §3).</summary>
internal static class SweepCharts
{
    private static readonly double[] Upper = [0.40, 1];
    private static readonly double[] Lower = [0, 0.32];

    /// <summary>ρ_low, ρ_high and accuracy against the ratio, and below them loss or perplexity, with the phases behind both.</summary>
    public static ChartSpec Preserved(PruningSweepResult result)
    {
        var points = result.Points;
        var x = X(points);
        var (shapes, names) = Plot.Bands([.. result.Phases.Where(p => p.From is not null && p.To is not null).Select(p => new Band(p.Phase, p.From!.Value, p.To!.Value))]);
        var tokens = points.Any(p => p.Perplexity is not null);
        IReadOnlyList<double?> below = Plot.Values(points, p => tokens ? p.Perplexity : p.Loss), low = Plot.Values(points, p => p.RhoLow), high = Plot.Values(points, p => p.RhoHigh), accuracy = Plot.Values(points, p => p.Accuracy);
        return new(
        [
            Plot.Line("ρ low", x, low, ChartSpec.Positive),
            Plot.Line("ρ high", x, high, ChartSpec.Negative, symbol: "square"),
            Plot.Line("accuracy", x, accuracy, ChartSpec.Neutral, "dash", hover: "%{y:.2%}"),
            Plot.Line(tokens ? "perplexity" : "loss", x, below, ChartSpec.And, axis: "y2", symbol: "diamond"),
        ],
        new
        {
            hovermode = "x unified",
            hoversubplots = "axis",
            shapes,
            annotations = names,
            xaxis = new { title = new { text = "pruning ratio" }, tickformat = ".0%", anchor = "y2" },
            yaxis = new { title = new { text = "share" }, domain = Upper, range = Plot.Shares, tickformat = ".0%" },
            yaxis2 = new { title = new { text = tokens ? "perplexity" : "loss" }, domain = Lower, rangemode = "tozero" },
        })
        {
            Empty = Plot.NoneOf(low, high, accuracy, below) ? "Nothing is salient in the model, and nothing is evaluated yet." : null,
        };
    }

    /// <summary>A_removed and G_removed against the ratio, below the strength there was.</summary>
    public static ChartSpec Removed(IReadOnlyList<SweepPoint> points) => new(
        [
            Plot.Line("all salient", X(points), Plot.Values(points, p => p.Total), ChartSpec.Neutral, "dot"),
            Plot.Line("removed", X(points), Plot.Values(points, p => p.Removed), ChartSpec.Negative),
            Plot.Line("removed, generalizable", X(points), Plot.Values(points, p => p.RemovedGeneralizable), ChartSpec.Positive, symbol: "square"),
        ],
        Strength())
    {
        Empty = points.All(p => p.Total == 0) ? "Nothing is salient in the model." : null,
    };

    /// <summary>What emerged, against the ratio.</summary>
    public static ChartSpec Emerged(IReadOnlyList<SweepPoint> points) => new(
        [
            Plot.Line("emerged", X(points), Plot.Values(points, p => p.Emerged), ChartSpec.Third),
            Plot.Line("emerged, generalizable", X(points), Plot.Values(points, p => p.EmergedGeneralizable), ChartSpec.Positive, symbol: "square"),
        ],
        Strength())
    {
        Empty = points.All(p => p.Emerged == 0) ? "Nothing emerged." : null,
    };

    /// <summary>G_removed with the first k references.</summary>
    public static ChartSpec ByReferences(IReadOnlyList<SweepPoint> points)
    {
        var most = points.Select(p => p.ByReferences.Count).DefaultIfEmpty(0).Max();
        return new(
            [.. Enumerable.Range(0, most).Select(k => Plot.Line(k == 0 ? "1 reference" : $"{k + 1} references", X(points), Plot.Values(points, p => k < p.ByReferences.Count ? p.ByReferences[k].RemovedGeneralizable : null), Plot.Colour(k), Plot.Dash(k)))],
            Strength());
    }

    /// <summary>
    /// Efficiency of each step. A step's bar bears its value, so that a bar of height 0 is seen; a step that has no
    /// efficiency has no bar and a grey cross instead.
    /// </summary>
    public static ChartSpec Efficiency(IReadOnlyList<SweepEfficiency> steps)
    {
        var y = Plot.Values(steps, s => s.Value);
        string[] x = [.. steps.Select(Step)];
        string[] none = [.. x.Where((_, i) => y[i] is null)];
        return new(
            [Efficiencies(x, y), .. none.Length == 0 ? Array.Empty<object>() : [Undefined(none)]],
            new { showlegend = none.Length > 0, xaxis = new { type = "category", categoryorder = "array", categoryarray = x, title = new { text = "from → to" } }, yaxis = new { title = new { text = "efficiency e" } } })
        {
            Empty = Plot.NoneOf(y) ? "No step removed anything." : null,
        };
    }

    /// <summary>One quantity of several sweeps against the ratio.</summary>
    public static ChartSpec Compare(IReadOnlyList<(string Name, IReadOnlyList<SweepPoint> Points)> runs, Func<SweepPoint, double?> value, string title, bool share = true) => new(
        [.. runs.Select((run, i) => Plot.Line(run.Name, X(run.Points), Plot.Values(run.Points, value), Plot.Colour(i), hover: share ? "%{y:.2%}" : "%{y:.4g}"))],
        new { showlegend = true, hovermode = "x unified", xaxis = RatioAxis(), yaxis = new { title = new { text = title }, rangemode = "tozero", tickformat = share ? ".0%" : null } })
    {
        Empty = Plot.NoneOf([.. runs.Select(run => run.Points.Select(value))]) ? "No sweep has it." : null,
    };

    /// <summary>What a step is called.</summary>
    public static string Step(SweepEfficiency step) => FormattableString.Invariant($"{100 * step.From:0.#} → {100 * step.To:0.#} %");

    /// <summary>A share of something, null where there is nothing.</summary>
    public static double? Share(double part, double whole) => whole > 0 ? part / whole : null;

    private static object Efficiencies(string[] x, IReadOnlyList<double?> y) => new
    {
        type = "bar",
        name = "efficiency e",
        x,
        y,
        text = y.Select(e => e is { } value ? FormattableString.Invariant($"{value:0.##}") : "").ToArray(),
        textposition = "outside",
        cliponaxis = false,
        marker = new { color = ChartSpec.Or, line = new { color = ChartSpec.Or, width = 2 } },
        hovertemplate = "%{x}<br>efficiency: %{y:.4g}<extra></extra>",
    };

    private static object Undefined(string[] x) => new
    {
        type = "scatter",
        mode = "markers",
        name = "undefined: nothing removed",
        x,
        y = new double[x.Length],
        marker = new { color = ChartSpec.Neutral, symbol = "x-thin-open", size = 10, line = new { width = 2 } },
        hovertemplate = "%{x}<br>undefined: the step removed nothing<extra></extra>",
    };

    private static object RatioAxis() => new { title = new { text = "pruning ratio" }, tickformat = ".0%" };

    private static object Strength() => new { showlegend = true, hovermode = "x unified", xaxis = RatioAxis(), yaxis = new { title = new { text = "strength a sample" }, rangemode = "tozero" } };

    private static double[] X(IReadOnlyList<SweepPoint> points) => [.. points.Select(p => p.Ratio)];
}
