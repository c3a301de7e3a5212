using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>
/// One finished game of a job, whole: what an interactive view of one sample needs. Arrays have 2^n entries in numeric
/// mask order (method.md §1, §2).
/// </summary>
public sealed record GameDetail
{
    /// <summary>The sample's or the game's index.</summary>
    public required int Index { get; init; }

    /// <summary>The game's name, null for samples.</summary>
    public string? Name { get; init; }

    /// <summary>The sample's class, null where there is none.</summary>
    public int? Label { get; init; }

    /// <summary>The class the unmasked network predicts, null for games.</summary>
    public int? Prediction { get; init; }

    /// <summary>The class y of v, null for games.</summary>
    public int? Target { get; init; }

    /// <summary>What player i is: a grid cell, a column, a position of a text, a group, or i itself for games.</summary>
    public required IReadOnlyList<int> Players { get; init; }

    /// <summary>What player i is called: its words, of texts only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? PlayerNames { get; init; }

    /// <summary>v(S).</summary>
    public required double[] V { get; init; }

    /// <summary>I^and_T.</summary>
    public required double[] And { get; init; }

    /// <summary>I^or_T.</summary>
    public required double[] Or { get; init; }

    /// <summary>δ_S.</summary>
    public required double[] Delta { get; init; }

    /// <summary>b = v(∅).</summary>
    public required double Bias { get; init; }

    /// <summary>τ of this game under the job's salience rule and its finished cells.</summary>
    public required double Threshold { get; init; }

    /// <summary>The strongest interactions that are not 0, salient or not, by descending |I|.</summary>
    public IReadOnlyList<Interaction> Strongest(int count) => Salience.Top(And, Or, 0, count);

    /// <summary>Order strengths over salient interactions, orders 1..n.</summary>
    public IReadOnlyList<OrderStrength> Orders() => OrderDistribution.Of(And, Or, Threshold);

    /// <summary>ĝ(S) by mask from salient interactions alone.</summary>
    public double[] LogicalOutputs() => LogicalModel.Evaluate(Bias, And, Or, Threshold);

    /// <summary>How well ĝ gives v.</summary>
    public Fidelity Fidelity() => Interactions.Fidelity.Of(V, LogicalOutputs());

    /// <summary>v ascending with ĝ beside it, at most <paramref name="points"/> masks evenly spread over the ranks (first and last among them).</summary>
    public IReadOnlyList<FidelityPoint> FidelityCurve(int points) => Cells.FidelityPoint.Curve(V, LogicalOutputs(), points);

    internal static GameDetail From(GameCell cell, double threshold) => new()
    {
        Index = cell.Header.Index,
        Name = cell.Header.Name,
        Label = cell.Header.Label,
        Prediction = cell.Header.Prediction,
        Target = cell.Header.Target,
        Players = cell.Header.Players,
        PlayerNames = cell.Header.PlayerNames,
        V = cell.V,
        And = cell.And,
        Or = cell.Or,
        Delta = cell.Delta,
        Bias = cell.Header.Bias,
        Threshold = threshold,
    };
}

/// <summary>A mask of the fidelity chart.</summary>
/// <param name="Rank">Position of the mask when v is sorted ascending, 0..2^n-1 (ties by mask).</param>
/// <param name="Mask">S.</param>
/// <param name="V">v(S).</param>
/// <param name="G">ĝ(S).</param>
public readonly record struct FidelityPoint(int Rank, int Mask, double V, double G)
{
    /// <summary>At most <paramref name="points"/> masks, evenly spread over the ranks.</summary>
    internal static FidelityPoint[] Curve(double[] v, double[] g, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        var masks = Enumerable.Range(0, v.Length).ToArray();
        Array.Sort(masks, (a, b) => v[a] != v[b] ? v[a].CompareTo(v[b]) : a.CompareTo(b));
        return [.. Thinned(v.Length, points).Select(rank => new FidelityPoint(rank, masks[rank], v[masks[rank]], g[masks[rank]]))];
    }

    /// <summary>At most <paramref name="points"/> of 0..<paramref name="count"/>-1, the ends among them.</summary>
    internal static IEnumerable<int> Thinned(int count, int points) => count <= points
        ? Enumerable.Range(0, count)
        : Enumerable.Range(0, points).Select(i => (int)((long)i * (count - 1) / (points - 1)));
}
