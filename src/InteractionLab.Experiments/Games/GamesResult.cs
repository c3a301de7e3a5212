using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Games;

/// <summary>A pair of games decomposed jointly (method.md §2).</summary>
/// <param name="A">The first game.</param>
/// <param name="B">The second game.</param>
/// <param name="JointObjective">The joint objective.</param>
/// <param name="JointLowerBound">A proven lower bound of it.</param>
/// <param name="Gap">(objective - lower bound) / objective.</param>
/// <param name="Iterations">Iterations of the solver.</param>
/// <param name="Converged">Whether the gap asked for was reached.</param>
/// <param name="Note">What the reader should know, or null.</param>
public sealed record PairResult(int A, int B, double JointObjective, double JointLowerBound, double Gap, int Iterations, bool Converged, string? Note);

/// <summary>The result of a games job.</summary>
public sealed record GamesResult
{
    /// <summary>One entry a finished game, in order.</summary>
    public required IReadOnlyList<GameResult> Samples { get; init; }

    /// <summary>One entry a finished pair, in order.</summary>
    public required IReadOnlyList<PairResult> Pairs { get; init; }

    /// <summary>Order strengths over salient interactions, means over games.</summary>
    public required IReadOnlyList<OrderStrength> Orders { get; init; }

    /// <summary>The τ all games share; null where the rule gives each its own (see the games) and where there is no game.</summary>
    public required double? Threshold { get; init; }

    /// <summary>Sparsity conditions of the mean over games; null where there is no game.</summary>
    public required SparsityConditions? Sparsity { get; init; }

    /// <summary>Strength of the r-th strongest interaction, mean over games.</summary>
    public required IReadOnlyList<RankStrength> StrengthCurve { get; init; }

    /// <summary>Finished cells, games and pairs.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
