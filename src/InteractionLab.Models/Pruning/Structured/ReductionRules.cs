namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Reductions and pools. A sum loses nothing with an index that is zero; a mean or a maximum over channels would change.</summary>
internal static class ReductionRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["ReduceSum"] = scope => Reduce(scope, sums: true, keepsZero: true),
        ["ReduceSumSquare"] = scope => Reduce(scope, sums: true, keepsZero: true),
        ["ReduceL1"] = scope => Reduce(scope, sums: true, keepsZero: true),
        ["ReduceL2"] = scope => Reduce(scope, sums: true, keepsZero: true),
        ["ReduceMean"] = scope => Reduce(scope, sums: false, keepsZero: true),
        ["ReduceMax"] = scope => Reduce(scope, sums: false, keepsZero: true),
        ["ReduceMin"] = scope => Reduce(scope, sums: false, keepsZero: true),
        ["ReduceProd"] = scope => Reduce(scope, sums: false, keepsZero: true),
        ["MaxPool"] = Pool,
        ["AveragePool"] = Pool,
        ["LpPool"] = Pool,
        ["GlobalAveragePool"] = Pool,
        ["GlobalMaxPool"] = Pool,
        ["GlobalLpPool"] = Pool,
    };

    private static bool Reduce(NodeScope scope, bool sums, bool keepsZero)
    {
        if (scope.In(0) is not { } x || scope.Out(0) is not { } y || (scope.Has(1) && scope.Integers(1) is null))
        {
            return false;
        }

        var listed = scope.Attributes("axes") ?? scope.Integers(1) ?? [];
        if (listed.Length == 0 && scope.Attribute("noop_with_empty_axes", 0) != 0)
        {
            return false;
        }

        var reduced = listed.Length == 0
            ? [.. Enumerable.Range(0, x.Rank)]
            : listed.Select(axis => NodeScope.Axis(axis, x.Rank)).ToHashSet();
        var keep = scope.Attribute("keepdims", 1) != 0;
        for (int axis = 0, to = 0; axis < x.Rank; axis++)
        {
            if (!reduced.Contains(axis))
            {
                scope.Carry(y, to++, x.Axes[axis], keepsZero && x.Zero[axis]);
                continue;
            }

            to += keep ? 1 : 0;
            if (!sums || !x.Zero[axis])
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }
        }

        return true;
    }

    private static bool Pool(NodeScope scope)
    {
        if (scope.In(0) is not { Rank: > 2 } x || scope.Out(0) is not { } y || y.Rank != x.Rank || scope.IsRead(1))
        {
            return false;
        }

        for (var axis = 2; axis < x.Rank; axis++)
        {
            scope.Labels.Freeze(x.Axes[axis]);
        }

        scope.Carry(y, 0, x.Axes[0], x.Zero[0]);
        scope.Carry(y, 1, x.Axes[1], x.Zero[1]);
        return true;
    }
}
