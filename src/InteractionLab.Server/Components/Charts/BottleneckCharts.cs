using InteractionLab.Experiments.Bottleneck;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of bottleneck jobs (method.md §5).</summary>
internal static class BottleneckCharts
{
    private const double Interval = 1.96;
    private static readonly string[] Colours = [ChartSpec.Positive, ChartSpec.Negative, ChartSpec.Or, ChartSpec.And, ChartSpec.Third, ChartSpec.Neutral];

    /// <summary>J^(m) of one model with its band, the noise floor and the theory curve.</summary>
    public static ChartSpec Profile(ModelProfile profile, bool isExact)
    {
        if (profile.Reduced is not { } strength)
        {
            return new([], new { }) { Empty = "Every interaction is 0." };
        }

        var x = profile.Orders;
        var error = isExact ? profile.SampleStandardError : profile.ReducedStandardError;
        List<object> traces = [];
        if (error is not null)
        {
            traces.Add(Edge(x, [.. strength.Select((j, k) => j + (Interval * error[k]))], "none", false));
            traces.Add(Edge(x, [.. strength.Select((j, k) => Math.Max(0, j - (Interval * error[k])))], "tonexty", true));
        }

        traces.Add(Plot.Line("J", x, Plot.Values(strength, j => j), ChartSpec.Positive));
        if (!isExact)
        {
            traces.Add(Plot.Line("as measured", x, Plot.Values(profile.Strength ?? [], j => j), ChartSpec.Neutral, "dot"));
            traces.Add(Plot.Line("noise floor", x, Plot.Values(profile.NoiseFloor, j => j), ChartSpec.Neutral, "dash"));
        }

        if (profile.Theory is { } theory)
        {
            traces.Add(Plot.Line(FormattableString.Invariant($"theory, n = {theory.NEff:F1}"), x, Plot.Values(theory.Curve, f => f * strength[0]), ChartSpec.Negative, "dash"));
        }

        return new(traces, new { showlegend = true, hovermode = "x unified", xaxis = Plot.Axis("order m: players in the context"), yaxis = new { title = new { text = "relative strength J" }, rangemode = "tozero" } });
    }

    /// <summary>The signed mean of each order.</summary>
    public static ChartSpec Means(ModelProfile profile) => new(
        [Plot.Line("mean interaction", profile.Orders, Plot.Values(profile.MeanInteraction, i => i), ChartSpec.And)],
        new { showlegend = false, xaxis = Plot.Axis("order m: players in the context"), yaxis = Plot.Axis("mean of I") });

    /// <summary>J^(m) of several models over m/(n-2).</summary>
    public static ChartSpec Models(IReadOnlyList<(string Name, ModelProfile Profile)> models) => new(
        [.. models.Select((m, i) => Plot.Line(m.Name, [.. m.Profile.Orders.Select(order => Ratio(m.Profile, order))], Plot.Values(m.Profile.Reduced ?? [], j => j), Colours[i % Colours.Length], (i / Colours.Length % 3) switch { 0 => "solid", 1 => "dash", _ => "dot" }))],
        new { showlegend = true, hovermode = "closest", xaxis = Plot.Axis("m / (n − 2)"), yaxis = new { title = new { text = "relative strength J" }, rangemode = "tozero" } })
    {
        Empty = models.All(m => m.Profile.Reduced is null) ? "Every interaction is 0." : null,
    };

    /// <summary>J^(m) by model and order.</summary>
    public static ChartSpec Heat(IReadOnlyList<ModelProfile> models)
    {
        string[] names = [.. models.Select((m, i) => $"{i + 1}. {Plot.Plain(m.Name.Length > 28 ? string.Concat(m.Name.AsSpan(0, 27), "…") : m.Name)}")];
        return new(
            [
                new
                {
                    type = "heatmap",
                    x = models[0].Orders.Select(order => FormattableString.Invariant($"{order}")).ToArray(),
                    y = names,
                    z = models.Select(m => Plot.Values(m.Reduced ?? new double[m.Orders.Count], j => j)).ToArray(),
                    zmin = 0,
                    zmax = models.Max(m => m.Reduced?.Max() ?? 0) is > 0 and var largest ? largest : 1,
                    colorscale = "Viridis",
                    xgap = 1,
                    ygap = 1,
                    hovertemplate = "%{y}<br>order %{x}: J = %{z:.4g}<extra></extra>",
                    colorbar = new { title = new { text = "J" }, thickness = 12 },
                },
            ],
            new { xaxis = new { type = "category", title = new { text = "order m" } }, yaxis = new { type = "category", autorange = "reversed", automargin = true } });
    }

    private static object Edge(IReadOnlyList<int> x, IReadOnlyList<double> y, string fill, bool legend) => new
    {
        type = "scatter",
        mode = "lines",
        name = "95 % interval",
        x,
        y,
        fill,
        fillcolor = ChartSpec.Positive + "/0.2",
        line = new { width = 0, color = ChartSpec.Positive },
        showlegend = legend,
        hoverinfo = "skip",
    };

    private static double Ratio(ModelProfile profile, int order) => profile.N == 2 ? 0 : (double)order / (profile.N - 2);
}
