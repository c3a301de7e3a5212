namespace InteractionLab.Server.Components.Charts;

/// <summary>Pieces of charts: traces and axes that the builders have in common.</summary>
internal static class Plot
{
    private const int MostWholeTicks = 12;

    // A narrower band cannot hold the word on a telephone's screen.
    private const double RoomForWord = 0.2;

    private const int LongestName = 28;
    private static readonly double?[] NoPoint = [null];
    private static readonly string[] Colours = [ChartSpec.Positive, ChartSpec.Negative, ChartSpec.Or, ChartSpec.And, ChartSpec.Third, ChartSpec.Neutral];

    /// <summary>The range of an axis of shares: 0..1 with room above.</summary>
    public static readonly double[] Shares = [0, 1.14];

    /// <summary>The colour of one of several series; after six it begins again, with another dash.</summary>
    public static string Colour(int series) => Colours[series % Colours.Length];

    /// <summary>The dash of one of several series.</summary>
    public static string Dash(int series) => (series / Colours.Length % 3) switch { 0 => "solid", 1 => "dash", _ => "dot" };

    /// <summary>The colour of a place between the first and the last of a sequence, 0..1.</summary>
    public static string Course(double share) => FormattableString.Invariant($"@course/{Math.Clamp(share, 0, 1):0.###}");

    /// <summary>Names short enough for a legend, and different from each other: a long one keeps its ends, equal ones get their place.</summary>
    public static IReadOnlyList<string> Short(IEnumerable<string> names)
    {
        string[] shortened = [.. names.Select(name => name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name).Select(name => name.Length <= LongestName ? name : $"{name.AsSpan(0, LongestName / 2)}…{name.AsSpan(name.Length - (LongestName / 2))}")];
        var twice = shortened.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        return [.. shortened.Select((name, i) => twice.Contains(name) ? $"{i + 1}. {name}" : name)];
    }

    /// <summary>A band around a line: two edges without marks, the space between them filled. It comes and goes with the line of its group.</summary>
    public static object[] Band<T>(IReadOnlyList<T> x, IReadOnlyList<double?> low, IReadOnlyList<double?> high, string colour, string? name = null, string? group = null) =>
        [Edge(x, high, colour, "none", null, group), Edge(x, low, colour, "tonexty", name, group)];

    /// <summary>An entry of the legend that stands for no line of its own.</summary>
    public static object Key(string name, string colour, string dash, string? group = null) => new
    {
        type = "scatter",
        mode = "lines",
        name = Plain(name),
        x = NoPoint,
        y = NoPoint,
        legendgroup = group,
        showlegend = true,
        hoverinfo = "skip",
        line = new { color = colour, width = 2, dash },
    };

    private static object Edge<T>(IReadOnlyList<T> x, IReadOnlyList<double?> y, string colour, string fill, string? name, string? group) => new
    {
        type = "scatter",
        mode = "lines",
        name = name ?? "",
        x,
        y,
        fill,
        fillcolor = colour + "/0.18",
        line = new { width = 0, color = colour },
        legendgroup = group,
        showlegend = name is not null,
        hoverinfo = "skip",
    };

    /// <summary>A line with marks at its points; null values leave gaps. An error of what is <c>floored</c> ends at 0. The legend says so where there is nothing but gaps.</summary>
    public static object Line<T>(string name, IReadOnlyList<T> x, IReadOnlyList<double?> y, string colour, string dash = "solid", string? axis = null, string hover = "%{y:.4g}", string? symbol = null, IReadOnlyList<double?>? error = null, string? group = null, bool legend = true, bool floored = false, IReadOnlyList<double?>? below = null) => new
    {
        type = "scatter",
        mode = "lines+markers",
        name = Plain(y.Count > 0 && NoneOf(y) ? $"{name} (no value)" : name),
        x,
        y,
        yaxis = axis ?? "y",
        connectgaps = false,
        legendgroup = group,
        showlegend = legend,
        error_y = Whisker(error, below ?? error, floored ? y : null, colour),
        line = new { color = colour, width = 2, dash },
        marker = new { color = colour, size = x.Count > 60 ? 3 : 6, symbol = symbol ?? (dash == "solid" ? "circle" : "circle-open") },
        hovertemplate = $"{Plain(name)}: {hover}<extra></extra>",
    };

