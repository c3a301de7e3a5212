using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;
using InteractionLab.Server.Components.Results;

namespace InteractionLab.Server.Components.Charts;

/// <summary>The charts over all samples of a job.</summary>
internal static class ResultCharts
{
    /// <summary>Order strengths: positive up, negative down.</summary>
    public static ChartSpec Orders(IReadOnlyList<OrderStrength> orders)
    {
        int[] x = [.. orders.Select(o => o.Order)];
        return new(
        [
            Bar("positive", x, [.. orders.Select(o => o.Positive)], ChartSpec.Positive),
            Bar("negative", x, [.. orders.Select(o => o.Negative)], ChartSpec.Negative),
        ],
        new { barmode = "relative", xaxis = new { title = new { text = "order m" }, dtick = 1 }, yaxis = new { title = new { text = "strength" } } })
        {
            Empty = NoStrength(orders) ? "Nothing is salient: every order has strength 0." : null,
        };
    }

    /// <summary>Order strengths of two games side by side: full colour and outline.</summary>
    public static ChartSpec OrdersOfTwo(IReadOnlyList<OrderStrength> a, string nameA, IReadOnlyList<OrderStrength> b, string nameB) => new(
    [
        Group(Plot.Plain(nameA) + ", positive", "a", a, o => o.Positive, ChartSpec.Positive, 1),
        Group(Plot.Plain(nameA) + ", negative", "a", a, o => o.Negative, ChartSpec.Negative, 1),
        Group(Plot.Plain(nameB) + ", positive", "b", b, o => o.Positive, ChartSpec.Positive, 0.45),
        Group(Plot.Plain(nameB) + ", negative", "b", b, o => o.Negative, ChartSpec.Negative, 0.45),
    ],
    new { barmode = "relative", xaxis = new { title = new { text = "order m" }, dtick = 1 }, yaxis = new { title = new { text = "strength" } } })
    {
        Empty = NoStrength(a) && NoStrength(b) ? "Nothing is salient in either: every order has strength 0." : null,
    };

    /// <summary>Mean output by number of players present.</summary>
    public static ChartSpec Sparsity(SparsityConditions sparsity) => new(
    [
        new
        {
            type = "scatter", mode = "lines+markers", name = "mean output", x = Enumerable.Range(0, sparsity.MeanOutputByOrder.Length).ToArray(), y = sparsity.MeanOutputByOrder,
            line = new { color = ChartSpec.Positive, width = 2 }, marker = new { color = ChartSpec.Positive, size = 7 }, hovertemplate = "k = %{x}<br>ū = %{y:.4g}<extra></extra>",
        },
    ],
    new { showlegend = false, xaxis = new { title = new { text = "players present k" }, dtick = 1 }, yaxis = new { title = new { text = "mean of v(S) − v(∅)" } } })
    {
        Empty = sparsity.MeanOutputByOrder.All(output => output == 0) ? "The mean output is the same whatever the number of players." : null,
    };

    /// <summary>Strength of the r-th strongest interaction, logarithmic.</summary>
    public static ChartSpec StrengthCurve(IReadOnlyList<RankStrength> curve, double? threshold)
    {
        List<RankStrength> points = [.. curve.Where(p => p.Strength > 0)];
        var traces = new List<object>
        {
            new
            {
                type = "scatter", mode = "lines", name = "mean |I|", x = points.Select(p => p.Rank).ToArray(), y = points.Select(p => p.Strength).ToArray(),
                line = new { color = ChartSpec.And, width = 2 }, hovertemplate = "rank %{x}<br>%{y:.3g}<extra></extra>",
            },
        };
        if (threshold is > 0 && points.Count > 0)
        {
            traces.Add(new
            {
                type = "scatter",
                mode = "lines",
                name = "threshold τ",
                x = new[] { points[0].Rank, points[^1].Rank },
                y = new[] { threshold.Value, threshold.Value },
                line = new { color = ChartSpec.Neutral, width = 1.5, dash = "dash" },
                hovertemplate = "τ = %{y:.3g}<extra></extra>",
            });
        }

        return new(traces, new { xaxis = new { title = new { text = "rank" } }, yaxis = new { title = new { text = "|I|" }, type = "log", exponentformat = "power" } })
        {
            Empty = points.Count == 0 ? "No interaction has an effect." : null,
        };
    }

