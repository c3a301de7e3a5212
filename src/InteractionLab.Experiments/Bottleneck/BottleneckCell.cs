using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>What a finished cell says of itself.</summary>
internal sealed record CellHeader
{
    /// <summary>The sample, -1 where there was no further one of the kind asked for.</summary>
    public int Index { get; init; } = -1;

    /// <summary>Id of the network's model; null in cells of earlier versions, whose models stand in the spec.</summary>
    public string? Model { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>The round was not needed.</summary>
    public bool IsSkipped { get; init; }

    /// <summary>Rows run.</summary>
    public long ForwardPasses { get; init; }

    /// <summary>Rows found in the cache.</summary>
    public long SavedPasses { get; init; }

    /// <summary>The efficiency gate of an exact cell.</summary>
    public double? EfficiencyError { get; init; }

    /// <summary>How the run differs from what was asked.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>The bytes of a cell: one model on one sample, in all masks or in those of one round.</summary>
internal static class BottleneckCell
{
    private const string Interactions = "interactions";
    private const string Sums = "sums";
    private const string Squares = "squares";
    private const string Counts = "counts";

    /// <summary>A cell without measurements.</summary>
    public static byte[] Empty(CellHeader header) => CellFile.Write(header);

    /// <summary>An exact cell: of all interactions the efficiency gate, and those of the job's pairs.</summary>
    public static byte[] Write(CellHeader header, MultiOrderInteractions interactions, IReadOnlyList<PlayerPair> pairs) =>
        CellFile.Write(header with { EfficiencyError = interactions.EfficiencyError }, (Interactions, [.. pairs.SelectMany(pair => interactions.Pair(pair.I, pair.J).ToArray())]));

    /// <summary>A cell of a round.</summary>
    public static byte[] Write(CellHeader header, PairSums sums) =>
        CellFile.Write(header, (Sums, sums.Sums.ToArray()), (Squares, sums.Squares.ToArray()), (Counts, Array.ConvertAll(sums.Counts.ToArray(), count => (double)count)));

    /// <summary>The header of a cell, null while it is not finished.</summary>
    public static CellHeader? Header(ICellSource cells, int index)
    {
        using var stream = cells.Open(index);
        return stream is null ? null : CellFile.Named(index, () => CellFile.ReadContent<CellHeader>(stream));
    }

    /// <summary>I^(m)(i,j) of the job's pairs in an exact cell, [pairs, n-1 orders].</summary>
    public static double[] Exact(ICellSource cells, int index)
    {
        using var stream = cells.Open(index)!;
        return CellFile.Named(index, () => CellFile.Read<CellHeader>(stream)).Arrays[Interactions];
    }

    /// <summary>The sums of a finished cell of a round; null where the round was not needed.</summary>
    public static PairSums? Sampled(ICellSource cells, int index, int orders, int pairs)
    {
        using var stream = cells.Open(index)!;
        var (header, arrays) = CellFile.Named(index, () => CellFile.Read<CellHeader>(stream));
        return header.IsSkipped ? null : new PairSums(orders, pairs, arrays[Sums], arrays[Squares], Array.ConvertAll(arrays[Counts], count => (int)count));
    }
}
