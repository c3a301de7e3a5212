using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>
/// The games among the cells of a job: cells 0..<see cref="Total"/>-1 hold one each. Which are finished is settled once,
/// when this is opened; arrays are read again whenever they are needed and never all held.
/// </summary>
internal sealed class GameCells
{
    private readonly ICellSource _cells;

    private GameCells(ICellSource cells, int total, IReadOnlyList<int> positions, IReadOnlyList<GameHeader> headers)
    {
        _cells = cells;
        Total = total;
        Positions = positions;
        Headers = headers;
    }

    /// <summary>How many cells the job has for games.</summary>
    public int Total { get; }

    /// <summary>How many of them are finished.</summary>
    public int Finished { get; private init; }

    /// <summary>The finished cells that hold a game.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>Their headers.</summary>
    public IReadOnlyList<GameHeader> Headers { get; }

    /// <summary>Rows of network input that the finished cells ran, those that found no sample among them.</summary>
    public long ForwardPasses { get; private init; }

    /// <summary>Rows whose outputs were there already.</summary>
    public long SavedPasses { get; private init; }

    /// <summary>How many finished cells found no sample.</summary>
    public int Absent => Finished - Positions.Count;

    /// <summary>Reads the headers of the finished cells.</summary>
    public static GameCells Open(ICellSource cells, int total, CancellationToken cancellation)
    {
        var positions = new List<int>();
        var (finished, made, saved) = (0, 0L, 0L);
        var headers = new List<GameHeader>();
        for (var i = 0; i < total; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(i);
            if (stream is null)
            {
                continue;
            }

            finished++;
            var header = CellFile.Named(i, () => CellFile.ReadContent<GameHeader>(stream));
            (made, saved) = (made + header.ForwardPasses, saved + header.SavedPasses);
            if (!header.IsAbsent)
            {
                positions.Add(i);
                headers.Add(header);
            }
        }

        return new GameCells(cells, total, positions, headers) { Finished = finished, ForwardPasses = made, SavedPasses = saved };
    }

    /// <summary>Game <paramref name="k"/> of <see cref="Positions"/>, whole.</summary>
    public GameCell Read(int k)
    {
        using var stream = _cells.Open(Positions[k]) ?? throw new InvalidDataException($"Cell {Positions[k]} was finished and is gone.");
        return CellFile.Named(Positions[k], () => GameCell.Read(stream));
    }

    /// <summary>τ of every game of <see cref="Positions"/>.</summary>
    public double[] Thresholds(SalienceRule rule) => Salience.Thresholds(rule, [.. Enumerable.Range(0, Headers.Count).Select(Input)]);

    /// <summary>τ of one of them, without reading the arrays of the others.</summary>
    public double Threshold(SalienceRule rule, int k) => rule.Kind is SalienceKind.SampleMax or SalienceKind.TopK
        ? Salience.Thresholds(rule, [Input(k)])[0]
        : Thresholds(rule)[k];

    private SalienceInput Input(int k) => new(Headers[k].Span, Headers[k].Maximum, () => Load(k));

    private Effects Load(int k)
    {
        var cell = Read(k);
        return new Effects(cell.And, cell.Or);
    }
}
