namespace InteractionLab.Interactions;

/// <summary>The generalization power H̄ of a set of interactions (method.md §4).</summary>
/// <param name="All">H̄ over all orders; null when nothing is salient.</param>
/// <param name="Low">H̄_low; null when nothing is salient at those orders.</param>
/// <param name="High">H̄_high; null when nothing is salient at those orders.</param>
public sealed record Generalization(double? All, double? Low, double? High)
{
    /// <summary>Orders 1-2, the default of H̄_low.</summary>
    public static OrderRange LowOrders => new(1, 2);

    /// <summary>Orders 6-10, the default of H̄_high.</summary>
    public static OrderRange HighOrders => new(6, 10);

    /// <summary>H̄, H̄_low and H̄_high from strengths by order, of one sample or of the mean over samples.</summary>
    /// <param name="total">Strengths of the salient interactions.</param>
    /// <param name="generalizable">Strengths of those that are generalizable.</param>
    /// <param name="low">The low orders; null for <see cref="LowOrders"/>.</param>
    /// <param name="high">The high orders; null for <see cref="HighOrders"/>.</param>
    public static Generalization Of(
        IReadOnlyList<OrderStrength> total,
        IReadOnlyList<OrderStrength> generalizable,
        OrderRange? low = null,
        OrderRange? high = null) =>
        new(
            Average(total, generalizable, OrderRange.All),
            Average(total, generalizable, low ?? LowOrders),
            Average(total, generalizable, high ?? HighOrders));

    /// <summary>Σ_m(|I_gen^(m),+|+|I_gen^(m),-|) / Σ_m(|I_total^(m),+|+|I_total^(m),-|) over a range; null when the denominator is 0.</summary>
    public static double? Average(
        IReadOnlyList<OrderStrength> total, IReadOnlyList<OrderStrength> generalizable, OrderRange range) =>
        Tables.Ratio(OrderDistribution.Strength(generalizable, range), OrderDistribution.Strength(total, range));

    /// <summary>
    /// Agreement of two references B and C: J = Σ_m Σ_± min(|I_genB|, |I_genC|) / Σ_m Σ_± max, in 0..1; null when nothing
    /// is generalizable to either.
    /// </summary>
    public static double? Jaccard(IReadOnlyList<OrderStrength> generalizableB, IReadOnlyList<OrderStrength> generalizableC)
    {
        ArgumentNullException.ThrowIfNull(generalizableB);
        ArgumentNullException.ThrowIfNull(generalizableC);
        var (common, either) = (default(CompensatedSum), default(CompensatedSum));
        for (var i = 0; i < Math.Max(generalizableB.Count, generalizableC.Count); i++)
        {
            var b = i < generalizableB.Count ? generalizableB[i] : new OrderStrength(i + 1, 0, 0);
            var c = i < generalizableC.Count ? generalizableC[i] : new OrderStrength(i + 1, 0, 0);
            Add(b.Positive, c.Positive);
            Add(b.Negative, c.Negative);
        }

        return Tables.Ratio(common.Value, either.Value);

        void Add(double b, double c)
        {
            common.Add(Math.Min(Math.Abs(b), Math.Abs(c)));
            either.Add(Math.Max(Math.Abs(b), Math.Abs(c)));
        }
    }
}

/// <summary>The salient interactions of one sample (or the mean over samples) by order, and those that generalize.</summary>
/// <param name="Total">Strengths of the salient interactions, orders 1..n.</param>
/// <param name="Generalizable">Entry k-1: strengths of the salient ones generalizable to any of the first k references, k = 1..K.</param>
public sealed record GeneralizationDistribution(
    IReadOnlyList<OrderStrength> Total, IReadOnlyList<IReadOnlyList<OrderStrength>> Generalizable)
{
    /// <summary>The distribution of one sample.</summary>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static GeneralizationDistribution Of(Effects effects, double tau, IReadOnlyList<Reference> references)
    {
        var salient = Classification.Salient(effects, tau);
        var sets = Classification.GeneralizableToFirst(effects, references);
        return new GeneralizationDistribution(
            OrderDistribution.Of(effects, salient),
            [.. sets.Select(set => OrderDistribution.Of(effects, salient.Intersect(set)))]);
    }

    /// <summary>The mean over samples (see <see cref="OrderDistribution.Mean"/>); all must have the same references.</summary>
    /// <exception cref="ArgumentException">There is no sample, or the numbers of references differ.</exception>
    public static GeneralizationDistribution Mean(IReadOnlyList<GeneralizationDistribution> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0 || samples.Any(sample => sample.Generalizable.Count != samples[0].Generalizable.Count))
        {
            throw new ArgumentException("The samples must be at least one and have the same references.", nameof(samples));
        }

        return new GeneralizationDistribution(
            OrderDistribution.Mean([.. samples.Select(sample => sample.Total)]),
            [
                .. Enumerable.Range(0, samples[0].Generalizable.Count)
                    .Select(k => OrderDistribution.Mean([.. samples.Select(sample => sample.Generalizable[k])])),
            ]);
    }
}
