using System.Text.Json.Serialization;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>What a cell says of its game beside the arrays.</summary>
internal sealed record GameHeader
{
    /// <summary>The sample's or the game's index; -1 where the cell found no sample.</summary>
    public int Index { get; init; }

    public string? Name { get; init; }

    public int? Label { get; init; }

    public int? Prediction { get; init; }

    /// <summary>The class y of v.</summary>
    public int? Target { get; init; }

    /// <summary>What player i is.</summary>
    public int[] Players { get; init; } = [];

    /// <summary>Where attribution chose the players: its convergence delta.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AttributionDelta { get; init; }

    /// <summary>What player i is called; null where it has a number only.</summary>
    public IReadOnlyList<string>? PlayerNames { get; init; }

    /// <summary>The largest |I_T|.</summary>
    public double Maximum { get; init; }

    public double Bias { get; init; }

    public double Span { get; init; }

    public double Objective { get; init; }

    public double LowerBound { get; init; }

    public double Gap { get; init; }

    public double HalfL1 { get; init; }

    public double MatchError { get; init; }

    public SolverKind Solver { get; init; }

    public int Iterations { get; init; }

    public bool Converged { get; init; }

    public string? Note { get; init; }

    /// <summary>How the run that computed it differs from what was asked (device, batch dimension).</summary>
    public IReadOnlyList<string> RunNotes { get; init; } = [];

    /// <summary>Rows of network input that the cell ran.</summary>
    public long ForwardPasses { get; init; }

    /// <summary>Rows whose outputs were there already.</summary>
    public long SavedPasses { get; init; }

    public MultiOrderSummary? MultiOrder { get; init; }

    /// <summary>Whether the cell holds no game: there was no further sample of the kind asked for.</summary>
    public bool IsAbsent => Index < 0;

    /// <summary>Takes over what a decomposition says of itself.</summary>
    public GameHeader With(Decomposition d) => this with
    {
        Maximum = Effects.From(d).Maximum(),
        Bias = d.Bias,
        Span = d.Span,
        Objective = d.Objective,
        LowerBound = d.LowerBound,
        Gap = d.Gap,
        HalfL1 = d.HalfL1,
        MatchError = d.MatchError,
        Solver = d.Solver,
        Iterations = d.Iterations,
        Converged = d.Converged,
        Note = d.Note,
    };
}

/// <summary>Multi-order measures of one game (method.md §5).</summary>
internal sealed record MultiOrderSummary(double[]? Strength, double[] Shapley, double[][] ShapleyInteraction, double EfficiencyError);

/// <summary>A game and its decomposition as a cell keeps them: v, I^and, I^or, δ by mask.</summary>
internal sealed record GameCell(GameHeader Header, double[] V, double[] And, double[] Or, double[] Delta)
{
    /// <summary>The bytes of a cell that found no sample.</summary>
    public static byte[] AbsentBytes(CellPasses passes) =>
        CellFile.Write(new GameHeader { Index = -1, ForwardPasses = passes.Made, SavedPasses = passes.Saved });

    /// <summary>The bytes of a cell.</summary>
    public static byte[] ToBytes(GameHeader header, double[] v, Decomposition d) =>
        CellFile.Write(header.With(d), ("v", v), ("and", d.And), ("or", d.Or), ("delta", d.Delta));

    /// <summary>Reads a cell and checks it.</summary>
    public static GameCell Read(Stream stream)
    {
        var (header, arrays) = CellFile.Read<GameHeader>(stream);
        return header.IsAbsent ? new GameCell(header, [], [], [], []) : new GameCell(header, arrays["v"], arrays["and"], arrays["or"], arrays["delta"]);
    }
}
