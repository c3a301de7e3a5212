using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts of training-dynamics jobs (method.md §4).</summary>
internal static class DynamicsCharts
{
    private static readonly double[] Upper = [0.70, 1];
    private static readonly double[] Middle = [0.36, 0.64];
    private static readonly double[] Lower = [0, 0.30];

    /// <summary>H̄, N̄ and the loss gap over epochs: three panels over one axis, with the phases behind them.</summary>
    public static ChartSpec Linked(TrainingDynamicsResult result)
    {
        var points = result.Points;
        var x = X(points);
        var (shapes, names) = Plot.Bands(Bands(result.Phases));
        return new(
        [
            Plot.Line("H̄", x, Plot.Values(points, p => p.Generalization), ChartSpec.Positive),
            Plot.Line("H̄ low", x, Plot.Values(points, p => p.GeneralizationLow), ChartSpec.Or, "dash"),
            Plot.Line("H̄ high", x, Plot.Values(points, p => p.GeneralizationHigh), ChartSpec.And, "dot"),
            Plot.Line("N̄", x, Plot.Values(points, p => p.Count), ChartSpec.Third, axis: "y2", symbol: "square"),
            Plot.Line("loss gap", x, Plot.Values(points, p => p.Gap), ChartSpec.Negative, axis: "y3"),
            Plot.Line("loss gap, removed", x, Plot.Values(points, p => p.GapRemoved), ChartSpec.Negative, "dash", axis: "y3"),
        ],
        new
        {
            hovermode = "x unified",
            hoversubplots = "axis",
            shapes,
            annotations = names,
            xaxis = Plot.Epochs(x, "y3"),
            yaxis = new { title = new { text = "H̄" }, domain = Upper, range = Plot.Shares },
            yaxis2 = new { title = new { text = "N̄" }, domain = Middle, rangemode = "tozero" },
            yaxis3 = new { title = new { text = "loss gap" }, domain = Lower },
        })
        {
            Empty = Plot.NoneOf(Plot.Values(points, p => p.Generalization), Plot.Values(points, p => p.Count), Plot.Values(points, p => p.Gap)) ? "No snapshot has a salient interaction." : null,
        };
    }

    /// <summary>Losses with every interaction and without those that do not generalize.</summary>
    public static ChartSpec Losses(IReadOnlyList<DynamicsPoint> points)
    {
        IReadOnlyList<double?>[] y = [Plot.Values(points, p => p.TrainLoss), Plot.Values(points, p => p.TestLoss), Plot.Values(points, p => p.TrainLossRemoved), Plot.Values(points, p => p.TestLossRemoved)];
        return new(
        [
            Plot.Line("train", X(points), y[0], ChartSpec.Positive),
            Plot.Line("test", X(points), y[1], ChartSpec.Negative),
            Plot.Line("train, removed", X(points), y[2], ChartSpec.Positive, "dash"),
            Plot.Line("test, removed", X(points), y[3], ChartSpec.Negative, "dash"),
        ],
        Plot.FromZero(X(points), "mean −log σ(v)"))
        {
            Empty = Plot.NoneOf(y) ? "There is no loss: v is not the log-odds of the label." : null,
        };
    }

    /// <summary>δ_g and δ_n: how much strength came since the snapshot before.</summary>
    public static ChartSpec NewStrength(IReadOnlyList<DynamicsPoint> points)
    {
        string[] x = [.. points.Skip(1).Select(p => FormattableString.Invariant($"{p.Epoch}"))];
        IReadOnlyList<double?> g = Plot.Values(points.Skip(1), p => p.NewGeneralizable), n = Plot.Values(points.Skip(1), p => p.NewNonGeneralizable);
        return new(
            [Plot.Bars("generalizable δg", x, g, ChartSpec.Positive), Plot.Bars("non-generalizable δn", x, n, ChartSpec.Negative)],
            new { barmode = "group", xaxis = new { type = "category", title = new { text = "epoch" }, nticks = 20 }, yaxis = new { title = new { text = "strength since the snapshot before" } } })
        {
            Empty = Plot.NoneOf(g, n) ? "It takes two snapshots." : null,
        };
    }

