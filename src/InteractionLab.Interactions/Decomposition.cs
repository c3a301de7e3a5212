namespace InteractionLab.Interactions;

/// <summary>Which method finds the free parameters γ and δ of an AND-OR decomposition (method.md §2).</summary>
public enum SolverKind
{
    /// <summary>Runs until the relative gap between the objective and a dual bound is small enough, or says it did not.</summary>
    Certified,

    /// <summary>The published stochastic gradient descent, kept so that published figures can be reproduced.</summary>
    Paper,

    /// <summary>γ = δ = 0: half of the output to AND and half to OR. Its lower bound is that of the optimum without noise, from 200 iterations of <see cref="Certified"/>.</summary>
    Half,
}

/// <summary>How a game is decomposed.</summary>
public sealed record DecompositionOptions
{
    /// <summary>The solver.</summary>
    public SolverKind Solver { get; init; } = SolverKind.Certified;

    /// <summary>ζ / |span|: bound of |δ_S| as a share of |v(N) - v(∅)|; 0..1. Ignored (0) by <see cref="SolverKind.Half"/>.</summary>
    public double Noise { get; init; } = 0.02;

    /// <summary>The relative gap (objective - lower bound) / objective at which <see cref="SolverKind.Certified"/> stops; above 0.</summary>
    public double Gap { get; init; } = 1e-3;

    /// <summary>The most iterations; null for the solver's own bound.</summary>
    public int? Iterations { get; init; }

    /// <summary>Initial learning rate of <see cref="SolverKind.Paper"/>; null for its default.</summary>
    public double? LearningRate { get; init; }
}

/// <summary>
/// One game rewritten as AND and OR interactions, with the evidence that it is right (method.md §2). Arrays have 2^n
/// entries in numeric mask order; entry 0 of <see cref="And"/> and <see cref="Or"/> is 0.
/// </summary>
public sealed record Decomposition
{
    /// <summary>n.</summary>
    public required int Players { get; init; }

    /// <summary>I^and_T by mask T, order-1 OR effects merged in.</summary>
    public required double[] And { get; init; }

    /// <summary>I^or_T by mask T; order 1 is 0 after the merge.</summary>
    public required double[] Or { get; init; }

    /// <summary>δ_S by mask S, |δ_S| ≤ noise·|span|, δ_∅ = 0.</summary>
    public required double[] Delta { get; init; }

    /// <summary>b = v(∅).</summary>
    public required double Bias { get; init; }

    /// <summary>v(N) - v(∅).</summary>
    public required double Span { get; init; }

    /// <summary>Σ_{T≠∅} |I^and_T| + |I^or_T| before the order-1 merge.</summary>
    public required double Objective { get; init; }

    /// <summary>A proven lower bound of the objective over all feasible γ, δ (a dual feasible value); 0 for the parts of a joint decomposition.</summary>
    public required double LowerBound { get; init; }

    /// <summary>(objective - lower bound) / objective, 0 when the objective is 0.</summary>
    public required double Gap { get; init; }

    /// <summary>The objective at γ = δ = 0.</summary>
    public required double HalfL1 { get; init; }

    /// <summary>max_S |v(S) - δ_S - b - Σ I| / max(|span|, tiny): universal matching (method.md §2).</summary>
    public required double MatchError { get; init; }

    /// <summary>The solver that ran.</summary>
    public required SolverKind Solver { get; init; }

    /// <summary>Iterations used.</summary>
    public required int Iterations { get; init; }

    /// <summary>Whether the gap asked for was reached (always true for solvers that ask for none).</summary>
    public required bool Converged { get; init; }

    /// <summary>What the reader should know: the gap was missed, the game is constant, ...; null when nothing.</summary>
    public string? Note { get; init; }
}
