using InteractionLab.Experiments.Bottleneck;

namespace InteractionLab.Server.Components.Charts;

/// <summary>Two profiles of the same players: one before, one after (method.md §5).</summary>
internal static class ChangeCharts
{
    private const double Interval = 1.96;

    /// <summary>Both profiles over each other: relative, or in units of v.</summary>
    public static ChartSpec Overlay(ModelProfile before, ModelProfile after, bool isExact, bool isAbsolute)
    {
        List<object> traces = [];
        foreach (var (profile, name, colour, dash) in new[] { (before, "before", ChartSpec.Neutral, "dash"), (after, "after", ChartSpec.Positive, "solid") })
        {
            var strength = CourseCharts.Strength(profile, isAbsolute);
            if (strength is not null && !isAbsolute && BottleneckCharts.Error(profile, isExact) is { } error)
            {
                traces.AddRange(Plot.Band(profile.Orders, [.. strength.Select((j, k) => (double?)Math.Max(0, j - (Interval * error[k])))], [.. strength.Select((j, k) => (double?)(j + (Interval * error[k])))], colour, group: name));
            }

            traces.Add(Plot.Line(name, profile.Orders, Plot.Values(strength ?? [], j => j), colour, dash, group: name));
        }

        return new(traces, new { showlegend = true, hovermode = "x unified", xaxis = Plot.Wholes(BottleneckCharts.Order, before.Orders), yaxis = new { title = new { text = CourseCharts.Title(isAbsolute) }, rangemode = "tozero" } })
        {
            Empty = before.Reduced is null && after.Reduced is null ? "Every interaction is 0." : null,
        };
    }

    /// <summary>After minus before, by order: what rose in one colour, what fell in the other, with 95 % intervals where there is an error.</summary>
    public static ChartSpec Difference(IReadOnlyList<int> orders, Estimates change, string title)
    {
        string[] x = [.. orders.Select(BottleneckCharts.Whole)];
        IReadOnlyList<double?> Part(bool rises) => [.. change.Values.Select(c => c is { } d && d >= 0 == rises ? c : null)];
        IReadOnlyList<double?> Whiskers(bool rises) => [.. change.Intervals.Select((e, k) => change.Values[k] is { } d && d >= 0 == rises ? e : null)];
        object Bars(string name, bool rises, string colour) => Plot.Bars(name, x, Part(rises), colour, error: change.Errors.Count > 0 ? Whiskers(rises) : null, hover: "%{y:+.4g}");
        return new(
            [Bars("rose", true, ChartSpec.Positive), Bars("fell", false, ChartSpec.Negative)],
            new { barmode = "overlay", showlegend = true, xaxis = new { type = "category", title = new { text = BottleneckCharts.Order }, nticks = 20 }, yaxis = new { title = new { text = title } } })
        {
            Empty = Plot.NoneOf(change.Values) ? "There is nothing to compare." : null,
        };
    }

    /// <summary>Change of J with the errors of both added in squares: at most so much, since both were measured on the same masks.</summary>
    public static Estimates Relative(ModelProfile before, ModelProfile after, bool isExact)
    {
        if (before.Reduced is not { } from || after.Reduced is not { } to)
        {
            return new([], []);
        }

        double?[] errors = BottleneckCharts.Error(before, isExact) is { } a && BottleneckCharts.Error(after, isExact) is { } b ? [.. a.Zip(b, (e, f) => (double?)Math.Sqrt((e * e) + (f * f)))] : [];
        return new([.. to.Zip(from, (t, f) => (double?)(t - f))], errors);
    }

    /// <summary>Change of mean |I|.</summary>
    public static Estimates Absolute(ModelProfile before, ModelProfile after) => new([.. after.Magnitude.Zip(before.Magnitude, (t, f) => (double?)(t - f))], []);
}