    /// <summary>Strength of generalizable and of other salient interactions.</summary>
    public static ChartSpec Strength(IReadOnlyList<DynamicsPoint> points) => new(
        [
            Plot.Line("generalizable", X(points), Plot.Values(points, p => p.GeneralizableStrength), ChartSpec.Positive),
            Plot.Line("non-generalizable", X(points), Plot.Values(points, p => p.NonGeneralizableStrength), ChartSpec.Negative, "dash"),
        ],
        Plot.FromZero(X(points), "summed |I| a sample"))
    {
        Empty = points.All(p => p.GeneralizableStrength == 0 && p.NonGeneralizableStrength == 0) ? "Nothing is salient." : null,
    };

    /// <summary>H̄ with the first k references, over epochs.</summary>
    public static ChartSpec ByReferences(IReadOnlyList<DynamicsPoint> points)
    {
        var most = points.Select(p => p.ByReferences.Count).DefaultIfEmpty(0).Max();
        return new(
            [.. Enumerable.Range(0, most).Select(k => Plot.Line(k == 0 ? "1 reference" : $"{k + 1} references", X(points), Plot.Values(points, p => k < p.ByReferences.Count ? p.ByReferences[k] : null), Plot.Colour(k), Plot.Dash(k)))],
            new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs(X(points)), yaxis = new { title = new { text = "H̄" }, range = Plot.Shares } })
        {
            Empty = most == 0 || Plot.NoneOf(points.Select(p => p.ByReferences.FirstOrDefault(h => h is not null))) ? "No snapshot has a salient interaction." : null,
        };
    }

    /// <summary>How much pairs of references agree, over epochs.</summary>
    public static ChartSpec Agreement(IReadOnlyList<ReferenceAgreement> pairs) => new(
        [.. pairs.Select((pair, i) => Plot.Line($"references {pair.A + 1} and {pair.B + 1}", [.. pair.Points.Select(p => p.Epoch)], Plot.Values(pair.Points, p => p.Jaccard), Plot.Colour(i), Plot.Dash(i)))],
        new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs([.. pairs.SelectMany(pair => pair.Points).Select(point => point.Epoch).Distinct().Order()]), yaxis = new { title = new { text = "Jaccard J" }, range = Plot.Shares } })
    {
        Empty = Plot.NoneOf([.. pairs.Select(pair => pair.Points.Select(p => p.Jaccard))]) ? "Nothing generalizes to any reference." : null,
    };

    /// <summary>One quantity of several runs.</summary>
    public static ChartSpec Compare(IReadOnlyList<(string Name, IReadOnlyList<DynamicsPoint> Points)> runs, Func<DynamicsPoint, double?> value, string title, bool fromZero = true) => new(
        [.. runs.Select((run, i) => Plot.Line(run.Name, X(run.Points), Plot.Values(run.Points, value), Plot.Colour(i)))],
        new { showlegend = true, hovermode = "x unified", xaxis = Plot.Epochs([.. runs.SelectMany(run => X(run.Points)).Distinct().Order()]), yaxis = new { title = new { text = title }, rangemode = fromZero ? "tozero" : "normal" } })
    {
        Empty = Plot.NoneOf([.. runs.Select(run => run.Points.Select(value))]) ? "No run has it." : null,
    };

    /// <summary>The orders of a snapshot, with what generalizes.</summary>
    public static OrderPart[] Parts(IReadOnlyList<DynamicsOrder> orders) => [.. orders.Select(o => new OrderPart(o.Order, o.Positive, o.Negative, o.GeneralizablePositive, o.GeneralizableNegative))];

    private static Band[] Bands(DynamicsPhases phases) => [.. phases.Ranges.Select(r => new Band(r.Phase, r.From, r.To))];

    private static int[] X(IReadOnlyList<DynamicsPoint> points) => [.. points.Select(p => p.Epoch)];
}
