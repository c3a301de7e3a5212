namespace InteractionLab.Models.Masking;

/// <summary>A player layout as the graph takes it: the column of the mask for each cell, over as few cells as possible.</summary>
/// <param name="Columns">Column of the mask, row-major: a player, n (always present) or n+1 (always absent).</param>
/// <param name="Shape">Rank of a sample; 1 where the layout does not vary along a dimension (channels).</param>
/// <param name="Cells">The same for every cell of a sample.</param>
internal sealed record LayoutIndex(long[] Columns, long[] Shape, long[] Cells)
{
    /// <summary>The column of a cell.</summary>
    public int ColumnOf(int cell) => (int)Cells[cell];

    public static LayoutIndex Build(PlayerLayout layout, long[] sampleShape)
    {
        var columns = new long[layout.PlayerOf.Count];
        for (var cell = 0; cell < columns.Length; cell++)
        {
            columns[cell] = layout.PlayerOf[cell] switch
            {
                PlayerLayout.Keep => layout.Players,
                PlayerLayout.Absent => layout.Players + 1,
                var player when player >= 0 && player < layout.Players => player,
                var player => throw new ArgumentException($"Cell {cell} belongs to player {player}; players are 0 to {layout.Players - 1}.", nameof(layout)),
            };
        }

        var cells = columns;
        var shape = sampleShape.ToArray();
        for (var axis = 0; axis < shape.Length && shape.Length > 1; axis++)
        {
            columns = Collapse(columns, shape, axis);
        }

        return new LayoutIndex(columns, shape, cells);
    }

    /// <summary>Drops dimension <paramref name="axis"/> where nothing varies along it.</summary>
    private static long[] Collapse(long[] columns, long[] shape, int axis)
    {
        var inner = shape[(axis + 1)..].Aggregate(1L, (product, size) => product * size);
        var block = inner * shape[axis];
        for (long i = 0; i < columns.Length; i++)
        {
            if (columns[i] != columns[(i / block * block) + (i % inner)])
            {
                return columns;
            }
        }

        var kept = new long[columns.Length / shape[axis]];
        for (long i = 0; i < kept.Length; i++)
        {
            kept[i] = columns[(i / inner * block) + (i % inner)];
        }

        shape[axis] = 1;
        return kept;
    }
}
