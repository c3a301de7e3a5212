namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// Reshapes: axes that merge or fall apart take their labels along (a flattened picture has one column for each pixel of
/// a channel; a projection's columns become heads and dimensions). The target of a Reshape is written anew, in numbers.
/// </summary>
internal static class ReshapeRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["Reshape"] = Reshape,
        ["Flatten"] = scope => Rearrange(scope, out _),
        ["Squeeze"] = scope => Rearrange(scope, out _),
        ["Unsqueeze"] = scope => Rearrange(scope, out _),
        ["Transpose"] = Transpose,
        ["Expand"] = Expand,
    };

    private static bool Reshape(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        if (!Rearrange(scope, out var same))
        {
            return false;
        }

        // Targets that are computed from sizes change when those do.
        var sizes = scope.In(1)?.Sizes;
        var zeroCopies = scope.Attribute("allowzero", 0) == 0;
        var open = Enumerable.Range(0, y.Rank).Where(axis => y.Symbolic[axis] && !(zeroCopies && same[axis])).ToList();
        if (open.Count > 1)
        {
            // A target has one -1 only; two sizes that depend on the input cannot be written.
            scope.Freeze(x);
            scope.Freeze(y);
            scope.Labels.Freeze(sizes);
            return true;
        }

        scope.Edit((edit, node) =>
        {
            if (y.Axes.Any(edit.Loses) || sizes?.Any(edit.Loses) == true)
            {
                edit.SetInput(node, 1, "shape", [.. Enumerable.Range(0, y.Rank).Select(axis => open.Contains(axis) ? -1 : y.Symbolic[axis] ? 0 : edit.Count(y.Axes[axis], y.Shape[axis]))]);
            }
        });
        return true;
    }

    /// <summary>Carries labels between two shapes of the same elements. <paramref name="same"/>: output axes that are the input's at the same place.</summary>
    private static bool Rearrange(NodeScope scope, out bool[] same)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        same = new bool[y.Rank];
        if (Blocks(x.Shape, y.Shape) is not { } blocks
            || blocks.Any(block => block.From.Any(axis => x.Symbolic[axis]) != block.To.Any(axis => y.Symbolic[axis])))
        {
            return false;
        }

        foreach (var (from, to) in blocks)
        {
            var zero = from.All(axis => x.Axes[axis] is null || x.Zero[axis]);
            var axes = AxisShapes.Reshape(scope.Labels, [.. from.Select(axis => x.Axes[axis])], [.. from.Select(axis => x.Shape[axis])], [.. to.Select(axis => y.Shape[axis])]);
            for (var i = 0; i < to.Count; i++)
            {
                scope.Carry(y, to[i], axes[i], zero);
            }

            if (from is [var one] && to is [var other] && one == other)
            {
                same[one] = true;
            }
        }

        return true;
    }

    /// <summary>The shortest runs of axes whose sizes multiply to the same number; axes of size 1 belong to none. Null where there is no element.</summary>
    private static List<(List<int> From, List<int> To)>? Blocks(long[] from, long[] to)
    {
        if (from.Contains(0) || to.Contains(0))
        {
            return null;
        }

        var left = new Queue<int>(Enumerable.Range(0, from.Length).Where(axis => from[axis] > 1));
        var right = new Queue<int>(Enumerable.Range(0, to.Length).Where(axis => to[axis] > 1));
        var blocks = new List<(List<int>, List<int>)>();
        while (left.Count > 0 && right.Count > 0)
        {
            List<int> sources = [left.Dequeue()], targets = [right.Dequeue()];
            var (product, other) = (from[sources[0]], to[targets[0]]);
            while (product != other)
            {
                var queue = product < other ? left : right;
                if (!queue.TryDequeue(out var next))
                {
                    return null;
                }

                (product < other ? sources : targets).Add(next);
                (product, other) = product < other ? (product * from[next], other) : (product, other * to[next]);
            }

            blocks.Add((sources, targets));
        }

        return left.Count == 0 && right.Count == 0 ? blocks : null;
    }

    private static bool Transpose(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        var order = scope.Attributes("perm") ?? [.. Enumerable.Range(0, x.Rank).Select(axis => (long)(x.Rank - 1 - axis))];
        for (var axis = 0; axis < y.Rank; axis++)
        {
            scope.Carry(y, axis, x.Axes[order[axis]], x.Zero[order[axis]]);
        }

        return true;
    }

    private static bool Expand(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        if (x.Labelled && scope.Integers(1) is null)
        {
            return false;
        }

        for (var axis = 0; axis < x.Rank; axis++)
        {
            var to = y.Rank - x.Rank + axis;
            scope.Carry(y, to, x.Axes[axis], x.Zero[axis]);
        }

        scope.Edit((edit, node) =>
        {
            if (y.Axes.Any(edit.Loses))
            {
                // A target of 1 takes the size from the input.
                var target = scope.Integers(1)!;
                var hidden = y.Rank - target.Length;
                edit.SetInput(node, 1, "shape", [.. target.Select((size, i) => y.Axes[hidden + i] is null ? size : 1)]);
            }
        });
        return true;
    }
}
