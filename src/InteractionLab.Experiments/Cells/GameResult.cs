using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>One interaction of a result.</summary>
/// <param name="Type">AND or OR.</param>
/// <param name="Players">The players of T, 0..n-1, ascending: positions in <see cref="SampleResult.Players"/>.</param>
/// <param name="Effect">I_T.</param>
/// <param name="Salient">Whether |I_T| > τ.</param>
public sealed record TopInteraction(InteractionType Type, IReadOnlyList<int> Players, double Effect, bool Salient);

/// <summary>What is reported of one sample (docs of the fields: method.md §2).</summary>
public record SampleResult
{
    /// <summary>Its index in the dataset, or of the game.</summary>
    public required int Index { get; init; }

    /// <summary>Its class, null where there is none.</summary>
    public int? Label { get; init; }

    /// <summary>The class the unmasked network predicts; null for games.</summary>
    public int? Prediction { get; init; }

    /// <summary>The class y of v; null for games.</summary>
    public int? Target { get; init; }

    /// <summary>What player i is: a grid cell (row by row), a column, a position of a text, a group, or i itself for games.</summary>
    public required IReadOnlyList<int> Players { get; init; }

    /// <summary>
    /// Where attribution chose the players: the sum of the integrated gradients less v(N) - v(baseline), 0 but for the error
    /// of the quadrature; else null.
    /// </summary>
    public double? AttributionDelta { get; init; }

    /// <summary>What player i is called: its words, of texts only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? PlayerNames { get; init; }

    /// <summary>v(∅).</summary>
    public required double VEmpty { get; init; }

    /// <summary>v(N).</summary>
    public required double VFull { get; init; }

    /// <summary>Σ |I^and| + |I^or| before the order-1 merge.</summary>
    public required double Objective { get; init; }

    /// <summary>A proven lower bound of the objective.</summary>
    public required double LowerBound { get; init; }

    /// <summary>(objective - lower bound) / objective.</summary>
    public required double Gap { get; init; }

    /// <summary>The objective at γ = δ = 0.</summary>
    public required double HalfL1 { get; init; }

    /// <summary>Universal matching: the largest error over masks, as a share of |span|.</summary>
    public required double MatchError { get; init; }

    /// <summary>Iterations of the solver.</summary>
    public required int Iterations { get; init; }

    /// <summary>Whether the gap asked for was reached.</summary>
    public required bool Converged { get; init; }

    /// <summary>What the reader should know of this game, or null.</summary>
    public string? Note { get; init; }

    /// <summary>τ of this sample.</summary>
    public required double Threshold { get; init; }

    /// <summary>How many AND interactions are salient.</summary>
    public required int SalientAnd { get; init; }

    /// <summary>How many OR interactions are salient.</summary>
    public required int SalientOr { get; init; }

    /// <summary>The strongest interactions that are not 0, salient or not, by descending |I|; at most 20.</summary>
    public required IReadOnlyList<TopInteraction> Top { get; init; }

    /// <summary>How well the salient interactions alone give v.</summary>
    public required Fidelity Fidelity { get; init; }

    /// <summary>Order strengths of this sample over salient interactions.</summary>
    public required IReadOnlyList<OrderStrength> Orders { get; init; }
}

/// <summary>What is reported of one game.</summary>
public sealed record GameResult : SampleResult
{
    /// <summary>Takes over what every sample has.</summary>
    [SetsRequiredMembers]
    internal GameResult(SampleResult sample)
        : base(sample)
    {
        Name = string.Empty;
        Shapley = [];
        ShapleyInteraction = [];
    }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>J^(m), m = 0..n-2 (method.md §5); null where all interactions are 0 or n = 1.</summary>
    public IReadOnlyList<double>? Strength { get; init; }

    /// <summary>Shapley values by player; they add up to v(N) - v(∅).</summary>
    public required IReadOnlyList<double> Shapley { get; init; }

    /// <summary>Shapley interaction index of each pair, n x n, symmetric, 0 on the diagonal.</summary>
    public required IReadOnlyList<double[]> ShapleyInteraction { get; init; }
}

/// <summary>A point of the strength curve.</summary>
/// <param name="Rank">r, from 1.</param>
/// <param name="Strength">Mean over samples of the r-th largest |I_T|, AND and OR together.</param>
public readonly record struct RankStrength(int Rank, double Strength);
