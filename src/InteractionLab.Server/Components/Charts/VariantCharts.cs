using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of a modulation study: a colour a variant, in the order of the spec (method.md §5).</summary>
internal static class VariantCharts
{
    /// <summary>The profiles of the variants over m/(n-2), or their changes against the one without modulation; bands are one standard error over seeds, of which there are too few for 1.96 of them to be a 95 % interval.</summary>
    /// <param name="profiles">The profiles.</param>
    /// <param name="of">What is drawn; null leaves a variant out.</param>
    /// <param name="title">Of the axis.</param>
    /// <param name="isChange">Whether 0 is no change.</param>
    public static ChartSpec Profiles(IReadOnlyList<VariantProfile> profiles, Func<VariantProfile, IReadOnlyList<SeedMean>?> of, string title, bool isChange)
    {
        var names = Plot.Short(profiles.Select(profile => profile.Variant));
        List<object> traces = [];
        for (var i = 0; i < profiles.Count; i++)
        {
            if (of(profiles[i]) is { } means)
            {
                traces.AddRange(Trace(names[i], profiles[i].Ratios, means, i, isChange ? double.NegativeInfinity : 0));
            }
        }

        return new(traces, new { showlegend = true, hovermode = "x unified", xaxis = Plot.Axis(BottleneckCharts.Share), yaxis = new { title = new { text = title }, rangemode = isChange ? "normal" : "tozero" } })
        {
            Empty = traces.Count == 0 ? "There is nothing to compare yet." : null,
        };
    }

    /// <summary>A quantity of every training by epoch; seeds of one variant share its colour.</summary>
    public static ChartSpec Epochs(IReadOnlyList<(int Variant, string Name, bool IsFirst, IReadOnlyList<EpochResult> Epochs)> runs, Func<EpochResult, double?> value, string title, string? format) => new(
        [.. runs.Select(run => Plot.Line(run.Name, [.. run.Epochs.Select(epoch => epoch.Epoch)], Plot.Values(run.Epochs, value), Plot.Colour(run.Variant), Plot.Dash(run.Variant), hover: format is null ? "%{y:.4g}" : "%{y:.2%}", group: run.Name, legend: run.IsFirst))],
        new { showlegend = true, hovermode = "closest", xaxis = Plot.Epochs([.. runs.SelectMany(run => run.Epochs.Select(epoch => epoch.Epoch)).Order()]), yaxis = new { title = new { text = title }, tickformat = format } })
    {
        Empty = Plot.NoneOf([.. runs.Select(run => run.Epochs.Select(value))]) ? "No training is finished yet." : null,
    };

    /// <summary>Means over seeds as numbers with errors, one of which is drawn either way.</summary>
    public static Estimates Of(IEnumerable<SeedMean> means)
    {
        SeedMean[] all = [.. means];
        return new(Plot.Values(all, mean => mean.Value), Plot.Values(all, mean => mean.StandardError), Width: 1);
    }

    private static IEnumerable<object> Trace(string name, IReadOnlyList<double> x, IReadOnlyList<SeedMean> means, int place, double floor)
    {
        var colour = Plot.Colour(place);
        if (means.Any(mean => mean.StandardError is > 0))
        {
            double?[] Edge(int sign) => [.. means.Select(mean => mean.Value is { } value ? Math.Max(floor, value + (sign * (mean.StandardError ?? 0))) : (double?)null)];
            foreach (var edge in Plot.Band(x, Edge(-1), Edge(1), colour, group: name))
            {
                yield return edge;
            }
        }

        yield return Plot.Line(name, x, Plot.Values(means, mean => mean.Value), colour, Plot.Dash(place), group: name);
    }
}
