namespace InteractionLab.Interactions;

/// <summary>
/// Whether an order profile is a U: high at the first and last measured order and lower between, the interaction
/// bottleneck (interaction-bottleneck.txt, section 4).
/// </summary>
/// <param name="IsU">
/// For the samples measured: the minimum lies strictly between the ends, and the fall from the lower end is more than the noise of contexts and
/// pairs explains (more than 1.96 standard errors, and the more of them the more orders the minimum was chosen among: <see cref="StudentT.Largest"/>).
/// </param>
/// <param name="MinimumAt">The order m of the minimum.</param>
/// <param name="Depth">1 - J(minimum) / J(lower end): 0 no fall, 1 down to nothing; null when the lower end is 0.</param>
/// <param name="Fall">J(lower end) - J(minimum).</param>
/// <param name="FallStandardError">Its standard error from the choice of contexts and pairs; 0 for an exact profile.</param>
/// <param name="SampleFallStandardError">Its standard error from the choice of samples; null with one sample.</param>
/// <param name="HoldsForOtherSamples">
/// Whether the U is significant against both errors, and so to be expected of other samples of the same kind too; null with one sample.
/// </param>
public sealed record ProfileShape(bool IsU, int MinimumAt, double? Depth, double Fall, double FallStandardError, double? SampleFallStandardError, bool? HoldsForOtherSamples)
{
    /// <summary>The shape of a profile; null with fewer than three orders.</summary>
    /// <param name="orders">Measured orders m, ascending.</param>
    /// <param name="strength">J^(m).</param>
    /// <param name="errors">Errors of J^(m) from the choice of contexts and pairs; null for an exact profile.</param>
    /// <param name="sampleErrors">Errors of J^(m) from the choice of samples; null with one sample.</param>
    public static ProfileShape? Of(IReadOnlyList<int> orders, IReadOnlyList<double> strength, ProfileErrors? errors = null, ProfileErrors? sampleErrors = null)
    {
        ArgumentNullException.ThrowIfNull(orders);
        ArgumentNullException.ThrowIfNull(strength);
        if (strength.Count != orders.Count || (errors?.Deviations ?? []).Concat(sampleErrors?.Deviations ?? []).Any(row => row.Length != orders.Count))
        {
            throw new ArgumentException("There must be one strength, and one entry of every error, for every order.", nameof(strength));
        }

        if (orders.Count < 3)
        {
            return null;
        }

        var last = orders.Count - 1;
        var lowest = Enumerable.Range(0, orders.Count).MinBy(k => strength[k]);
        var end = strength[0] <= strength[last] ? 0 : last;
        var fall = strength[end] - strength[lowest];
        var (error, sampleError) = (errors?.OfDifference(end, lowest) ?? 0, sampleErrors?.OfDifference(end, lowest));
        var wanted = StudentT.Largest(orders.Count - 2);
        var isBetween = lowest > 0 && lowest < last;
        return new ProfileShape(
            isBetween && fall > wanted * error,
            orders[lowest],
            strength[end] > 0 ? fall / strength[end] : null,
            fall,
            error,
            sampleError,
            sampleError is { } other ? isBetween && fall > wanted * Math.Sqrt((error * error) + (other * other)) : null);
    }
}
