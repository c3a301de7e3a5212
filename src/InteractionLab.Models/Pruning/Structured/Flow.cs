namespace InteractionLab.Models.Pruning.Structured;

/// <summary>What is known of one tensor while labels are carried through the graph.</summary>
/// <param name="shape">Its sizes with the probe's batch.</param>
/// <param name="symbolic">Dimensions whose size depends on what is fed.</param>
internal sealed class Flow(long[] shape, bool[] symbolic)
{
    public long[] Shape { get; } = shape;

    public bool[] Symbolic { get; } = symbolic;

    public int Rank => Shape.Length;

    /// <summary>For each axis the label sets of its indices; null where no index can be removed. Axes of size 1 are null.</summary>
    public int[][]?[] Axes { get; } = new int[][]?[shape.Length];

    /// <summary>
    /// For each axis: whether the tensor is zero at the indices that are removed, once the removed parameters are set to
    /// zero. Sums over the axis lose nothing then.
    /// </summary>
    public bool[] Zero { get; } = new bool[shape.Length];

    /// <summary>
    /// Of integers computed from sizes of tensors: the labels whose removal changes them, one set for each element, or a
    /// single set for all. Null where removal changes nothing.
    /// </summary>
    public int[][]? Sizes { get; set; }

    public bool Labelled => Axes.Any(axis => axis is not null);
}
