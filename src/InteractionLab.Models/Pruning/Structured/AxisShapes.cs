namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Merging several axes into one and splitting one into several, row-major, as Reshape does.</summary>
internal static class AxisShapes
{
    /// <summary>
    /// The axes of one run of a shape as those of another with as many elements. Axes are split no finer than the two
    /// shapes ask for: [batch, heads * size] becomes [batch * heads, size] by way of [batch, heads, size].
    /// </summary>
    public static int[][]?[] Reshape(ChannelLabels labels, int[][]?[] axes, long[] from, long[] to)
    {
        if (Refine(from, to) is not { } factors)
        {
            return Split(labels, Merge(axes, from), to);
        }

        var fine = new List<int[][]?>();
        for (int axis = 0, at = 0; axis < from.Length; axis++)
        {
            var sizes = Take(factors, ref at, from[axis]);
            fine.AddRange(sizes.Length == 1 ? [axes[axis]] : Split(labels, axes[axis], sizes));
        }

        var result = new int[][]?[to.Length];
        for (int axis = 0, at = 0; axis < to.Length; axis++)
        {
            var start = at;
            var sizes = Take(factors, ref at, to[axis]);
            result[axis] = sizes.Length == 1 ? fine[start] : Merge(fine[start..at], sizes);
        }

        return result;
    }

    /// <summary>The axis whose indices are all combinations of the given axes' indices; null where nothing can be removed.</summary>
    public static int[][]? Merge(IReadOnlyList<int[][]?> axes, IReadOnlyList<long> sizes)
    {
        if (axes.All(axis => axis is null))
        {
            return null;
        }

        int[][] merged = [ChannelLabels.Never];
        for (var i = 0; i < axes.Count; i++)
        {
            var axis = axes[i];
            var size = (int)sizes[i];
            var before = merged;
            merged = new int[before.Length * size][];
            for (var index = 0; index < merged.Length; index++)
            {
                var left = before[index / size];
                var right = axis?[index % size] ?? ChannelLabels.Never;
                merged[index] = left.Length == 0 ? right : right.Length == 0 ? left : [.. left, .. right.Except(left)];
            }
        }

        return merged;
    }

    /// <summary>
    /// The axes into which an axis falls apart. Labels that belong to one coordinate go there. An index that has a label
    /// of its own can only go with a whole hyperplane of the new shape, so that label is replaced by new ones of its
    /// coordinates: a projection's columns become heads and dimensions. What fits neither is frozen.
    /// </summary>
    public static int[][]?[] Split(ChannelLabels labels, int[][]? axis, long[] sizes)
    {
        if (axis is null)
        {
            return new int[][]?[sizes.Length];
        }

        var live = Array.ConvertAll(axis, labels.Live);
        var common = Common(live, sizes);
        var own = live.Select((set, index) => set.Except(Coordinates(index, sizes).SelectMany((at, a) => common[a][at])).ToArray()).ToArray();
        if (own.All(set => set.Length == 0))
        {
            return Named(common, sizes);
        }

        if (own.SelectMany(set => set).GroupBy(label => label).Any(group => group.Count() > 1))
        {
            foreach (var set in own)
            {
                labels.Freeze(set);
            }

            return Named(common, sizes);
        }

        var fresh = sizes.Select(size => labels.Fresh(size)).ToArray();
        for (var index = 0; index < own.Length; index++)
        {
            int[] cross = [.. Coordinates(index, sizes).Select((at, a) => (at, a)).Where(pair => sizes[pair.a] > 1).Select(pair => fresh[pair.a][pair.at][0])];
            if (own[index].Length == 0)
            {
                labels.Freeze(cross);
            }

            foreach (var label in own[index])
            {
                labels.Unite([label], cross);
            }
        }

        return Named([.. common.Select((sets, a) => sets.Select((set, at) => set.Concat(fresh[a][at]).ToArray()).ToArray())], sizes);
    }

    /// <summary>The coarsest shape that both shapes are merged from, or null where there is none.</summary>
    private static List<long>? Refine(long[] from, long[] to)
    {
        static IEnumerable<long> Strides(long[] sizes) => sizes.Reverse().Aggregate(new List<long> { 1 }, (strides, size) => [.. strides, strides[^1] * size]);
        long[] strides = [.. Strides(from).Union(Strides(to)).Order()];
        var factors = new List<long>();
        for (var i = strides.Length - 1; i > 0; i--)
        {
            if (strides[i] % strides[i - 1] != 0)
            {
                return null;
            }

            factors.Add(strides[i] / strides[i - 1]);
        }

        return factors;
    }

    /// <summary>The next factors that make up a size.</summary>
    private static long[] Take(List<long> factors, ref int at, long size)
    {
        var start = at;
        for (long product = 1; product < size; at++)
        {
            product *= factors[at];
        }

        return [.. factors[start..at]];
    }

    /// <summary>For each new axis and coordinate, the labels that all indices with that coordinate share.</summary>
    private static int[][][] Common(int[][] live, long[] sizes)
    {
        var common = sizes.Select(size => new int[]?[size]).ToArray();
        for (var index = 0; index < live.Length; index++)
        {
            var coordinates = Coordinates(index, sizes);
            for (var a = 0; a < sizes.Length; a++)
            {
                var known = common[a][coordinates[a]];
                common[a][coordinates[a]] = known is null || known.Length == 0 ? known ?? live[index] : [.. known.Intersect(live[index])];
            }
        }

        // An axis of one index would claim what all indices share for itself, though it never goes.
        return [.. common.Select((sets, a) => sets.Select(set => sizes[a] > 1 ? set ?? ChannelLabels.Never : ChannelLabels.Never).ToArray())];
    }

    private static int[][]?[] Named(int[][][] axes, long[] sizes) => [.. axes.Select((sets, a) => sizes[a] > 1 ? sets : null)];

    private static int[] Coordinates(int index, long[] sizes)
    {
        var coordinates = new int[sizes.Length];
        for (var a = sizes.Length - 1; a >= 0; a--)
        {
            (index, coordinates[a]) = Math.DivRem(index, (int)sizes[a]);
        }

        return coordinates;
    }
}
