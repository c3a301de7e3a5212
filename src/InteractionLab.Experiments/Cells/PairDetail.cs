namespace InteractionLab.Experiments.Cells;

/// <summary>Two games decomposed jointly (method.md §2): interactions by mask, 2^n entries each.</summary>
public sealed record PairDetail
{
    /// <summary>The first game.</summary>
    public required int A { get; init; }

    /// <summary>The second game.</summary>
    public required int B { get; init; }

    /// <summary>The joint objective.</summary>
    public required double JointObjective { get; init; }

    /// <summary>A proven lower bound of it.</summary>
    public required double JointLowerBound { get; init; }

    /// <summary>I^and of the first game.</summary>
    public required double[] AndA { get; init; }

    /// <summary>I^or of the first game.</summary>
    public required double[] OrA { get; init; }

    /// <summary>I^and of the second game.</summary>
    public required double[] AndB { get; init; }

    /// <summary>I^or of the second game.</summary>
    public required double[] OrB { get; init; }
}
