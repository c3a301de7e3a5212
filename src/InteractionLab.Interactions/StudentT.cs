namespace InteractionLab.Interactions;

/// <summary>Quantiles that turn standard errors into intervals.</summary>
public static class StudentT
{
    /// <summary>The 97.5 % quantile of the normal distribution: so many standard errors either way are a 95 % interval.</summary>
    public const double Normal = 1.959964;

    private static readonly double[] Few = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281];

    /// <summary>The 97.5 % quantile of Student's t: so many standard errors, estimated from few numbers, are a 95 % interval.</summary>
    /// <param name="freedom">Degrees of freedom, at least 1.</param>
    public static double Quantile(int freedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(freedom, 1);

        // Beyond the table the expansion about the normal quantile (Abramowitz and Stegun 26.7.5) is right to four digits.
        const double Z = Normal;
        return freedom <= Few.Length
            ? Few[freedom - 1]
            : Z + (((Z * Z * Z) + Z) / (4 * freedom))
                + (((5 * Math.Pow(Z, 5)) + (16 * Z * Z * Z) + (3 * Z)) / (96 * Math.Pow(freedom, 2)))
                + (((3 * Math.Pow(Z, 7)) + (19 * Math.Pow(Z, 5)) + (17 * Z * Z * Z) - (15 * Z)) / (384 * Math.Pow(freedom, 3)));
    }

    /// <summary>
    /// What a standard error estimated from few numbers must be widened by, so that 1.96 of it either way are a 95 % interval.
    /// </summary>
    /// <param name="freedom">Degrees of freedom, at least 1.</param>
    public static double Widening(int freedom) => Quantile(freedom) / Normal;

    /// <summary>How many standard errors the largest of some differences must have to be more than chance in 95 % of cases (Bonferroni).</summary>
    /// <param name="looks">How many differences were looked at, at least 1.</param>
    public static double Largest(int looks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(looks, 1);
        var (low, high) = (1.0, 10.0);
        while (high - low > 1e-9)
        {
            var middle = (low + high) / 2;
            (low, high) = Tail(middle) > 0.025 / looks ? (middle, high) : (low, middle);
        }

        return high;
    }

    // A bound from above of the normal distribution's tail (Sampford 1953), half a percent too large at most from 1.96 on.
    private static double Tail(double z) => 4 / ((3 * z) + Math.Sqrt((z * z) + 8)) * Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
}
