namespace InteractionLab.Server.Components.Charts;

/// <summary>Numbers with their standard errors; an error is null where there is none.</summary>
/// <param name="Values">The numbers.</param>
/// <param name="Errors">Their standard errors.</param>
/// <param name="Width">How many of them are drawn either way: 1.96 are a 95 % interval where the error is well known.</param>
internal sealed record Estimates(IReadOnlyList<double?> Values, IReadOnlyList<double?> Errors, double Width = 1.96)
{
    private const double Interval95 = 1.96;

    /// <summary>Accuracies with what the number of samples leaves open: √(p(1-p)/count), and Wilson's interval, which none of all and all of all have too.</summary>
    public static Estimates Shares(IEnumerable<double?> shares, int count)
    {
        double?[] values = [.. shares];
        return new(values, [.. values.Select(p => ShareError(p, count))])
        {
            Above = [.. values.Select(p => ShareInterval(p, count)?.To - p)],
            Below = [.. values.Select(p => p - ShareInterval(p, count)?.From)],
        };
    }

    /// <summary>The 95 % interval of an accuracy on so many samples (Wilson 1927).</summary>
    public static (double From, double To)? ShareInterval(double? p, int count)
    {
        if (p is not { } share || count <= 0)
        {
            return null;
        }

        var part = Interval95 * Interval95 / count;
        var middle = (share + (part / 2)) / (1 + part);
        var half = Interval95 * Math.Sqrt((share * (1 - share) / count) + (part / (4 * count))) / (1 + part);
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>The standard error of an accuracy on so many samples.</summary>
    public static double? ShareError(double? p, int count) => p is { } share && count > 0 ? Math.Sqrt(share * (1 - share) / count) : null;

    /// <summary>What is drawn either way.</summary>
    public IReadOnlyList<double?> Intervals => [.. Errors.Select(e => Width * e)];

    /// <summary>What is drawn above; that of <see cref="Intervals"/> unless said otherwise.</summary>
    public IReadOnlyList<double?> Above { get => field ?? Intervals; init; }

    /// <summary>What is drawn below.</summary>
    public IReadOnlyList<double?> Below { get => field ?? Intervals; init; }
}

/// <summary>Accuracy under masking of one network or several of a kind.</summary>
internal sealed record MaskingCurve(string Name, IReadOnlyList<double> Ratios, Estimates Random, Estimates Surrounding);

/// <summary>The charts of macroscopic tests (method.md §5).</summary>
internal static class MacroCharts
{
    private const int MostShaded = 2;
    private const string Percent = "%{y:.1%}";

    /// <summary>Accuracy against the share of masked patches: a colour a network, lines for random and dashes for surrounding patches; the area between is shaded where it can be told apart.</summary>
    public static ChartSpec Structure(IReadOnlyList<MaskingCurve> curves)
    {
        var names = Plot.Short(curves.Select(curve => curve.Name));
        List<object> traces = [];
        for (var i = 0; i < curves.Count; i++)
        {
            var (curve, colour) = (curves[i], Plot.Colour(i));
            if (curves.Count <= MostShaded)
            {
                traces.AddRange(Plot.Band(curve.Ratios, curve.Random.Values, curve.Surrounding.Values, colour, group: names[i]));
            }

            traces.Add(Plot.Line($"{names[i]}, random", curve.Ratios, curve.Random.Values, colour, hover: Percent, error: curve.Random.Above, below: curve.Random.Below, floored: true, group: names[i], legend: false));
            traces.Add(Plot.Line($"{names[i]}, surrounding", curve.Ratios, curve.Surrounding.Values, colour, "dash", hover: Percent, error: curve.Surrounding.Above, below: curve.Surrounding.Below, floored: true, group: names[i], legend: false));
            traces.Add(Plot.Key(names[i], colour, "solid", names[i]));
        }

        traces.Add(Plot.Key("random patches masked", ChartSpec.Neutral, "solid"));
        traces.Add(Plot.Key("surroundings masked", ChartSpec.Neutral, "dash"));
        return new(traces, new
        {
            showlegend = true,
            hovermode = "closest",
            xaxis = new { title = new { text = "share of patches masked" }, tickformat = ".0%" },
            yaxis = new { title = new { text = "accuracy" }, tickformat = ".0%", rangemode = "tozero" },
        })
        {
            Empty = curves.Count == 0 ? "Nothing is masked yet." : null,
        };
    }

    /// <summary>Training and test loss of each network; the gap between is what does not generalize.</summary>
    public static ChartSpec Losses(IReadOnlyList<string> names, Estimates train, Estimates test) =>
        Pairs(names, ("training loss", train), ("test loss", test), "mean cross-entropy", null);

    /// <summary>Accuracy on the samples as they are and under attack.</summary>
    public static ChartSpec Robustness(IReadOnlyList<string> names, Estimates clean, Estimates attacked) =>
        Pairs(names, ("clean", clean), ("under attack", attacked), "accuracy", ".0%");

    private static ChartSpec Pairs(IReadOnlyList<string> names, (string Name, Estimates Of) left, (string Name, Estimates Of) right, string title, string? format)
    {
        var hover = format is null ? "%{y:.4g}" : Percent;
        string[] x = [.. Plot.Short(names).Select(Plot.Plain)];
        return new(
            [
                Plot.Bars(left.Name, x, left.Of.Values, ChartSpec.Positive, error: left.Of.Above, below: left.Of.Below, hover: hover, floored: true),
                Plot.Bars(right.Name, x, right.Of.Values, ChartSpec.Negative, error: right.Of.Above, below: right.Of.Below, hover: hover, floored: true),
            ],
            new { barmode = "group", showlegend = true, xaxis = new { type = "category" }, yaxis = new { title = new { text = title }, tickformat = format, rangemode = "tozero" } })
        {
            Empty = Plot.NoneOf(left.Of.Values, right.Of.Values) ? "Nothing is measured yet." : null,
        };
    }
}
