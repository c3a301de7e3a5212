namespace InteractionLab.Server.Components.Charts;

/// <summary>Strengths of one order: of all interactions, and of a part of them. Positive at least 0, negative at most 0.</summary>
internal sealed record OrderPart(int Order, double Positive, double Negative, double PartPositive, double PartNegative);

/// <summary>Distributions over orders, positive up and negative down, with a part of the strength drawn in full colour over the whole.</summary>
internal static class OrderCharts
{
    private const double Room = 1.06;
    private static readonly object Tick = new { size = 10, color = "@text" };

    /// <summary>The y range that holds all of several distributions, so that they can be compared.</summary>
    public static double[] Range(IEnumerable<OrderPart> orders)
    {
        var (low, high) = (0d, 0d);
        foreach (var o in orders)
        {
            low = Math.Min(low, Math.Min(o.Negative, o.PartNegative));
            high = Math.Max(high, Math.Max(o.Positive, o.PartPositive));
        }

        return low == 0 && high == 0 ? [-1, 1] : [low * Room, high * Room];
    }

    /// <summary>A distribution with its part.</summary>
    /// <param name="orders">The orders.</param>
    /// <param name="whole">What the pale bars are; null leaves them out.</param>
    /// <param name="part">What the full bars are.</param>
    /// <param name="range">The y range.</param>
    public static ChartSpec WithPart(IReadOnlyList<OrderPart> orders, string? whole, string part, double[] range) => new(
        Traces(orders, whole, part),
        new { barmode = "overlay", bargap = 0.2, xaxis = new { title = new { text = "order m" }, dtick = 1 }, yaxis = new { title = new { text = "strength" }, range } })
    {
        Empty = orders.All(o => o.Positive == 0 && o.Negative == 0 && o.PartPositive == 0 && o.PartNegative == 0) ? "Nothing is salient: every order has strength 0." : null,
    };

    /// <summary>The same small, without legend and titles.</summary>
    public static ChartSpec Small(IReadOnlyList<OrderPart> orders, string? whole, string part, double[] range) => new(
        Traces(orders, whole, part),
        new { barmode = "overlay", bargap = 0.15, showlegend = false, margin = new { l = 34, r = 6, t = 4, b = 22 }, xaxis = new { tickmode = "linear", tick0 = 2, dtick = 2, tickfont = Tick }, yaxis = new { range, nticks = 5, tickfont = Tick } });

    private static object[] Traces(IReadOnlyList<OrderPart> orders, string? whole, string part)
    {
        int[] x = [.. orders.Select(o => o.Order)];
        object[] full =
        [
            Plot.Bars($"{part} +", x, Plot.Values(orders, o => o.PartPositive), ChartSpec.Positive),
            Plot.Bars($"{part} −", x, Plot.Values(orders, o => o.PartNegative), ChartSpec.Negative),
        ];
        return whole is null ? full :
        [
            Plot.Bars($"{whole} +", x, Plot.Values(orders, o => o.Positive), ChartSpec.Positive, 0.32),
            Plot.Bars($"{whole} −", x, Plot.Values(orders, o => o.Negative), ChartSpec.Negative, 0.32),
            .. full,
        ];
    }
}
