namespace InteractionLab.Interactions;

/// <summary>
/// How the interactions of one sample (or the mean over samples) change under pruning, by class and order 1..n. All ratios
/// (ρ, efficiency) are taken of these sums, so that a sample weighs by its strength and one sample with nothing salient
/// breaks nothing. Strengths are of the original's effects I, except of emerged ones, which are of I' (the original's is
/// not salient there).
/// </summary>
public sealed record PruningDistribution
{
    /// <summary>Salient in the original.</summary>
    public required IReadOnlyList<OrderStrength> Total { get; init; }

    /// <summary>Salient in the original and not removed.</summary>
    public required IReadOnlyList<OrderStrength> Preserved { get; init; }

    /// <summary>Salient in the original and generalizable to a reference.</summary>
    public required IReadOnlyList<OrderStrength> Generalizable { get; init; }

    /// <summary>Salient in the original and removed.</summary>
    public required IReadOnlyList<OrderStrength> Removed { get; init; }

    /// <summary>Removed, and generalizable.</summary>
    public required IReadOnlyList<OrderStrength> RemovedGeneralizable { get; init; }

    /// <summary>Emerged in the pruned model, by I'.</summary>
    public required IReadOnlyList<OrderStrength> Emerged { get; init; }

    /// <summary>Emerged, and generalizable: here G compares the reference's I* with I', the effect that emerged.</summary>
    public required IReadOnlyList<OrderStrength> EmergedGeneralizable { get; init; }

    /// <summary>
    /// Compares a sample's effects before and after pruning. With several references, generalizable means to any of them;
    /// with none, nothing is generalizable.
    /// </summary>
    public static PruningDistribution Of(Effects original, Effects pruned, double tau, IReadOnlyList<Reference> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var salient = Classification.Salient(original, tau);
        var removed = Classification.Removed(original, pruned, tau);
        var emerged = Classification.Emerged(original, pruned, tau);
        return new PruningDistribution
        {
            Total = Distribute(original, salient),
            Preserved = Distribute(original, salient.Except(removed)),
            Generalizable = Distribute(original, ToAny(original, salient, references)),
            Removed = Distribute(original, removed),
            RemovedGeneralizable = Distribute(original, ToAny(original, removed, references)),
            Emerged = Distribute(pruned, emerged),
            EmergedGeneralizable = Distribute(pruned, ToAny(pruned, emerged, references)),
        };
    }

    /// <summary>The mean over samples, class by class (see <see cref="OrderDistribution.Mean"/>).</summary>
    public static PruningDistribution Mean(IReadOnlyList<PruningDistribution> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new PruningDistribution
        {
            Total = Part(sample => sample.Total),
            Preserved = Part(sample => sample.Preserved),
            Generalizable = Part(sample => sample.Generalizable),
            Removed = Part(sample => sample.Removed),
            RemovedGeneralizable = Part(sample => sample.RemovedGeneralizable),
            Emerged = Part(sample => sample.Emerged),
            EmergedGeneralizable = Part(sample => sample.EmergedGeneralizable),
        };

        OrderStrength[] Part(Func<PruningDistribution, IReadOnlyList<OrderStrength>> part) =>
            OrderDistribution.Mean([.. samples.Select(part)]);
    }

    private static OrderStrength[] Distribute(Effects effects, InteractionSet members) => OrderDistribution.Of(effects, members);

    private static InteractionSet ToAny(Effects effects, InteractionSet members, IReadOnlyList<Reference> references) =>
        references.Count == 0
            ? members.Except(members)
            : members.Intersect(Classification.GeneralizableToFirst(effects, references)[^1]);
}
