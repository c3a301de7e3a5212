using System.Numerics;

namespace InteractionLab.Interactions;

/// <summary>The three conditions under which interactions are sparse, reported as checks (method.md §2).</summary>
/// <param name="HighestSalientOrder">The highest |T| with |I_T| > τ; 0 when nothing is salient.</param>
/// <param name="Monotonic">Whether ū^(0) ≤ ū^(1) ≤ ... ≤ ū^(n), to 1e-12 of max|ū|.</param>
/// <param name="MeanOutputByOrder">ū^(k) = mean_{|S|=k} v(S) - v(∅), entry k for k = 0..n; entry 0 is 0.</param>
/// <param name="Exponent">
/// The largest, over 1 ≤ k' &lt; k ≤ n, of the p with ū^(k') = (k'/k)^p ū^(k): the least p for which
/// ū^(k') ≥ (k'/k)^p ū^(k) holds for all of them. Null when some ū^(k), k ≥ 1, is not positive (the bound then holds for
/// no p, or says nothing) and when n = 1 (there is no pair).
/// </param>
public sealed record SparsityConditions(int HighestSalientOrder, bool Monotonic, double[] MeanOutputByOrder, double? Exponent)
{
    private const double Rounding = 1e-12;

    /// <summary>The conditions of one game.</summary>
    /// <exception cref="InvalidGameException">The lengths differ or are not 2^n, or an output is not finite.</exception>
    public static SparsityConditions Of(
        ReadOnlySpan<double> v, ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau)
    {
        Tables.Players(v, and);
        Tables.Players(and, or);
        Tables.CheckThreshold(tau);
        var players = Game.Validate(v);
        var highest = 0;
        for (var mask = 1; mask < v.Length; mask++)
        {
            if (Math.Abs(and[mask]) > tau || Math.Abs(or[mask]) > tau)
            {
                highest = Math.Max(highest, BitOperations.PopCount((uint)mask));
            }
        }

        return Check(highest, MeanOutputs(v, players));
    }

    /// <summary>
    /// The conditions of a set of samples with the same n: the highest order of any, and the checks of the mean ū^(k).
    /// </summary>
    /// <exception cref="ArgumentException">There is no sample, or the samples differ in n.</exception>
    public static SparsityConditions Mean(IReadOnlyList<SparsityConditions> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0 || samples.Any(sample => sample.MeanOutputByOrder.Length != samples[0].MeanOutputByOrder.Length))
        {
            throw new ArgumentException("The samples must be at least one and have the same number of players.", nameof(samples));
        }

        var mean = new double[samples[0].MeanOutputByOrder.Length];
        for (var order = 1; order < mean.Length; order++)
        {
            var sum = default(CompensatedSum);
            foreach (var sample in samples)
            {
                sum.Add(sample.MeanOutputByOrder[order] / samples.Count);
            }

            mean[order] = sum.Value;
        }

        return Check(samples.Max(sample => sample.HighestSalientOrder), mean);
    }

    private static SparsityConditions Check(int highest, double[] mean)
    {
        var slack = Rounding * Tables.MaximumMagnitude(mean);
        var monotonic = true;
        for (var order = 1; order < mean.Length; order++)
        {
            monotonic &= mean[order] >= mean[order - 1] - slack;
        }

        return new SparsityConditions(highest, monotonic, mean, LargestExponent(mean));
    }

    private static double[] MeanOutputs(ReadOnlySpan<double> v, int players)
    {
        var sums = new CompensatedSum[players + 1];
        var counts = new int[players + 1];
        for (var mask = 0; mask < v.Length; mask++)
        {
            counts[BitOperations.PopCount((uint)mask)]++;
        }

        for (var mask = 1; mask < v.Length; mask++)
        {
            var order = BitOperations.PopCount((uint)mask);

            // Divided before they are summed: 2^n outputs of 1e300 do not overflow.
            sums[order].Add(v[mask] / counts[order] - v[0] / counts[order]);
        }

        return [.. sums.Select(sum => sum.Value)];
    }

    private static double? LargestExponent(double[] mean)
    {
        if (mean.Length < 3 || mean.Skip(1).Any(output => output <= 0))
        {
            return null;
        }

        var largest = double.NegativeInfinity;
        for (var more = 2; more < mean.Length; more++)
        {
            for (var fewer = 1; fewer < more; fewer++)
            {
                largest = Math.Max(largest, Math.Log(mean[more] / mean[fewer]) / Math.Log((double)more / fewer));
            }
        }

        return largest;
    }
}
