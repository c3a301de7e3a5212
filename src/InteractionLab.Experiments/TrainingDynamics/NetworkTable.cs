using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>The finished games of one network: its headers and thresholds in memory, its arrays read block by block.</summary>
internal sealed class NetworkTable
{
    private readonly ICellSource _cells;
    private readonly DynamicsLayout _layout;
    private readonly int _network;

    private NetworkTable(ICellSource cells, DynamicsLayout layout, int network, IReadOnlyList<BlockHeader> blocks, SalienceRule rule)
    {
        _cells = cells;
        _layout = layout;
        _network = network;
        Model = blocks[0].Model;
        Headers = [.. blocks.SelectMany(block => block.Games)];
        var inputs = Headers.Select((header, i) => new SalienceInput(header.Span, header.Maximum, () => Load(i))).ToArray();
        Thresholds = Salience.Thresholds(rule, inputs);
        MeanSpan = Salience.MeanSpan(inputs);
        Threshold = rule.Kind is SalienceKind.MeanSpan or SalienceKind.PooledMax ? Thresholds[0] : null;
    }

    /// <summary>Id of its model.</summary>
    public string Model { get; }

    /// <summary>What is said of each game, by sample.</summary>
    public IReadOnlyList<GameHeader> Headers { get; }

    /// <summary>τ of each game.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>The τ all games share, or null.</summary>
    public double? Threshold { get; }

    /// <summary>Mean |span|.</summary>
    public double MeanSpan { get; }

    /// <summary>The largest gap of a game.</summary>
    public double WorstGap => Headers.Max(header => header.Gap);

    /// <summary>The largest universal-matching error of a game.</summary>
    public double WorstMatchError => Headers.Max(header => header.MatchError);

    /// <summary>Games that missed the gap asked for.</summary>
    public int Unconverged => Headers.Count(header => !header.Converged);

    /// <summary>The games of a network; null while one of them is not finished, since τ rests on all of them.</summary>
    public static NetworkTable? Open(ICellSource cells, DynamicsLayout layout, int network, IReadOnlyList<BlockHeader?> headers, SalienceRule rule)
    {
        var blocks = Enumerable.Range(0, layout.Blocks).Select(block => headers[layout.Cell(network, block)]).OfType<BlockHeader>().ToArray();
        return blocks.Length == layout.Blocks ? new NetworkTable(cells, layout, network, blocks, rule) : null;
    }

    /// <summary>The games of a block.</summary>
    public IReadOnlyList<GameCell> Read(int block)
    {
        var cell = _layout.Cell(_network, block);
        using var stream = _cells.Open(cell) ?? throw new InvalidDataException($"Cell {cell} was finished and is gone.");
        return CellFile.Named(cell, () => BlockCell.Read(stream)).Games;
    }

    private Effects Load(int sample)
    {
        var (block, place) = Math.DivRem(sample, _layout.BlockSize);
        var game = Read(block)[place];
        return new Effects(game.And, game.Or);
    }
}
