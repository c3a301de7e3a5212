using System.Globalization;
using InteractionLab.Experiments.Networks;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>A ratio of a sweep.</summary>
/// <param name="Ratio">The ratio asked for.</param>
/// <param name="Model">The model at that ratio where it is registered already: one of a pool, or the original at ratio 0; null where it is pruned while the job runs.</param>
internal sealed record SweepStep(double Ratio, CatalogModel? Model);

/// <summary>The samples that accuracy and loss are measured on.</summary>
internal sealed record EvaluationSet(CatalogDataset Dataset, int[] Indices);

/// <summary>What a cell holds.</summary>
internal enum SweepCellKind
{
    /// <summary>The model and the references on a block of samples.</summary>
    Base,

    /// <summary>A pruned network on a block of samples.</summary>
    Pruned,

    /// <summary>A pruned network on a block of evaluation samples.</summary>
    Evaluation,
}

/// <summary>
/// A sweep laid out. Cells: first one a block of samples for the model and the references, then for each ratio one a block
/// of samples and one a block of evaluation samples.
/// </summary>
internal sealed record SweepLayout(
    PruningSweepSpec Spec, NetworkGames Games, CatalogModel Model, IReadOnlyList<CatalogModel> References, IReadOnlyList<SweepStep> Steps, EvaluationSet Evaluation)
{
    /// <summary>Evaluation samples a cell.</summary>
    public const int EvaluationBlock = 1000;

    /// <summary>Blocks of samples.</summary>
    public int Blocks => Count(Games.Samples.Keys.Count, Spec.BlockSize);

    /// <summary>Blocks of evaluation samples.</summary>
    public int EvaluationBlocks => Count(Evaluation.Indices.Length, EvaluationBlock);

    /// <summary>The networks of a base cell: the model, then the references.</summary>
    public IReadOnlyList<CatalogModel> Networks => [Model, .. References];

    /// <summary>Keys of the cells, in order.</summary>
    public IReadOnlyList<string> Keys()
    {
        var keys = new List<string>(Enumerable.Range(0, Blocks).Select(BaseKey));
        foreach (var step in Steps)
        {
            var ratio = step.Ratio.ToString("R", CultureInfo.InvariantCulture);
            keys.AddRange(Enumerable.Range(0, Blocks).Select(block => $"ratio-{ratio}/samples-{block}"));
            keys.AddRange(Enumerable.Range(0, EvaluationBlocks).Select(block => $"ratio-{ratio}/evaluation-{block}"));
        }

        return keys;
    }

    /// <summary>The key of base cell <paramref name="block"/>.</summary>
    public static string BaseKey(int block) => $"unpruned/samples-{block}";

    /// <summary>Position of a cell with samples of a pruned network.</summary>
    public int PrunedCell(int step, int block) => Blocks + (step * (Blocks + EvaluationBlocks)) + block;

    /// <summary>Position of a cell with evaluation samples.</summary>
    public int EvaluationCell(int step, int block) => PrunedCell(step, Blocks) + block;

    /// <summary>What the cell at a position is; the step is -1 for base cells.</summary>
    public (SweepCellKind Kind, int Step, int Block) CellAt(int position)
    {
        if (position < Blocks)
        {
            return (SweepCellKind.Base, -1, position);
        }

        var (step, block) = Math.DivRem(position - Blocks, Blocks + EvaluationBlocks);
        return block < Blocks ? (SweepCellKind.Pruned, step, block) : (SweepCellKind.Evaluation, step, block - Blocks);
    }

    /// <summary>The places (positions among the samples) of a block.</summary>
    public IEnumerable<int> Places(int block) =>
        Enumerable.Range(block * Spec.BlockSize, Math.Min(Spec.BlockSize, Games.Samples.Keys.Count - (block * Spec.BlockSize)));

    /// <summary>
    /// The network of a base cell that a step's network is, by content: its games are in that cell already. Null for a
    /// network of its own.
    /// </summary>
    public int? SameAs(string sha256)
    {
        var at = Networks.Select(model => model.Sha256).ToList().FindIndex(known => known.Equals(sha256, StringComparison.OrdinalIgnoreCase));
        return at < 0 ? null : at;
    }

    /// <summary>Networks that play the games: the same one twice plays them once.</summary>
    public int Played => Networks.Select(model => model.Sha256.ToUpperInvariant()).Distinct().Count() + Steps.Count(step => step.Model is null || SameAs(step.Model.Sha256) is null);

    /// <summary>Rows of network input that the job needs, whether it runs them or finds their outputs.</summary>
    public long Rows()
    {
        var games = Games.Rows + Games.Samples.Keys.Count;

        // With samples that must be found, the first model may be asked about every candidate instead of every sample.
        var searched = Games.Samples.MostPredictions - Games.Samples.Keys.Count;
        return (games * Played) + searched + ((long)Evaluation.Indices.Length * Steps.Count);
    }

    private static int Count(int items, int block) => (items + block - 1) / block;
}
