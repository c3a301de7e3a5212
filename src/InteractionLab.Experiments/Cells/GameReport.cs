using System.Numerics;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>
/// What the finished games of a job say together: thresholds in a first pass over headers, everything else in a second
/// pass that holds one game at a time.
/// </summary>
internal sealed class GameReport
{
    /// <summary>How many interactions a result lists for each sample.</summary>
    public const int TopCount = 20;

    private const int CurvePoints = 512;

    // The gate of method.md §2; rounding of a game whose span is far below its values can exceed it.
    private const double MatchGate = 1e-9;
    private readonly GameTables _tables;
    private readonly List<SampleResult> _samples = [];
    private readonly List<SparsityConditions> _sparsity = [];
    private readonly List<string> _notes = [];
    private double[] _strengths = [];

    private GameReport(GameCells games, SalienceRule rule, GameTables tables)
    {
        Games = games;
        _tables = tables;
        Thresholds = games.Thresholds(rule);
        Threshold = rule.Kind is SalienceKind.MeanSpan or SalienceKind.PooledMax && Thresholds.Count > 0 ? Thresholds[0] : null;
    }

    /// <summary>The games reported on.</summary>
    public GameCells Games { get; }

    /// <summary>τ of each.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>The τ all share; null where the rule gives each its own, and where there is none.</summary>
    public double? Threshold { get; }

    /// <summary>One entry a game.</summary>
    public IReadOnlyList<SampleResult> Samples => _samples;

    /// <summary>Order strengths, means over games.</summary>
    public IReadOnlyList<OrderStrength> Orders => OrderDistribution.Mean([.. _samples.Select(sample => sample.Orders)]);

    /// <summary>Sparsity conditions of the mean; null where there is no game.</summary>
    public SparsityConditions? Sparsity => _sparsity.Count == 0 ? null : SparsityConditions.Mean(_sparsity);

    /// <summary>The r-th largest |I| by rank, means over games; at most 512 ranks, evenly spread.</summary>
    public IReadOnlyList<RankStrength> StrengthCurve =>
        [.. FidelityPoint.Thinned(_strengths.Length, CurvePoints).Select(rank => new RankStrength(rank + 1, _strengths[rank] / _samples.Count))];

    /// <summary>What the reader should know.</summary>
    public IReadOnlyList<string> Notes => [.. _notes, .. _tables.Notes];

    /// <summary>The tables.</summary>
    public IReadOnlyList<ResultTable> Tables => _tables.All(this);

    /// <summary>The arrays.</summary>
    public IReadOnlyList<ResultArtifact> Artifacts => GameArtifacts.Of(Games);

    /// <summary>Reads every finished game once.</summary>
    /// <param name="games">The games.</param>
    /// <param name="rule">The salience rule.</param>
    /// <param name="shape">Turns what every sample has into what this kind reports; called in order.</param>
    /// <param name="cancellation">Checked between games.</param>
    public static GameReport Build(GameCells games, SalienceRule rule, Func<SampleResult, GameHeader, SampleResult> shape, CancellationToken cancellation)
    {
        var report = new GameReport(games, rule, new GameTables(games.Positions.Count));
        for (var k = 0; k < games.Positions.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            report.Add(games.Read(k), report.Thresholds[k], shape);
        }

        report.Describe();
        return report;
    }

    private void Add(GameCell cell, double threshold, Func<SampleResult, GameHeader, SampleResult> shape)
    {
        var header = cell.Header;
        var (ands, ors) = Salience.Count(cell.And, cell.Or, threshold);
        var outputs = LogicalModel.Evaluate(header.Bias, cell.And, cell.Or, threshold);
        var strongest = Salience.Salient(cell.And, cell.Or, 0);
        var sample = new SampleResult
        {
            Index = header.Index,
            Label = header.Label,
            Prediction = header.Prediction,
            Target = header.Target,
            Players = header.Players,
            AttributionDelta = header.AttributionDelta,
            PlayerNames = header.PlayerNames,
            VEmpty = cell.V[0],
            VFull = cell.V[^1],
            Objective = header.Objective,
            LowerBound = header.LowerBound,
            Gap = header.Gap,
            HalfL1 = header.HalfL1,
            MatchError = header.MatchError,
            Iterations = header.Iterations,
            Converged = header.Converged,
            Note = header.Note,
            Threshold = threshold,
            SalientAnd = ands,
            SalientOr = ors,
            Top = [.. strongest.Take(TopCount).Select(interaction => Describe(interaction, threshold))],
            Fidelity = Fidelity.Of(cell.V, outputs),
            Orders = OrderDistribution.Of(cell.And, cell.Or, threshold),
        };
        _samples.Add(shape(sample, header));
        var sparsity = SparsityConditions.Of(cell.V, cell.And, cell.Or, threshold);
        _sparsity.Add(sparsity);
        AddStrengths(strongest, cell.V.Length);
        _tables.Add(sample, header, sparsity, strongest, cell.V, outputs);
    }

    private static TopInteraction Describe(Interaction interaction, double threshold) =>
        new(interaction.Type, PlayersOf(interaction.Mask), interaction.Effect, Math.Abs(interaction.Effect) > threshold);

    /// <summary>The players of a mask, ascending.</summary>
    internal static int[] PlayersOf(int mask)
    {
        var players = new int[BitOperations.PopCount((uint)mask)];
        for (int i = 0, rest = mask; rest != 0; i++, rest &= rest - 1)
        {
            players[i] = BitOperations.TrailingZeroCount(rest);
        }

        return players;
    }

    private void AddStrengths(Interaction[] strongest, int masks)
    {
        if (_strengths.Length == 0)
        {
            _strengths = new double[2 * (masks - 1)];
        }

        for (var i = 0; i < strongest.Length; i++)
        {
            _strengths[i] += Math.Abs(strongest[i].Effect);
        }
    }

    private void Describe()
    {
        _notes.AddRange(Games.Headers.SelectMany(header => header.RunNotes).Distinct());
        if (Games.Finished < Games.Total)
        {
            _notes.Add($"Partial: {Games.Finished} of {Games.Total} cells are finished.");
        }

        if (Games.Absent > 0)
        {
            _notes.Add($"{Games.Absent} of {Games.Finished} places stayed empty: the dataset has no further correctly classified sample for them.");
        }

        if (_samples.Count(sample => !sample.Converged) is > 0 and var missed)
        {
            _notes.Add($"The gap asked for was not reached in {missed} of {_samples.Count} games; gap says how far from the optimum each can be.");
        }

        if (_samples.Count(sample => !(sample.MatchError <= MatchGate)) is > 0 and var unmatched)
        {
            _notes.Add($"Universal matching holds only to more than 1e-9 of the span in {unmatched} of {_samples.Count} games: their span is tiny beside their values.");
        }
    }
}
