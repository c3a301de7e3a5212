namespace InteractionLab.Interactions;

/// <summary>One model's effects on a sample, with the mean |span| of that model over its samples.</summary>
public readonly record struct ScaledEffects(Effects Effects, double MeanSpan);

/// <summary>The continuous generalizability G' in 0..1 (method.md §3).</summary>
public static class ContinuousGeneralizability
{
    /// <summary>
    /// G'_T = 1[I·I* > 0]·min(|I|, |I*|)/max(|I|, |I*|), each model's effects first divided by its own mean |span|; by
    /// mask for both types, 0 for the empty set and where an effect is 0. Null when a mean |span| is 0: the scale is
    /// then undefined.
    /// </summary>
    public static Effects? Of(ScaledEffects model, ScaledEffects reference)
    {
        model.Effects.Players();
        reference.Effects.Players();
        Tables.Players(model.Effects.And, reference.Effects.And);
        if (!IsScale(model.MeanSpan) || !IsScale(reference.MeanSpan))
        {
            return null;
        }

        return new Effects(
            Share(model.Effects.And, model.MeanSpan, reference.Effects.And, reference.MeanSpan),
            Share(model.Effects.Or, model.MeanSpan, reference.Effects.Or, reference.MeanSpan));
    }

    /// <summary>The largest G' over the first k references, entry k-1 for k = 1..K; null when any mean |span| is 0.</summary>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static Effects[]? ToFirst(ScaledEffects model, IReadOnlyList<ScaledEffects> references)
    {
        Classification.CheckAny(references);
        var shares = new Effects[references.Count];
        for (var k = 0; k < shares.Length; k++)
        {
            if (Of(model, references[k]) is not { } own)
            {
                return null;
            }

            shares[k] = k == 0 ? own : new Effects(
                [.. own.And.Zip(shares[k - 1].And, Math.Max)],
                [.. own.Or.Zip(shares[k - 1].Or, Math.Max)]);
        }

        return shares;
    }

    /// <summary>
    /// The strengths of orders 1..n with each salient effect weighted by its G': divided by those of the salient effects,
    /// a continuous H̄ (<see cref="Generalization.Average"/>).
    /// </summary>
    public static OrderStrength[] Distribution(Effects effects, Effects shares, double tau)
    {
        var players = effects.Players();
        shares.Players();
        Tables.Players(effects.And, shares.And);
        Tables.CheckThreshold(tau);
        var sums = new OrderDistribution.Accumulator(players);
        for (var mask = 1; mask < effects.And.Length; mask++)
        {
            if (Math.Abs(effects.And[mask]) > tau)
            {
                sums.Add(mask, effects.And[mask] * shares.And[mask]);
            }

            if (Math.Abs(effects.Or[mask]) > tau)
            {
                sums.Add(mask, effects.Or[mask] * shares.Or[mask]);
            }
        }

        return sums.ToArray();
    }

    private static bool IsScale(double meanSpan) =>
        double.IsFinite(meanSpan) && meanSpan >= 0
            ? meanSpan > 0
            : throw new ArgumentException("A mean |span| must be a finite number of at least 0.", nameof(meanSpan));

    private static double[] Share(double[] effects, double scale, double[] other, double otherScale)
    {
        var shares = new double[effects.Length];
        for (var mask = 1; mask < shares.Length; mask++)
        {
            if (Tables.SameSign(effects[mask], other[mask]))
            {
                var a = Math.Abs(effects[mask]) / scale;
                var b = Math.Abs(other[mask]) / otherScale;
                shares[mask] = Math.Max(a, b) > 0 ? Math.Min(a, b) / Math.Max(a, b) : 0;
            }
        }

        return shares;
    }
}
