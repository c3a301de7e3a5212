namespace InteractionLab.Interactions;

/// <summary>J^(m), the relative strength of orders (method.md §5; interaction-bottleneck.txt, eq. 6 and 7).</summary>
public static class RelativeStrength
{
    /// <summary>
    /// J^(m) of one game or several with the same n: mean over games and pairs of |I^(m)(i,j)|, divided by its mean over the
    /// measured orders; so J has mean 1. Null when every interaction is 0, and for n = 1 (no order).
    /// </summary>
    /// <param name="games">At least one, all with the same n.</param>
    /// <param name="orders">The measured orders m, each once; null for 0..n-2. Entry k of the result is J of <c>orders[k]</c>.</param>
    /// <exception cref="ArgumentException">There is no game, the games differ in n, or an order is repeated or out of range.</exception>
    public static double[]? Of(IReadOnlyList<MultiOrderInteractions> games, IReadOnlyList<int>? orders = null)
    {
        ArgumentNullException.ThrowIfNull(games);
        if (games.Count == 0 || games.Any(game => game.Players != games[0].Players))
        {
            throw new ArgumentException("The games must be at least one and have the same number of players.", nameof(games));
        }

        var measured = orders ?? [.. Enumerable.Range(0, games[0].Orders)];
        if (measured.Distinct().Count() != measured.Count || measured.Any(m => m < 0 || m >= games[0].Orders))
        {
            throw new ArgumentException("Measured orders must be distinct and lie in 0..n-2.", nameof(orders));
        }

        var means = new CompensatedSum[games[0].Orders];
        foreach (var game in games)
        {
            var magnitudes = game.MeanMagnitudes();
            for (var m = 0; m < means.Length; m++)
            {
                means[m].Add(magnitudes[m] / games.Count);
            }
        }

        return Normalize([.. measured.Select(m => means[m].Value)]);
    }

    /// <summary>J of one game, all orders.</summary>
    public static double[]? Of(MultiOrderInteractions game) => Of([game]);

    /// <summary>Strengths divided by their mean; null when they are empty or all 0. For sampled strengths too.</summary>
    /// <param name="strengths">Mean |I^(m)| of the measured orders, each finite and at least 0.</param>
    public static double[]? Normalize(IReadOnlyList<double> strengths)
    {
        ArgumentNullException.ThrowIfNull(strengths);
        var mean = default(CompensatedSum);
        foreach (var strength in strengths)
        {
            if (!double.IsFinite(strength) || strength < 0)
            {
                throw new ArgumentException("A strength must be a finite number of at least 0.", nameof(strengths));
            }

            mean.Add(strength / strengths.Count);
        }

        return mean.Value > 0 ? [.. strengths.Select(strength => strength / mean.Value)] : null;
    }
}
