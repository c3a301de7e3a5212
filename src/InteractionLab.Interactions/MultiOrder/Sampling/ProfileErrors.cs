namespace InteractionLab.Interactions;

/// <summary>
/// The errors of an order profile and how those of different orders hang together: deviations, one row each and one entry
/// an order, whose outer products add up to the covariance of J^(m).
/// </summary>
/// <param name="Deviations">The rows.</param>
public sealed record ProfileErrors(IReadOnlyList<double[]> Deviations)
{
    /// <summary>
    /// Errors by the jackknife. Few groups make errors uncertain themselves, so they are widened (<see cref="StudentT.Widening"/>).
    /// </summary>
    /// <param name="strength">J^(m) of everything.</param>
    /// <param name="leftOut">J^(m) without each of the groups, at least 2.</param>
    public static ProfileErrors Jackknife(double[] strength, IReadOnlyList<double[]> leftOut)
    {
        ArgumentNullException.ThrowIfNull(strength);
        ArgumentNullException.ThrowIfNull(leftOut);
        var weight = StudentT.Widening(leftOut.Count - 1) * Math.Sqrt((leftOut.Count - 1.0) / leftOut.Count);
        return new([.. leftOut.Select(left => left.Select((value, k) => weight * (value - strength[k])).ToArray())]);
    }

    /// <summary>Standard errors by order.</summary>
    /// <param name="orders">How many orders there are.</param>
    public double[] StandardErrors(int orders) => [.. Enumerable.Range(0, orders).Select(k => Root(row => row[k]))];

    /// <summary>The standard error of the difference of two orders' J.</summary>
    /// <param name="one">Place of an order.</param>
    /// <param name="other">Place of another.</param>
    public double OfDifference(int one, int other) => Root(row => row[one] - row[other]);

    private double Root(Func<double[], double> part) => Math.Sqrt(Deviations.Sum(row => part(row) * part(row)));
}
