using System.Numerics;

namespace InteractionLab.Interactions;

/// <summary>
/// Δu(r1, r2) = E[v(S2)] - (r2/r1)·E[v(S1)] over |S1| = k1 = r1·n, |S2| = k2 = r2·n (method.md §5; interaction-bottleneck.txt,
/// eq. 14 and theorem 2), and the weights with which multi-order interactions enter it:
/// Δu = <see cref="EmptyWeight"/>·v(∅) + <see cref="SingleWeight"/>·Σ_i [v({i}) - v(∅)] + Σ_m w^(m) Σ_{i≠j ordered} I^(m)(i,j).
/// </summary>
public static class OutputDifference
{
    /// <summary>k = r·n rounded to the nearest size, halves up.</summary>
    /// <param name="ratio">r, 0..1.</param>
    /// <param name="players">n, at least 1.</param>
    public static int Size(double ratio, int players)
    {
        if (!(ratio >= 0 && ratio <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio of present players must lie in 0..1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        return (int)Math.Round(ratio * players, MidpointRounding.AwayFromZero);
    }

    /// <summary>The factor of E[v(S1)]: k2/k1, and 1 when k1 = 0.</summary>
    public static double Coefficient(int k1, int k2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k2, k1);
        return k1 == 0 ? 1 : (double)k2 / k1;
    }

    /// <summary>1 - k2/k1; 0 when k1 = 0.</summary>
    public static double EmptyWeight(int k1, int k2) => 1 - Coefficient(k1, k2);

    /// <summary>The weight of the single effects: 0, since they cancel; k2/n when k1 = 0, where nothing cancels them.</summary>
    public static double SingleWeight(int players, int k1, int k2)
    {
        Check(players, k1, k2);
        return k1 == 0 ? (double)k2 / players : 0;
    }

    /// <summary>w^(m) = [max(0, k2-1-m) - (k2/k1)·max(0, k1-1-m)] / (n(n-1)) for m = 0..n-2; empty for n = 1.</summary>
    /// <param name="players">n, at least 1.</param>
    /// <param name="k1">0..k2.</param>
    /// <param name="k2">k1..n.</param>
    public static double[] Weights(int players, int k1, int k2)
    {
        Check(players, k1, k2);
        var weights = new double[players - 1];
        for (var m = 0; m < weights.Length; m++)
        {
            weights[m] = (Math.Max(0, k2 - 1 - m) - Coefficient(k1, k2) * Math.Max(0, k1 - 1 - m)) / ((double)players * (players - 1));
        }

        return weights;
    }

    /// <summary>Δu of a table of 2^n outputs, exactly: the expectations are means over every mask of the size.</summary>
    /// <exception cref="InvalidGameException">The length is not 2^n or a value is not finite.</exception>
    public static double Exact(ReadOnlySpan<double> v, int k1, int k2)
    {
        var players = Game.Validate(v);
        Check(players, k1, k2);
        return MeanOfSize(v, players, k2) - Coefficient(k1, k2) * MeanOfSize(v, players, k1);
    }

    private static double MeanOfSize(ReadOnlySpan<double> v, int players, int size)
    {
        var count = Combinatorics.Binomial(players, size);
        var mean = default(CompensatedSum);
        for (var mask = 0; mask < v.Length; mask++)
        {
            if (BitOperations.PopCount((uint)mask) == size)
            {
                mean.Add(v[mask] / count);
            }
        }

        return mean.Value;
    }

    private static void Check(int players, int k1, int k2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(k1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k2, k1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k2, players);
    }
}
