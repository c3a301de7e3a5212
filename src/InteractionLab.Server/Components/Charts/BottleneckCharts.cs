using InteractionLab.Experiments.Bottleneck;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of one profile and of several side by side (method.md §5).</summary>
internal static class BottleneckCharts
{
    /// <summary>The title of the axis of orders.</summary>
    public const string Order = "order m: players in the context";

    /// <summary>The title of the axis of shares of the players.</summary>
    public const string Share = "m / (n − 2)";

    private const double Interval = 1.96;
    private const int MostBands = 6;

    /// <summary>What a profile is called: its epoch where a training is followed, as two trainings can share a network, which has but one name.</summary>
    public static string Label(ModelProfile profile) => profile.Epoch is { } epoch ? $"epoch {epoch}" : profile.Name;

    /// <summary>J^(m) of one model with its band, the noise floor and the theory curve.</summary>
    public static ChartSpec Profile(ModelProfile profile, bool isExact)
    {
        if (profile.Reduced is not { } strength)
        {
            return new([], new { }) { Empty = "Every interaction is 0." };
        }

        var x = profile.Orders;
        List<object> traces = [.. Bands(x, strength, Error(profile, isExact), ChartSpec.Positive, "95 % interval")];
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

        return new(traces, Strengths(Plot.Wholes(Order, x)));
    }

    /// <summary>The signed mean of each order.</summary>
    public static ChartSpec Means(ModelProfile profile) => new(
        [Plot.Line("mean interaction", profile.Orders, Plot.Values(profile.MeanInteraction, i => i), ChartSpec.And)],
        new { showlegend = false, xaxis = Plot.Wholes(Order, profile.Orders), yaxis = Plot.Axis("mean of I") });

    /// <summary>J^(m) of several models over m/(n-2), a colour each; with their bands where they are few enough to be told apart.</summary>
    public static ChartSpec Models(IReadOnlyList<(string Name, ModelProfile Profile, bool IsExact)> models)
    {
        var names = Plot.Short(models.Select(m => m.Name));
        List<object> traces = [];
        for (var i = 0; i < models.Count; i++)
        {
            var (_, profile, isExact) = models[i];
            double[] x = [.. profile.Orders.Select(order => Ratio(profile, order))];
            if (models.Count <= MostBands && profile.Reduced is { } strength)
            {
                traces.AddRange(Bands(x, strength, Error(profile, isExact), Plot.Colour(i), null, names[i]));
            }

            traces.Add(Plot.Line(names[i], x, Plot.Values(profile.Reduced ?? [], j => j), Plot.Colour(i), Plot.Dash(i), group: names[i]));
        }

        return new(traces, Strengths(Plot.Axis(Share))) { Empty = models.All(m => m.Profile.Reduced is null) ? "Every interaction is 0." : null };
    }

    /// <summary>J^(m) by model and order.</summary>
    public static ChartSpec Heat(IReadOnlyList<ModelProfile> models) => new(
        [Heat([.. models[0].Orders.Select(Whole)], [.. Plot.Short(models.Select(Label)).Select((name, i) => models[i].Epoch is null ? Plot.Plain($"{i + 1}. {name}") : name)], [.. models.Select(m => Plot.Values(m.Reduced ?? new double[m.Orders.Count], j => j))], "J", "%{y}<br>order %{x}: J = %{z:.4g}")],
        new { xaxis = new { type = "category", title = new { text = "order m" } }, yaxis = new { type = "category", autorange = "reversed", automargin = true } });

    /// <summary>A heat map whose colours begin at 0.</summary>
    public static object Heat(string[] x, string[] y, IReadOnlyList<double?>[] z, string title, string hover) => new
    {
        type = "heatmap",
        x,
        y,
        z,
        zmin = 0,
        zmax = z.SelectMany(row => row).Max() is > 0 and var largest ? largest : 1,
        colorscale = "Viridis",
        xgap = 1,
        ygap = 1,
        hovertemplate = hover + "<extra></extra>",
        colorbar = new { title = new { text = title }, thickness = 12 },
    };

    /// <summary>
    /// The standard error that is drawn of a profile's strength: of other samples where all masks are evaluated, else of other
    /// contexts and pairs; null where it is not known.
    /// </summary>
    public static IReadOnlyList<double>? Error(ModelProfile profile, bool isExact) => isExact ? profile.SampleStandardError : profile.ReducedStandardError;

    /// <summary>A whole number as a category.</summary>
    public static string Whole(int number) => FormattableString.Invariant($"{number}");

    private static object[] Bands<T>(IReadOnlyList<T> x, IReadOnlyList<double> strength, IReadOnlyList<double>? error, string colour, string? name, string? group = null) => error is null ? []
        : Plot.Band(x, [.. strength.Select((j, k) => (double?)Math.Max(0, j - (Interval * error[k])))], [.. strength.Select((j, k) => (double?)(j + (Interval * error[k])))], colour, name, group);

    private static object Strengths(object x) => new { showlegend = true, hovermode = "x unified", xaxis = x, yaxis = new { title = new { text = "relative strength J" }, rangemode = "tozero" } };

    private static double Ratio(ModelProfile profile, int order) => profile.N == 2 ? 0 : (double)order / (profile.N - 2);
}
