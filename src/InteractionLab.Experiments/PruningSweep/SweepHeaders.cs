using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>
/// The finished cells of a sweep without their arrays. Which are finished is settled once, when this is opened; arrays are
/// read again when they are needed, a cell at a time.
/// </summary>
internal sealed class SweepHeaders
{
    private readonly SweepLayout _layout;
    private readonly ICellSource _cells;

    private SweepHeaders(SweepLayout layout, ICellSource cells)
    {
        (_layout, _cells) = (layout, cells);
        Base = new BaseBlock?[layout.Blocks];
        Pruned = [.. layout.Steps.Select(_ => new PrunedBlock?[layout.Blocks])];
        Evaluations = [.. layout.Steps.Select(_ => new EvaluationCell?[layout.EvaluationBlocks])];
    }

    /// <summary>By block.</summary>
    public BaseBlock?[] Base { get; }

    /// <summary>By step and block.</summary>
    public PrunedBlock?[][] Pruned { get; }

    /// <summary>By step and block.</summary>
    public EvaluationCell?[][] Evaluations { get; }

    /// <summary>How many cells are finished.</summary>
    public int Finished { get; private set; }

    /// <summary>Rows run by them.</summary>
    public long ForwardPasses { get; private set; }

    /// <summary>Rows found by them.</summary>
    public long SavedPasses { get; private set; }

    /// <summary>The steps with every sample finished: those that make points.</summary>
    public IReadOnlyList<int> Points { get; private set; } = [];

    /// <summary>Whether every sample of the model and the references is finished.</summary>
    public bool HasBase => Base.All(block => block is not null);

    /// <summary>Reads the headers.</summary>
    public static SweepHeaders Open(SweepLayout layout, ICellSource cells, CancellationToken cancellation)
    {
        var headers = new SweepHeaders(layout, cells);
        for (var position = 0; position < cells.Count; position++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(position);
            if (stream is not null)
            {
                headers.Finished++;
                CellFile.Named(position, () => headers.Take(position, stream));
            }
        }

        headers.Points = headers.HasBase
            ? [.. Enumerable.Range(0, layout.Steps.Count).Where(step => headers.Pruned[step].All(block => block is not null))]
            : [];
        return headers;
    }

    /// <summary>A base cell, whole.</summary>
    public SweepCell<BaseBlock> ReadBase(int block) => Read<BaseBlock>(block);

    /// <summary>A cell of a pruned network, whole.</summary>
    public SweepCell<PrunedBlock> ReadPruned(int step, int block) => Read<PrunedBlock>(_layout.PrunedCell(step, block));

    /// <summary>Every finished sample of the base cells with its block and its place in the block.</summary>
    public IEnumerable<(int Block, int Place, BaseSample Sample)> Samples() =>
        from block in Enumerable.Range(0, Base.Length)
        where Base[block] is not null
        from place in Enumerable.Range(0, Base[block]!.Samples.Count)
        let sample = Base[block]!.Samples[place]
        where !sample.IsAbsent
        select (block, place, sample);

    /// <summary>What the model's decomposition at a step says of itself.</summary>
    public Evidence Original(int step, int block, int place) =>
        Pruned[step][block]!.Samples[place]!.Original ?? Base[block]!.Samples[place].Decompositions[0]!;

    /// <summary>
    /// The τ that all samples share at a step, by the model's decompositions there; null where the rule gives each its own
    /// and where there is no sample.
    /// </summary>
    public double? SharedThreshold(SalienceRule rule, int step) =>
        Shared(rule, [.. Samples().Select(at => Input(Original(step, at.Block, at.Place)))]);

    /// <summary>The τ* that all samples share for a reference (1..K), by its own decompositions.</summary>
    public double? SharedReferenceThreshold(SalienceRule rule, int reference) =>
        Shared(rule, [.. Samples().Select(at => Input(at.Sample.Decompositions[reference]!))]);

    private static double? Shared(SalienceRule rule, SalienceInput[] samples) =>
        samples.Length > 0 && rule.Kind is SalienceKind.MeanSpan or SalienceKind.PooledMax ? Salience.Thresholds(rule, samples)[0] : null;

    private static SalienceInput Input(Evidence evidence) => new(evidence.Span, evidence.Maximum);

    private bool Take(int position, Stream stream)
    {
        var (kind, step, block) = _layout.CellAt(position);
        switch (kind)
        {
            case SweepCellKind.Base:
                Base[block] = CellFile.ReadContent<BaseBlock>(stream);
                return Count(Base[block]!.ForwardPasses, Base[block]!.SavedPasses);
            case SweepCellKind.Pruned:
                Pruned[step][block] = CellFile.ReadContent<PrunedBlock>(stream);
                return Count(Pruned[step][block]!.ForwardPasses, Pruned[step][block]!.SavedPasses);
            default:
                Evaluations[step][block] = CellFile.ReadContent<EvaluationCell>(stream);
                return Count(Evaluations[step][block]!.ForwardPasses, Evaluations[step][block]!.SavedPasses);
        }
    }

    private bool Count(long made, long saved)
    {
        (ForwardPasses, SavedPasses) = (ForwardPasses + made, SavedPasses + saved);
        return true;
    }

    private SweepCell<T> Read<T>(int position)
    {
        using var stream = _cells.Open(position) ?? throw new InvalidDataException($"Cell {position} was finished and is gone.");
        return CellFile.Named(position, () => SweepCell<T>.Read(stream));
    }
}
