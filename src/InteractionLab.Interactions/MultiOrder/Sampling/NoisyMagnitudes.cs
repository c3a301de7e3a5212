namespace InteractionLab.Interactions;

/// <summary>
/// The mean of |μ| from noisy measurements x ~ N(μ, s²) with known s. The mean of |x| is too large, by up to
/// √(2/π)·s where μ = 0. Here the distribution of |μ| is estimated first, as weights on a grid and with no assumption on
/// its form (nonparametric maximum likelihood, Kiefer and Wolfowitz 1956, by expectation-maximisation), and the mean of
/// |μ| taken of that.
/// </summary>
internal sealed class NoisyMagnitudes
{
    private const int Places = 25;
    private const double Factor = 1.25;
    private const int FirstSteps = 150;
    private const int LaterSteps = 15;
    private static readonly double FoldedMean = Math.Sqrt(2 / Math.PI);
    private double[]? _weights;
    private double _largest;

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
    /// The estimate. A second call on a part of the measurements starts from the weights of the first, and keeps its grid.
    /// </summary>
    /// <param name="x">Measurements.</param>
    /// <param name="variances">s² of each; all 0 gives the mean of |x|.</param>
    public double Estimate(ReadOnlySpan<double> x, ReadOnlySpan<double> variances)
    {
        var noisy = false;
        var (largest, magnitudes) = (0.0, 0.0);
        for (var k = 0; k < x.Length; k++)
        {
            noisy |= variances[k] > 0;
            largest = Math.Max(largest, Math.Abs(x[k]));
            magnitudes += Math.Abs(x[k]);
        }

        return !noisy || largest == 0 ? magnitudes / x.Length : Deconvolve(x, variances, largest);
    }

    private double Deconvolve(ReadOnlySpan<double> x, ReadOnlySpan<double> variances, double largest)
    {
        var steps = _weights is null ? FirstSteps : LaterSteps;
        _largest = _weights is null ? largest : _largest;
        var likelihood = new double[x.Length * Places];
        for (var k = 0; k < x.Length; k++)
        {
            Densities(x[k], variances[k], likelihood.AsSpan(k * Places, Places));
        }

        var weights = _weights is null ? Enumerable.Repeat(1.0 / Places, Places).ToArray() : [.. _weights];
        for (var step = 0; step < steps; step++)
        {
            weights = Improve(weights, likelihood, x.Length);
        }

        _weights ??= weights;
        var mean = 0.0;
        for (var w = 1; w < Places; w++)
        {
            mean += weights[w] * Place(w);
        }

        return mean;
    }

    // Place 0 is 0; the others are a factor apart, up to the largest measurement.
    private double Place(int w) => w == 0 ? 0 : _largest * Math.Pow(Factor, w + 1 - Places);

    // Densities of a measurement under |μ| at each place, either sign equally likely, relative to the largest of them: a
    // measurement far from all places must not underflow. Noise below the distance of places counts as that distance.
    private void Densities(double x, double variance, Span<double> densities)
    {
        var best = double.NegativeInfinity;
        for (var w = 0; w < Places; w++)
        {
            var place = Place(w);
            var blurred = Math.Max(variance, Math.Pow(Math.Max(place, Place(1)) * (Factor - 1) / 2, 2));
            var near = Math.Abs(x) - place;
            var far = Math.Abs(x) + place;
            densities[w] = (-0.5 * ((near * near / blurred) + Math.Log(blurred))) + Math.Log(1 + Math.Exp(0.5 * ((near * near) - (far * far)) / blurred));
            best = Math.Max(best, densities[w]);
        }

        for (var w = 0; w < Places; w++)
        {
            densities[w] = Math.Exp(densities[w] - best);
        }
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

            // A measurement that every remaining width rules out has no say.
            for (var w = 0; total > 0 && w < Places; w++)
            {
                next[w] += part[w] / total;
            }
        }

        var sum = next.Sum();
        return [.. next.Select(w => w / sum)];
    }
}
