namespace InteractionLab.Interactions;

/// <summary>N̄: how many interactions hold most of the strength (method.md §4; training-dynamics.txt, eq. 9 and 10).</summary>
/// <param name="And">N̄_and.</param>
/// <param name="Or">N̄_or.</param>
public sealed record InteractionCount(int And, int Or)
{
    /// <summary>N̄ = N̄_and + N̄_or.</summary>
    public int Total => And + Or;

    /// <summary>
    /// For each type the smallest number of interactions (T ≠ ∅) that hold <paramref name="share"/> of Σ|I_T| of that type,
    /// over all of them and not only the salient; 0 when the type has no strength.
    /// </summary>
    /// <param name="effects">The effects of one game.</param>
    /// <param name="share">0..1, 0.8 in the paper.</param>
    public static InteractionCount Of(Effects effects, double share = 0.8)
    {
        effects.Players();
        if (!(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share of the strength must lie in 0..1.");
        }

        return new InteractionCount(Smallest(effects.And, share), Smallest(effects.Or, share));
    }

    private static int Smallest(double[] effects, double share)
    {
        var magnitudes = new double[effects.Length - 1];
        var total = default(CompensatedSum);
        for (var mask = 1; mask < effects.Length; mask++)
        {
            magnitudes[mask - 1] = Math.Abs(effects[mask]);
            total.Add(magnitudes[mask - 1]);
        }

        Array.Sort(magnitudes);

        // Eight of ten equal effects hold 80 %, whichever way their sums round.
        var enough = share * total.Value * (1 - 1e-12);
        var held = default(CompensatedSum);
        var count = 0;
        while (count < magnitudes.Length && held.Value < enough)
        {
            count++;
            held.Add(magnitudes[^count]);
        }

        return count;
    }
}
