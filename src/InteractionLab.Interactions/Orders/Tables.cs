using System.Globalization;

namespace InteractionLab.Interactions;

/// <summary>Checks and sums that several metrics share.</summary>
internal static class Tables
{
    /// <summary>n of two tables over the same masks.</summary>
    public static int Players(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var players = Game.PlayerCount(first.Length);
        if (second.Length != first.Length)
        {
            throw new InvalidGameException(string.Create(
                CultureInfo.InvariantCulture,
                $"Two tables over the same masks have {first.Length} and {second.Length} entries."));
        }

        return players;
    }

    /// <summary>max |x|, 0 for an empty span.</summary>
    public static double MaximumMagnitude(ReadOnlySpan<double> values)
    {
        var maximum = 0.0;
        foreach (var value in values)
        {
            maximum = Math.Max(maximum, Math.Abs(value));
        }

        return maximum;
    }

    /// <summary>
    /// The power of two to measure values up to <paramref name="maximum"/> in: dividing by it is exact, and what is left is
    /// at most 2, so that neither squares nor sums over masks overflow or underflow. 1 for a maximum of 0.
    /// </summary>
    public static double Unit(double maximum) => maximum > 0 ? Math.ScaleB(1, Math.ILogB(maximum)) : 1;

    /// <summary>Throws unless τ is a number (NaN would make nothing salient without saying so).</summary>
    public static void CheckThreshold(double tau)
    {
        if (double.IsNaN(tau))
        {
            throw new ArgumentException("The threshold τ is NaN.", nameof(tau));
        }
    }

    /// <summary>
    /// Whether two effects have the same strict sign. By signs and not by their product, which underflows to 0 for
    /// effects below 1e-162.
    /// </summary>
    public static bool SameSign(double a, double b) => (a > 0 && b > 0) || (a < 0 && b < 0);

    /// <summary>Whether two effects have opposite strict signs.</summary>
    public static bool OppositeSign(double a, double b) => (a > 0 && b < 0) || (a < 0 && b > 0);

    /// <summary>a / b, null when b is not above 0: a share of nothing is undefined.</summary>
    public static double? Ratio(double a, double b) => b > 0 ? a / b : null;
}

/// <summary>A sum of doubles with Neumaier's running compensation: its rounding error does not grow with the number of terms.</summary>
internal struct CompensatedSum
{
    private double _sum;
    private double _lost;

    public readonly double Value => _sum + _lost;

    public void Add(double value)
    {
        var sum = _sum + value;
        _lost += Math.Abs(_sum) >= Math.Abs(value) ? (_sum - sum) + value : (value - sum) + _sum;
        _sum = sum;
    }
}