    /// <summary>How many interactions are salient in each sample.</summary>
    public static ChartSpec SalientCounts(JobContext context)
    {
        string[] x = Labels(context);
        return new(
        [
            Stack("AND", x, [.. context.Report.Samples.Select(s => (double)s.SalientAnd)], ChartSpec.And),
            Stack("OR", x, [.. context.Report.Samples.Select(s => (double)s.SalientOr)], ChartSpec.Or),
        ],
        new { barmode = "stack", xaxis = new { type = "category", title = new { text = context.Noun }, nticks = 20 }, yaxis = new { title = new { text = "salient interactions" } } })
        {
            Empty = context.Report.Samples.All(s => s.SalientAnd + s.SalientOr == 0) ? "No interaction is above the threshold." : null,
        };
    }

    /// <summary>The optimum certificate: objective, lower bound and the objective without optimisation.</summary>
    public static ChartSpec Certificate(JobContext context)
    {
        string[] x = Labels(context);
        var samples = context.Report.Samples;
        return new(
        [
            Marks("half Σ|I| (γ = δ = 0)", x, [.. samples.Select(s => s.HalfL1)], ChartSpec.Neutral, "circle-open", 9),
            Marks("objective Σ|I|", x, [.. samples.Select(s => s.Objective)], ChartSpec.Positive, "circle", 9),
            Marks("lower bound", x, [.. samples.Select(s => s.LowerBound)], ChartSpec.Negative, "line-ew-open", 16),
        ],
        new { xaxis = new { type = "category", title = new { text = context.Noun }, nticks = 20 }, yaxis = new { title = new { text = "Σ|I|" }, rangemode = "tozero" } })
        {
            Empty = samples.All(s => s.HalfL1 == 0 && s.Objective == 0) ? "Every effect is 0: there is nothing to certify." : null,
        };
    }

    private static bool NoStrength(IReadOnlyList<OrderStrength> orders) => orders.All(o => o.Positive == 0 && o.Negative == 0);

    private static string[] Labels(JobContext context) => [.. context.Report.Samples.Select((s, i) => context.IsGames && s.Name is { Length: > 0 and <= 18 } name && context.Report.Samples.Count <= 12 ? Plot.Plain(name) : $"{s.Index}")];

    private static object Bar(string name, int[] x, double[] y, string colour) =>
        new { type = "bar", name, x, y, marker = new { color = colour }, hovertemplate = $"order %{{x}}<br>{name} %{{y:.4g}}<extra></extra>" };

    private static object Stack(string name, string[] x, double[] y, string colour) =>
        new { type = "bar", name, x, y, marker = new { color = colour }, hovertemplate = $"%{{x}}<br>{name}: %{{y}}<extra></extra>" };

    private static object Group(string name, string group, IReadOnlyList<OrderStrength> orders, Func<OrderStrength, double> part, string colour, double opacity) => new
    {
        type = "bar",
        name,
        offsetgroup = group,
        x = orders.Select(o => o.Order).ToArray(),
        y = orders.Select(part).ToArray(),
        opacity,
        marker = new { color = colour },
        hovertemplate = "order %{x}<br>%{fullData.name} %{y:.4g}<extra></extra>",
    };

    private static object Marks(string name, string[] x, double[] y, string colour, string symbol, int size) => new
    {
        type = "scatter",
        mode = "markers",
        name,
        x,
        y,
        marker = new { color = colour, symbol, size, line = new { color = colour, width = 2.5 } },
        hovertemplate = $"%{{x}}<br>{name}: %{{y:.5g}}<extra></extra>",
    };
}
