namespace InteractionLab.Interactions;

/// <summary>
/// The mean of |μ| from noisy measurements x ~ N(μ, s²) with known s. The mean of |x| is too large, by up to
/// √(2/π)·s where μ = 0. Here the distribution of |μ|/s is estimated first, as weights on a grid and with no assumption on
/// its form (nonparametric maximum likelihood, Kiefer and Wolfowitz 1956, by expectation-maximisation), and each
/// measurement replaced by what is expected of its |μ| then.
/// </summary>
/// <remarks>
/// Large interactions are noisier ones: they differ more between contexts. One distribution of |μ| for all measurements
/// would take too much out (on networks by as much as the noise had put in, and twice that); so measurements of like noise
/// have a distribution of their own, and within them it is that of |μ|/s.
/// </remarks>
internal sealed class NoisyMagnitudes
{
    // Places of |μ|/s from 0 up; a measurement this many times its noise or more is as good as without it.
    private const int Places = 24;
    private const double Distance = 0.4;
    private const double Far = 8;

    // So many measurements have a distribution of their own, of so many at most.
    private const int LeastAlike = 40;
    private const int MostStrata = 16;
    private const int FirstSteps = 60;
    private const int LaterSteps = 10;
    private static readonly double FoldedMean = Math.Sqrt(2 / Math.PI);
    private readonly double[] _variances;
    private readonly int[] _stratum;
    private readonly double[]?[] _weights;

    /// <summary>Sorts measurements by their noise.</summary>
    /// <param name="variances">s² of each.</param>
    public NoisyMagnitudes(double[] variances)
    {
        _variances = variances;
        _stratum = new int[variances.Length];
        _weights = new double[Math.Clamp(variances.Length / LeastAlike, 1, MostStrata)][];
        foreach (var (rank, member) in Enumerable.Range(0, variances.Length).OrderBy(k => variances[k]).Index())
        {
            _stratum[member] = (int)((long)rank * _weights.Length / variances.Length);
        }
    }

    /// <summary>The noise floor: the mean of |x| if every μ were 0.</summary>
    public static double Floor(ReadOnlySpan<double> variances)
    {
        var sum = 0.0;
        foreach (var variance in variances)
        {
            sum += Math.Sqrt(variance);
        }

        return FoldedMean * sum / variances.Length;
    }

    /// <summary>
    /// The estimate from all measurements or some of them. The first call should be of all: later ones start from its weights.
    /// </summary>
    /// <param name="x">Measurements; without noise the answer is the mean of |x|.</param>
    /// <param name="members">Which each is, as a place in the variances.</param>
    /// <param name="widening">By what their variances are larger than they were given.</param>
    public double Estimate(ReadOnlySpan<double> x, IReadOnlyList<int> members, double widening = 1)
    {
        var sum = 0.0;
        var near = _weights.Select(_ => new List<(double Z, double Noise)>()).ToArray();
        for (var k = 0; k < x.Length; k++)
        {
            var (magnitude, noise) = (Math.Abs(x[k]), Math.Sqrt(_variances[members[k]] * widening));
            if (magnitude >= Far * noise)
            {
                sum += magnitude;
            }
            else
            {
                near[_stratum[members[k]]].Add((magnitude / noise, noise));
            }
        }

        for (var stratum = 0; stratum < near.Length; stratum++)
        {
            sum += Sum(stratum, near[stratum]);
        }

        return sum / x.Length;
    }

    private double Sum(int stratum, List<(double Z, double Noise)> measured)
    {
        if (measured.Count == 0)
        {
            return 0;
        }

        var likelihood = new double[measured.Count * Places];
        for (var k = 0; k < measured.Count; k++)
        {
            Densities(measured[k].Z, likelihood.AsSpan(k * Places, Places));
        }

        var weights = _weights[stratum] ?? [.. Enumerable.Repeat(1.0 / Places, Places)];
        for (var step = _weights[stratum] is null ? FirstSteps : LaterSteps; step > 0; step--)
        {
            weights = Improve(weights, likelihood, measured.Count);
        }

        _weights[stratum] ??= weights;
        var sum = 0.0;
        for (var k = 0; k < measured.Count; k++)
        {
            sum += measured[k].Noise * Expected(weights, likelihood.AsSpan(k * Places, Places));
        }

        return sum;
    }

    // Of |x|/s under |μ|/s at each place, either sign equally likely; at least e^-32 at some place, as |x|/s is below Far.
    private static void Densities(double z, Span<double> densities)
    {
        for (var w = 0; w < Places; w++)
        {
            var (near, far) = (z - (w * Distance), z + (w * Distance));
            densities[w] = Math.Exp(-0.5 * near * near) + Math.Exp(-0.5 * far * far);
        }
    }

    private static double Expected(double[] weights, ReadOnlySpan<double> densities)
    {
        var (total, moment) = (0.0, 0.0);
        for (var w = 0; w < Places; w++)
        {
            total += weights[w] * densities[w];
            moment += weights[w] * densities[w] * w * Distance;
        }

        return moment / total;
    }

    private static double[] Improve(double[] weights, double[] likelihood, int count)
    {
        var next = new double[Places];
        Span<double> part = stackalloc double[Places];
        for (var k = 0; k < count; k++)
        {
            var total = 0.0;
            for (var w = 0; w < Places; w++)
            {
                total += part[w] = weights[w] * likelihood[(k * Places) + w];
            }

            for (var w = 0; w < Places; w++)
            {
                next[w] += part[w] / total / count;
            }
        }

        return next;
    }
}
