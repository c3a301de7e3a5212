using InteractionLab.Experiments.Training;
using InteractionLab.Server.Components.Shared;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of training jobs.</summary>
internal static class TrainingCharts
{
    /// <summary>Loss by epoch.</summary>
    public static ChartSpec Loss(IReadOnlyList<EpochResult> epochs) => Pair(epochs, e => e.TrainLoss, e => e.TestLoss, "loss (cross-entropy)", null);

    /// <summary>Accuracy by epoch.</summary>
    public static ChartSpec Accuracy(IReadOnlyList<EpochResult> epochs) => Pair(epochs, e => e.TrainAccuracy, e => e.TestAccuracy, "accuracy", ".0%");

    /// <summary>The learning rate of each epoch's last step.</summary>
    public static ChartSpec LearningRate(IReadOnlyList<EpochResult> epochs)
    {
        var y = Plot.Values(epochs, e => e.LearningRate);
        return new([Plot.Line("learning rate", X(epochs), y, ChartSpec.And)], new { showlegend = false, xaxis = Plot.Epochs(X(epochs)), yaxis = new { title = new { text = "learning rate" }, rangemode = "tozero", exponentformat = "power" } })
        {
            Empty = Plot.NoneOf(y) ? "No step has been taken yet." : null,
        };
    }

    /// <summary>Additional loss terms by epoch, before their weight; null where the run has none.</summary>
    public static ChartSpec? Terms(IReadOnlyList<EpochResult> epochs)
    {
        // Two terms may have one name, as with other pairs or weights: their place tells them apart, and is the same in every epoch.
        var terms = epochs.Select(e => e.Terms).FirstOrDefault(t => t is { Count: > 0 });
        return terms is null ? null : new(
            [.. terms.Select((term, i) => Plot.Line($"{term.Name}, λ = {Text.Number(term.Weight)}", X(epochs), Plot.Values(epochs, e => e.Terms?.ElementAtOrDefault(i)?.Value), Plot.Colour(i)))],
            new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs(X(epochs)), yaxis = new { title = new { text = "mean value of the term" }, rangemode = "tozero" } });
    }

    /// <summary>Test accuracy at the end of each round of pruning against its sparsity.</summary>
    public static ChartSpec Rounds(IReadOnlyList<RoundResult> rounds) => new(
        [Plot.Line("test accuracy", [.. rounds.Select(r => r.Sparsity)], Plot.Values(rounds, r => r.TestAccuracy), ChartSpec.Positive, hover: "%{y:.2%} at %{x:.1%}")],
        new { showlegend = false, xaxis = new { title = new { text = "sparsity" }, tickformat = ".0%" }, yaxis = new { title = new { text = "test accuracy" }, tickformat = ".1%" } });

    /// <summary>Test accuracy or loss of several runs.</summary>
    public static ChartSpec Compare(IReadOnlyList<(string Name, IReadOnlyList<EpochResult> Epochs)> runs, Func<EpochResult, double?> value, string title, string? format) => new(
        [.. runs.Select((run, i) => Plot.Line(run.Name, X(run.Epochs), Plot.Values(run.Epochs, value), Plot.Colour(i), Plot.Dash(i)))],
        new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs([.. runs.SelectMany(run => X(run.Epochs)).Distinct().Order()]), yaxis = new { title = new { text = title }, tickformat = format } });

    private static ChartSpec Pair(IReadOnlyList<EpochResult> epochs, Func<EpochResult, double?> train, Func<EpochResult, double?> test, string title, string? format)
    {
        IReadOnlyList<double?> a = Plot.Values(epochs, train), b = Plot.Values(epochs, test);
        var hover = format is null ? "%{y:.4g}" : "%{y:.2%}";
        var rounds = Starts(epochs);
        return new(
            [Plot.Line("train", X(epochs), a, ChartSpec.Positive, hover: hover), Plot.Line("test", X(epochs), b, ChartSpec.Negative, "dash", hover: hover)],
            new { hovermode = "x unified", xaxis = Plot.Epochs(X(epochs)), yaxis = new { title = new { text = title }, tickformat = format }, shapes = rounds.Select(Rule).ToArray() })
        {
            Empty = Plot.NoneOf(a, b) ? "Neither loss nor accuracy is a number." : null,
        };
    }

    // A dotted line before the first epoch of each later round of pruning.
    private static double[] Starts(IReadOnlyList<EpochResult> epochs) => [.. epochs.Zip(epochs.Skip(1)).Where(p => p.Second.Round > p.First.Round).Select(p => p.Second.Epoch - 0.5)];

    private static object Rule(double x) => new { type = "line", xref = "x", yref = "paper", x0 = x, x1 = x, y0 = 0, y1 = 1, line = new { color = ChartSpec.Neutral, width = 1, dash = "dot" } };

    private static int[] X(IReadOnlyList<EpochResult> epochs) => [.. epochs.Select(e => e.Epoch)];
}
