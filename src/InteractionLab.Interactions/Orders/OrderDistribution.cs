using System.Numerics;

namespace InteractionLab.Interactions;

/// <summary>
/// The strength of one order (method.md §2): sums over AND and OR interactions of that order of max(I, 0) and of min(I, 0).
/// </summary>
/// <param name="Order">m = |T|, from 1.</param>
/// <param name="Positive">I^(m),+ ≥ 0.</param>
/// <param name="Negative">I^(m),- ≤ 0.</param>
public sealed record OrderStrength(int Order, double Positive, double Negative);

/// <summary>Orders <paramref name="From"/>..<paramref name="To"/>, both included; orders above n are simply absent.</summary>
public readonly record struct OrderRange(int From, int To)
{
    /// <summary>Every order.</summary>
    public static OrderRange All => new(1, int.MaxValue);

    /// <summary>Whether an order lies in the range.</summary>
    public bool Contains(int order) => order >= From && order <= To;
}

/// <summary>How the effects of a game spread over orders 1..n.</summary>
public static class OrderDistribution
{
    /// <summary>The strengths of orders 1..n (entry m-1 is order m) over interactions with |I_T| > τ; zeros where there is none.</summary>
    public static OrderStrength[] Of(ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau)
    {
        var players = Tables.Players(and, or);
        Tables.CheckThreshold(tau);
        var sums = new Accumulator(players);
        for (var mask = 1; mask < and.Length; mask++)
        {
            if (Math.Abs(and[mask]) > tau)
            {
                sums.Add(mask, and[mask]);
            }

            if (Math.Abs(or[mask]) > tau)
            {
                sums.Add(mask, or[mask]);
            }
        }

        return sums.ToArray();
    }

    /// <summary>The strengths of orders 1..n over the interactions of a set.</summary>
    public static OrderStrength[] Of(Effects effects, InteractionSet members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var sums = new Accumulator(effects.Players());
        if (members.And.Length != effects.And.Length)
        {
            throw new InvalidGameException("A set of interactions and the effects have different numbers of players.");
        }

        for (var mask = 1; mask < effects.And.Length; mask++)
        {
            if (members.And[mask])
            {
                sums.Add(mask, effects.And[mask]);
            }

            if (members.Or[mask])
            {
                sums.Add(mask, effects.Or[mask]);
            }
        }

        return sums.ToArray();
    }

    /// <summary>
    /// The mean over samples, order by order. Samples may differ in n: an order that a sample does not have counts as 0
    /// there. No samples: an empty array.
    /// </summary>
    public static OrderStrength[] Mean(IReadOnlyList<IReadOnlyList<OrderStrength>> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var orders = samples.Select(sample => sample.Count).DefaultIfEmpty(0).Max();
        return
        [
            .. Enumerable.Range(1, orders).Select(order => new OrderStrength(
                order,
                Mean(samples, order, strength => strength.Positive),
                Mean(samples, order, strength => strength.Negative))),
        ];
    }

    /// <summary>Σ_m |I^(m),+| + |I^(m),-| over the orders of the range: the summed |I_T|.</summary>
    public static double Strength(IReadOnlyList<OrderStrength> orders, OrderRange range)
    {
        ArgumentNullException.ThrowIfNull(orders);
        var sum = default(CompensatedSum);
        foreach (var order in orders.Where(order => range.Contains(order.Order)))
        {
            sum.Add(Math.Abs(order.Positive));
            sum.Add(Math.Abs(order.Negative));
        }

        return sum.Value;
    }

    /// <summary>Σ_m |I^(m),+| + |I^(m),-| over every order.</summary>
    public static double Strength(IReadOnlyList<OrderStrength> orders) => Strength(orders, OrderRange.All);

    private static double Mean(
        IReadOnlyList<IReadOnlyList<OrderStrength>> samples, int order, Func<OrderStrength, double> part)
    {
        var sum = default(CompensatedSum);
        foreach (var sample in samples.Where(sample => sample.Count >= order))
        {
            sum.Add(part(sample[order - 1]) / samples.Count);
        }

        return sum.Value;
    }

    /// <summary>Compensated sums by order and sign.</summary>
    internal readonly struct Accumulator(int players)
    {
        private readonly CompensatedSum[] _positive = new CompensatedSum[players];
        private readonly CompensatedSum[] _negative = new CompensatedSum[players];

        public void Add(int mask, double effect) =>
            (effect > 0 ? _positive : _negative)[BitOperations.PopCount((uint)mask) - 1].Add(effect);

        public OrderStrength[] ToArray()
        {
            var strengths = new OrderStrength[_positive.Length];
            for (var i = 0; i < strengths.Length; i++)
            {
                strengths[i] = new OrderStrength(i + 1, _positive[i].Value, _negative[i].Value);
            }

            return strengths;
        }
    }
}
