namespace InteractionLab.Interactions;

/// <summary>What one pruning ratio did, in numbers (method.md §3; pruning-dynamics.txt, eq. 7 and 8).</summary>
/// <param name="RhoLow">Preserved / salient strength of the low orders; null when the original has none there.</param>
/// <param name="RhoHigh">Preserved / salient strength of the high orders; null when the original has none there.</param>
/// <param name="Total">Summed |I| of the original's salient interactions.</param>
/// <param name="Removed">A_removed: summed |I| of the removed.</param>
/// <param name="RemovedGeneralizable">G_removed: summed |I| of the removed and generalizable.</param>
/// <param name="Emerged">Summed |I'| of the emerged.</param>
/// <param name="EmergedGeneralizable">Summed |I'| of the emerged and generalizable.</param>
public sealed record PruningMetrics(
    double? RhoLow,
    double? RhoHigh,
    double Total,
    double Removed,
    double RemovedGeneralizable,
    double Emerged,
    double EmergedGeneralizable)
{
    // A share of the total below which a difference of removed strengths is rounding (method.md §3).
    private const double Negligible = 1e-9;

    /// <summary>Orders 1-3, the default of ρ_low.</summary>
    public static OrderRange LowOrders => new(1, 3);

    /// <summary>Orders 4-n, the default of ρ_high.</summary>
    public static OrderRange HighOrders => new(4, int.MaxValue);

    /// <summary>The numbers of a distribution, of one sample or of the mean over samples.</summary>
    /// <param name="distribution">Strengths by class.</param>
    /// <param name="low">The low orders; null for <see cref="LowOrders"/>.</param>
    /// <param name="high">The high orders; null for <see cref="HighOrders"/>.</param>
    public static PruningMetrics Of(PruningDistribution distribution, OrderRange? low = null, OrderRange? high = null)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return new PruningMetrics(
            Share(low ?? LowOrders),
            Share(high ?? HighOrders),
            OrderDistribution.Strength(distribution.Total),
            OrderDistribution.Strength(distribution.Removed),
            OrderDistribution.Strength(distribution.RemovedGeneralizable),
            OrderDistribution.Strength(distribution.Emerged),
            OrderDistribution.Strength(distribution.EmergedGeneralizable));

        double? Share(OrderRange range) => Tables.Ratio(
            OrderDistribution.Strength(distribution.Preserved, range),
            OrderDistribution.Strength(distribution.Total, range));
    }

    /// <summary>
    /// Pruning efficiency e(r1→r2) = 1 - ΔG_removed/ΔA_removed. Null, never 0 or infinity, when ΔA_removed is not above
    /// 1e-9 of the total strength: nothing (or less than before) was removed between the two ratios.
    /// </summary>
    public static double? Efficiency(PruningMetrics from, PruningMetrics to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var removed = to.Removed - from.Removed;
        var generalizable = to.RemovedGeneralizable - from.RemovedGeneralizable;
        return removed > Negligible * to.Total ? 1 - generalizable / removed : null;
    }
}
