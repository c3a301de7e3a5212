namespace InteractionLab.Interactions;

/// <summary>A reference model's effects I* on the sample, with its own threshold τ* (the salience rule applied to its own outputs).</summary>
public readonly record struct Reference(Effects Effects, double Threshold);

/// <summary>
/// Which interactions two models share (method.md §3; pruning-dynamics.txt, definitions 2.2 to 2.4; the definitions take
/// AND and OR alike). Signs are compared as signs, so no product underflows; an effect of 0 has no sign.
/// </summary>
public static class Classification
{
    /// <summary>|I| > τ.</summary>
    public static InteractionSet Salient(Effects effects, double tau)
    {
        Tables.CheckThreshold(tau);
        return InteractionSet.Where(effects, effect => Math.Abs(effect) > tau);
    }

    /// <summary>G = 1: |I*| > τ* and I*·I > 0. Whether I itself is salient is not asked: intersect with <see cref="Salient"/>.</summary>
    public static InteractionSet Generalizable(Effects effects, Reference reference)
    {
        Tables.CheckThreshold(reference.Threshold);
        return InteractionSet.Where(effects, reference.Effects, (effect, other) =>
            Math.Abs(other) > reference.Threshold && Tables.SameSign(effect, other));
    }

    /// <summary>
    /// Generalizable to any of the first k references, entry k-1 for k = 1..K (training-dynamics.txt, eq. 13): each set
    /// holds the one before it.
    /// </summary>
    /// <exception cref="ArgumentException">There is no reference.</exception>
    public static InteractionSet[] GeneralizableToFirst(Effects effects, IReadOnlyList<Reference> references)
    {
        CheckAny(references);
        var sets = new InteractionSet[references.Count];
        for (var k = 0; k < sets.Length; k++)
        {
            var own = Generalizable(effects, references[k]);
            sets[k] = k == 0 ? own : sets[k - 1].Union(own);
        }

        return sets;
    }

    /// <summary>R = 1, of interactions salient in the original: |I'| ≤ τ, or I' has the other sign. τ is the original model's.</summary>
    public static InteractionSet Removed(Effects original, Effects pruned, double tau)
    {
        Tables.CheckThreshold(tau);
        return InteractionSet.Where(original, pruned, (before, after) =>
            Math.Abs(before) > tau && IsRemoved(before, after, tau));
    }

    /// <summary>Salient in the original and not removed.</summary>
    public static InteractionSet Preserved(Effects original, Effects pruned, double tau)
    {
        Tables.CheckThreshold(tau);
        return InteractionSet.Where(original, pruned, (before, after) =>
            Math.Abs(before) > tau && !IsRemoved(before, after, tau));
    }

    /// <summary>
    /// E = 1: |I| ≤ τ and |I'| > τ. A salient interaction whose sign flips is removed and does not emerge. τ is the
    /// original model's.
    /// </summary>
    public static InteractionSet Emerged(Effects original, Effects pruned, double tau)
    {
        Tables.CheckThreshold(tau);
        return InteractionSet.Where(original, pruned, (before, after) => Math.Abs(before) <= tau && Math.Abs(after) > tau);
    }

    internal static void CheckAny<T>(IReadOnlyList<T> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        if (references.Count == 0)
        {
            throw new ArgumentException("Generalizability needs at least one reference.", nameof(references));
        }
    }

    private static bool IsRemoved(double before, double after, double tau) =>
        Math.Abs(after) <= tau || Tables.OppositeSign(before, after);
}
