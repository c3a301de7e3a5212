namespace InteractionLab.Server.Components.Charts;

/// <summary>Numbers with their standard errors; an error is null where there is none.</summary>
/// <param name="Values">The numbers.</param>
/// <param name="Errors">Their standard errors.</param>
/// <param name="Width">How many of them are drawn either way: 1.96 are a 95 % interval where the error is well known.</param>
internal sealed record Estimates(IReadOnlyList<double?> Values, IReadOnlyList<double?> Errors, double Width = 1.96)
{
    /// <summary>Accuracies with what the number of samples leaves open: √(p(1-p)/count).</summary>
    public static Estimates Shares(IEnumerable<double?> shares, int count)
    {
        double?[] values = [.. shares];
        return new(values, [.. values.Select(p => ShareError(p, count))]);
    }

    /// <summary>The standard error of an accuracy on so many samples.</summary>
    public static double? ShareError(double? p, int count) => p is { } share && count > 0 ? Math.Sqrt(share * (1 - share) / count) : null;

    /// <summary>What is drawn either way.</summary>
    public IReadOnlyList<double?> Intervals => [.. Errors.Select(e => Width * e)];
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

            traces.Add(Plot.Line($"{names[i]}, random", curve.Ratios, curve.Random.Values, colour, hover: Percent, error: curve.Random.Intervals, floored: true, group: names[i], legend: false));
            traces.Add(Plot.Line($"{names[i]}, surrounding", curve.Ratios, curve.Surrounding.Values, colour, "dash", hover: Percent, error: curve.Surrounding.Intervals, floored: true, group: names[i], legend: false));
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
                Plot.Bars(left.Name, x, left.Of.Values, ChartSpec.Positive, error: left.Of.Intervals, hover: hover, floored: true),
                Plot.Bars(right.Name, x, right.Of.Values, ChartSpec.Negative, error: right.Of.Intervals, hover: hover, floored: true),
            ],
            new { barmode = "group", showlegend = true, xaxis = new { type = "category" }, yaxis = new { title = new { text = title }, tickformat = format, rangemode = "tozero" } })
        {
            Empty = Plot.NoneOf(left.Of.Values, right.Of.Values) ? "Nothing is measured yet." : null,
        };
    }
}
