namespace InteractionLab.Interactions;

/// <summary>Thresholds of the pruning phases (method.md §3).</summary>
public sealed record PruningPhaseThresholds
{
    /// <summary>Phase 1 lasts while ρ_low is at least this share of its value at the smallest ratio; 0..1.</summary>
    public double LowPreserved { get; init; } = 0.95;

    /// <summary>Phase 1 lasts while accuracy is within this of its value at the smallest ratio; at least 0.</summary>
    public double InitialAccuracy { get; init; } = 0.01;

    /// <summary>Phase 3 has steps of ρ_low and ρ_high below this; at least 0.</summary>
    public double RhoStep { get; init; } = 0.05;

    /// <summary>Phase 3 has accuracies within this of the final one; at least 0.</summary>
    public double FinalAccuracy { get; init; } = 0.02;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of range; names it.</exception>
    public void Validate()
    {
        Check(LowPreserved, nameof(LowPreserved));
        Check(InitialAccuracy, nameof(InitialAccuracy));
        Check(RhoStep, nameof(RhoStep));
        Check(FinalAccuracy, nameof(FinalAccuracy));

        static void Check(double value, string name)
        {
            if (!(value >= 0 && value <= 1))
            {
                throw new ArgumentOutOfRangeException(name, value, "A threshold of the pruning phases must lie in 0..1.");
            }
        }
    }
}

/// <summary>One ratio of a pruning sweep. Accuracy in 0..1.</summary>
public sealed record PruningPoint(double Ratio, double Accuracy, PruningMetrics Metrics);

/// <summary>
/// A phase as an interval of ratios. Neighbouring phases share their boundary, as the published efficiencies do.
/// </summary>
/// <param name="Phase">1, 2 or 3.</param>
/// <param name="From">The ratio where it starts; null when the phase is empty.</param>
/// <param name="To">The ratio where it ends; null when the phase is empty.</param>
/// <param name="Efficiency">e(from→to); null when empty or undefined.</param>
public sealed record PruningPhase(int Phase, double? From, double? To, double? Efficiency);

/// <summary>The three phases of pruning (method.md §3).</summary>
public static class PruningPhases
{
    // Accuracies of 0.90 and 0.89 differ by 0.01, whichever way their difference rounds.
    private const double Rounding = 1e-12;

    /// <summary>
    /// Splits a sweep. Phase 1 runs from the smallest ratio to the last of the leading ratios at which ρ_low and accuracy
    /// hold; phase 3 from the first ratio after which every step of ρ_low and ρ_high is small and every accuracy is near
    /// the final one; phase 2 between. Where both rules hold phase 1 wins. An interval without length is an empty phase:
    /// with fewer than two ratios all three are. A null ρ (nothing salient at those orders) constrains nothing.
    /// </summary>
    /// <returns>Always three phases, 1 to 3.</returns>
    /// <exception cref="ArgumentException">Ratios do not rise strictly, or a threshold is out of range.</exception>
    public static PruningPhase[] Of(IReadOnlyList<PruningPoint> points, PruningPhaseThresholds? thresholds = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        var limits = thresholds ?? new PruningPhaseThresholds();
        limits.Validate();
        for (var i = 1; i < points.Count; i++)
        {
            if (!(points[i].Ratio > points[i - 1].Ratio))
            {
                throw new ArgumentException("Pruning ratios must rise strictly.", nameof(points));
            }
        }

        if (points.Count == 0)
        {
            return [Interval(1, points, 0, 0), Interval(2, points, 0, 0), Interval(3, points, 0, 0)];
        }

        var first = EndOfFirst(points, limits);
        var third = Math.Max(first, StartOfThird(points, limits));
        return [Interval(1, points, 0, first), Interval(2, points, first, third), Interval(3, points, third, points.Count - 1)];
    }

    private static int EndOfFirst(IReadOnlyList<PruningPoint> points, PruningPhaseThresholds limits)
    {
        var start = points[0];
        var end = 0;
        while (end + 1 < points.Count
            && !(points[end + 1].Metrics.RhoLow < limits.LowPreserved * start.Metrics.RhoLow - Rounding)
            && Math.Abs(points[end + 1].Accuracy - start.Accuracy) <= limits.InitialAccuracy + Rounding)
        {
            end++;
        }

        return end;
    }

    private static int StartOfThird(IReadOnlyList<PruningPoint> points, PruningPhaseThresholds limits)
    {
        var start = points.Count - 1;
        while (start > 0
            && !(Step(point => point.Metrics.RhoLow) >= limits.RhoStep - Rounding)
            && !(Step(point => point.Metrics.RhoHigh) >= limits.RhoStep - Rounding)
            && Math.Abs(points[start - 1].Accuracy - points[^1].Accuracy) <= limits.FinalAccuracy + Rounding)
        {
            start--;
        }

        return start;

        double? Step(Func<PruningPoint, double?> rho) => rho(points[start]) - rho(points[start - 1]) is { } change ? Math.Abs(change) : null;
    }

    private static PruningPhase Interval(int phase, IReadOnlyList<PruningPoint> points, int from, int to) =>
        from >= to
            ? new PruningPhase(phase, null, null, null)
            : new PruningPhase(
                phase, points[from].Ratio, points[to].Ratio, PruningMetrics.Efficiency(points[from].Metrics, points[to].Metrics));
}
