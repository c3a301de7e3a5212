namespace InteractionLab.Interactions;

/// <summary>How well a logical model ĝ gives the outputs v over all masks (method.md §2).</summary>
/// <param name="Rmse">
/// √(mean_S (v(S) - ĝ(S))²) / |v(N) - v(∅)|. With span 0: 0 when ĝ = v (to 1e-12 of max|v|), else null, since no finite share exists.
/// </param>
/// <param name="R2">
/// 1 - Σ(v - ĝ)² / Σ(v - v̄)², at most 1. When v is constant (to 1e-12 of max|v|): 1 when ĝ = v as well, else null.
/// </param>
public sealed record Fidelity(double? Rmse, double? R2)
{
    // Below this share of max|v| a difference is rounding, not a difference.
    private const double Rounding = 1e-12;

    /// <summary>Compares two tables of 2^n outputs.</summary>
    /// <exception cref="InvalidGameException">The lengths differ or are not 2^n, or a value is not finite.</exception>
    public static Fidelity Of(ReadOnlySpan<double> v, ReadOnlySpan<double> g)
    {
        Tables.Players(v, g);
        Game.Validate(v);
        Game.Validate(g);

        var unit = Tables.Unit(Math.Max(Tables.MaximumMagnitude(v), Tables.MaximumMagnitude(g)));
        var (residual, variance) = MeanSquares(v, g, unit);
        var exact = Math.Sqrt(residual) <= Rounding;
        var constant = Math.Sqrt(variance) <= Rounding;
        var span = Math.Abs(v[^1] / unit - v[0] / unit);
        return new Fidelity(
            span > 0 ? Math.Sqrt(residual) / span : exact ? 0 : null,
            !constant ? 1 - residual / variance : exact ? 1 : null);
    }

    private static (double Residual, double Variance) MeanSquares(ReadOnlySpan<double> v, ReadOnlySpan<double> g, double unit)
    {
        var sum = default(CompensatedSum);
        foreach (var value in v)
        {
            sum.Add(value / unit);
        }

        var mean = sum.Value / v.Length;
        var (residual, variance) = (default(CompensatedSum), default(CompensatedSum));
        for (var mask = 0; mask < v.Length; mask++)
        {
            var difference = v[mask] / unit - g[mask] / unit;
            var deviation = v[mask] / unit - mean;
            residual.Add(difference * difference);
            variance.Add(deviation * deviation);
        }

        return (residual.Value / v.Length, variance.Value / v.Length);
    }
}
