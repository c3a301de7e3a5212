using InteractionLab.Experiments.Bottleneck;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The course of profiles over training (method.md §5).</summary>
internal static class CourseCharts
{
    private const int MostTicks = 6;

    /// <summary>The profile of each epoch, coloured by its place in the training.</summary>
    public static ChartSpec Lines(IReadOnlyList<ModelProfile> profiles, bool isAbsolute)
    {
        List<object> traces = [.. profiles.Select((profile, i) => Line(profile, Plot.Course(Share(i, profiles.Count)), isAbsolute))];
        traces.Add(Scale([.. profiles.Select(profile => profile.Epoch ?? 0)]));
        return new(traces, new { showlegend = false, hovermode = "closest", xaxis = Plot.Wholes(BottleneckCharts.Order, profiles[0].Orders), yaxis = new { title = new { text = Title(isAbsolute) }, rangemode = "tozero" } })
        {
            Empty = profiles.All(profile => profile.Reduced is null) ? "Every interaction is 0." : null,
        };
    }

    /// <summary>Strength by epoch and order.</summary>
    public static ChartSpec Heat(IReadOnlyList<ModelProfile> profiles, bool isAbsolute)
    {
        var orders = profiles[0].Orders;
        IReadOnlyList<double?>[] z = [.. orders.Select((_, k) => (IReadOnlyList<double?>)[.. profiles.Select(profile => Strength(profile, isAbsolute)?[k])])];
        return new(
            [BottleneckCharts.Heat([.. profiles.Select(profile => BottleneckCharts.Whole(profile.Epoch ?? 0))], [.. orders.Select(BottleneckCharts.Whole)], z, isAbsolute ? "|I|" : "J", "epoch %{x}, order %{y}: %{z:.4g}")],
            new { xaxis = new { type = "category", title = new { text = "epoch" }, nticks = 20 }, yaxis = new { type = "category", title = new { text = "order m" }, nticks = 20 } })
        {
            Empty = Plot.NoneOf(z) ? "Every interaction is 0." : null,
        };
    }

    /// <summary>The share of the strength in low, middle and high orders, by epoch.</summary>
    public static ChartSpec Thirds(IReadOnlyList<ModelProfile> profiles)
    {
        int[] x = [.. profiles.Select(profile => profile.Epoch ?? 0)];
        IReadOnlyList<double?>[] parts = [.. ProfileThirds.All.Select(range => Plot.Values(profiles, profile => ProfileThirds.ShareOf(profile, range)))];
        return new(
            [
                Plot.Line("low orders", x, parts[0], ChartSpec.Positive, hover: "%{y:.1%}"),
                Plot.Line("middle orders", x, parts[1], ChartSpec.Third, "dash", hover: "%{y:.1%}"),
                Plot.Line("high orders", x, parts[2], ChartSpec.Negative, "dot", hover: "%{y:.1%}"),
            ],
            new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs(x), yaxis = new { title = new { text = "share of the strength" }, tickformat = ".0%", rangemode = "tozero" } })
        {
            Empty = Plot.NoneOf(parts) ? "Every interaction is 0." : null,
        };
    }

    /// <summary>The strength that is drawn: J, or mean |I| in units of v; null where every interaction is 0.</summary>
    public static IReadOnlyList<double>? Strength(ModelProfile profile, bool isAbsolute) => isAbsolute ? profile.Magnitude : profile.Reduced;

    /// <summary>What the axis of the strength is called.</summary>
    public static string Title(bool isAbsolute) => isAbsolute ? "mean |I| in units of v" : "relative strength J";

    private static object Line(ModelProfile profile, string colour, bool isAbsolute) =>
        Plot.Line($"epoch {profile.Epoch}", profile.Orders, Plot.Values(Strength(profile, isAbsolute) ?? [], j => j), colour, hover: "order %{x}, %{y:.4g}", symbol: "circle");

    private static double Share(int place, int count) => count < 2 ? 1 : (double)place / (count - 1);

    // A scale of colours needs a trace with marks; this one has none that is seen.
    private static object Scale(int[] epochs)
    {
        var last = Math.Max(1, epochs.Length - 1);
        int[] ticks = epochs.Length <= MostTicks ? [.. Enumerable.Range(0, epochs.Length)] : [.. Enumerable.Range(0, MostTicks).Select(t => t * last / (MostTicks - 1))];
        return new
        {
            type = "scatter",
            mode = "markers",
            x = new double?[] { null },
            y = new double?[] { null },
            showlegend = false,
            hoverinfo = "skip",
            marker = new
            {
                color = new[] { 0 },
                cmin = 0,
                cmax = last,
                showscale = true,
                colorscale = Enumerable.Range(0, 5).Select(i => new object[] { i / 4.0, Plot.Course(i / 4.0) }).ToArray(),
                colorbar = new { title = new { text = "epoch" }, thickness = 12, tickvals = ticks, ticktext = ticks.Select(t => BottleneckCharts.Whole(epochs[t])).ToArray() },
            },
        };
    }
}
