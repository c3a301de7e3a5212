namespace InteractionLab.Interactions;

/// <summary>
/// Two models' games of the same players, decomposed together so that they share interactions where they can
/// (method.md §2, joint two-model decomposition).
/// </summary>
public sealed record JointDecomposition
{
    /// <summary>The decomposition of v. Its own objective, bound and gap are those of its part alone: no bound is computed.</summary>
    public required Decomposition First { get; init; }

    /// <summary>The decomposition of v'.</summary>
    public required Decomposition Second { get; init; }

    /// <summary>The joint objective, before the order-1 merge.</summary>
    public required double Objective { get; init; }

    /// <summary>A proven lower bound of the joint objective.</summary>
    public required double LowerBound { get; init; }

    /// <summary>(objective - lower bound) / objective, 0 when the objective is 0.</summary>
    public required double Gap { get; init; }

    /// <summary>Iterations used.</summary>
    public required int Iterations { get; init; }

    /// <summary>Whether the gap asked for was reached.</summary>
    public required bool Converged { get; init; }

    /// <summary>What the reader should know; null when nothing.</summary>
    public string? Note { get; init; }
}
