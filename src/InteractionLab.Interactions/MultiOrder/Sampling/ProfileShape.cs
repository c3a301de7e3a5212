namespace InteractionLab.Interactions;

/// <summary>
/// Whether an order profile is a U: high at the first and last measured order and lower between, the interaction
/// bottleneck (interaction-bottleneck.txt, section 4).
/// </summary>
/// <param name="IsU">The minimum lies strictly between the ends and the fall from the lower end is more than <see cref="Errors"/> standard errors.</param>
/// <param name="MinimumAt">The order m of the minimum.</param>
/// <param name="Depth">1 - J(minimum) / J(lower end): 0 no fall, 1 down to nothing; null when the lower end is 0.</param>
/// <param name="Fall">J(lower end) - J(minimum).</param>
/// <param name="FallStandardError">Its standard error, errors of the two orders taken as independent; 0 for an exact profile.</param>
public sealed record ProfileShape(bool IsU, int MinimumAt, double? Depth, double Fall, double FallStandardError)
{
    /// <summary>How many standard errors a fall must have to count.</summary>
    public const double Errors = 2;

    /// <summary>The shape of a profile; null with fewer than three orders.</summary>
    /// <param name="orders">Measured orders m, ascending.</param>
    /// <param name="strength">J^(m).</param>
    /// <param name="standardError">Standard errors of J^(m); null for an exact profile.</param>
    public static ProfileShape? Of(IReadOnlyList<int> orders, IReadOnlyList<double> strength, IReadOnlyList<double>? standardError = null)
    {
        ArgumentNullException.ThrowIfNull(orders);
        ArgumentNullException.ThrowIfNull(strength);
        if (strength.Count != orders.Count || (standardError is not null && standardError.Count != orders.Count))
        {
            throw new ArgumentException("There must be one strength, and one standard error where they are given, for every order.", nameof(strength));
        }

        if (orders.Count < 3)
        {
            return null;
        }

        var last = orders.Count - 1;
        var lowest = Enumerable.Range(0, orders.Count).MinBy(k => strength[k]);
        var end = strength[0] <= strength[last] ? 0 : last;
        var fall = strength[end] - strength[lowest];
        var error = standardError is null ? 0 : Math.Sqrt((standardError[end] * standardError[end]) + (standardError[lowest] * standardError[lowest]));
        var isBetween = lowest > 0 && lowest < last;
        return new ProfileShape(isBetween && fall > Errors * error, orders[lowest], strength[end] > 0 ? fall / strength[end] : null, fall, error);
    }
}