    /// <summary>A name that somebody chose, as plotly shows it letter for letter: neither as markup nor as a place for a value.</summary>
    public static string Plain(string name) =>
        name.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("%{", "%&#123;", StringComparison.Ordinal);

    /// <summary>Bars of one series.</summary>
    public static object Bars<T>(string name, IReadOnlyList<T> x, IReadOnlyList<double?> y, string colour, double opacity = 1, string? group = null, bool legend = true, double? width = null, IReadOnlyList<double?>? error = null, string hover = "%{y:.4g}", bool floored = false, IReadOnlyList<double?>? below = null) => new
    {
        type = "bar",
        name,
        x,
        y,
        opacity,
        width,
        offsetgroup = group,
        legendgroup = group,
        showlegend = legend,
        marker = new { color = colour },
        error_y = Whisker(error, below ?? error, floored ? y : null, ChartSpec.Text),
        hovertemplate = $"%{{x}}<br>{name}: {hover}<extra></extra>",
    };

    /// <summary>An error either way of each point; none where there is none. Of what cannot be negative, it ends at 0.</summary>
    private static object? Whisker(IReadOnlyList<double?>? error, IReadOnlyList<double?>? below, IReadOnlyList<double?>? floored, string colour) => error is null || NoneOf(error) ? null : new
    {
        type = "data",
        symmetric = floored is null,
        array = error,
        arrayminus = floored is null ? null : below!.Select((e, k) => e is { } size && floored[k] is { } y ? Math.Min(size, y) : e).ToArray(),
        color = colour,
        thickness = 1.2,
        width = 3,
    };

    /// <summary>An axis with a title.</summary>
    public static object Axis(string title) => new { title = new { text = title } };

    /// <summary>The axis of epochs: no ticks between whole ones.</summary>
    public static object Epochs(IReadOnlyList<int> epochs, string? anchor = null) => Wholes("epoch", epochs, anchor);

    /// <summary>An axis of whole numbers, rising: no ticks between them.</summary>
    public static object Wholes(string title, IReadOnlyList<int> numbers, string? anchor = null) =>
        new { title = new { text = title }, anchor = anchor ?? "y", dtick = numbers.Count > 0 && numbers[^1] - numbers[0] <= MostWholeTicks ? 1 : (int?)null };

    /// <summary>A layout over epochs whose y axis starts at 0.</summary>
    public static object FromZero(IReadOnlyList<int> epochs, string y) => new { hovermode = "x unified", xaxis = Epochs(epochs), yaxis = new { title = new { text = y }, rangemode = "tozero" } };

    /// <summary>Phases as bands behind a chart over the whole of its height, each named at its top.</summary>
    public static (object[] Shapes, object[] Names) Bands(IReadOnlyList<Band> bands)
    {
        string[] colours = [ChartSpec.Positive, ChartSpec.Third, ChartSpec.Negative];
        var whole = bands.Count == 0 ? 0 : bands.Max(band => band.To) - bands.Min(band => band.From);
        return (
            [.. bands.Select(band => new { type = "rect", xref = "x", yref = "paper", x0 = band.From, x1 = band.To, y0 = 0, y1 = 1, layer = "below", fillcolor = colours[(band.Phase - 1) % colours.Length], opacity = 0.13, line = new { width = 0 } })],
            [.. bands.Where(band => band.To > band.From).Select(band => new { xref = "x", yref = "paper", x = (band.From + band.To) / 2, y = 1, yanchor = "top", showarrow = false, text = band.To - band.From < RoomForWord * whole ? $"{band.Phase}" : $"phase {band.Phase}", font = new { size = 11, color = ChartSpec.Neutral } })]);
    }

    /// <summary>Numbers that may be absent.</summary>
    public static IReadOnlyList<double?> Values<T>(IEnumerable<T> of, Func<T, double?> value) => [.. of.Select(item => value(item) is { } y && double.IsFinite(y) ? y : (double?)null)];

    /// <summary>Whether nothing is there to draw.</summary>
    public static bool NoneOf(params IEnumerable<double?>[] values) => values.All(series => series.All(y => y is null));
}

/// <summary>A phase as a range of the x axis.</summary>
/// <param name="Phase">1, 2 or 3.</param>
/// <param name="From">Where it starts.</param>
/// <param name="To">Where it ends.</param>
internal sealed record Band(int Phase, double From, double To);
