using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Games;
using InteractionLab.Interactions;

namespace InteractionLab.Server.Components.Results;

/// <summary>The result of a job of games as its JSON says it: the fields of every kind whose cells are games.</summary>
public sealed record JobReport
{
    /// <summary>One entry a finished sample or game.</summary>
    public IReadOnlyList<ReportedGame> Samples { get; init; } = [];

    /// <summary>Pairs decomposed jointly; empty for most kinds.</summary>
    public IReadOnlyList<PairResult> Pairs { get; init; } = [];

    /// <summary>Order strengths, means over samples.</summary>
    public IReadOnlyList<OrderStrength> Orders { get; init; } = [];

    /// <summary>The τ all samples share, where they share one.</summary>
    public double? Threshold { get; init; }

    /// <summary>Sparsity conditions of the mean.</summary>
    public SparsityConditions? Sparsity { get; init; }

    /// <summary>Strength by rank, means over samples.</summary>
    public IReadOnlyList<RankStrength> StrengthCurve { get; init; } = [];

    /// <summary>Rows that networks ran; null where games came as tables.</summary>
    public long? ForwardPasses { get; init; }

    /// <summary>Rows whose outputs were there from earlier jobs; null where games came as tables.</summary>
    public long? SavedPasses { get; init; }

    /// <summary>Finished cells.</summary>
    public int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One sample or game of a report; the last four fields are null for samples.</summary>
public sealed record ReportedGame : SampleResult
{
    /// <summary>The game's name.</summary>
    public string? Name { get; init; }

    /// <summary>J^(m), m = 0..n-2.</summary>
    public IReadOnlyList<double>? Strength { get; init; }

    /// <summary>Shapley values by player.</summary>
    public IReadOnlyList<double>? Shapley { get; init; }

    /// <summary>Shapley interaction index, n x n.</summary>
    public IReadOnlyList<double[]>? ShapleyInteraction { get; init; }
}
