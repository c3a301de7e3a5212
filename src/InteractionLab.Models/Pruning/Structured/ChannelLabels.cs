namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// Names for what can be removed. Every index of a tensor's axis carries a set of labels and goes when any of them goes.
/// Labels that can only go together are united; a label that stands for an index with several coordinates (a column of a
/// packed projection: which part, which head, which dimension) is replaced by the labels of the coordinates; a label
/// that cannot be removed is frozen. All three hold at once wherever the label stands, earlier tensors included.
/// </summary>
internal sealed class ChannelLabels
{
    /// <summary>The set of an index that is never removed.</summary>
    public static readonly int[] Never = [];

    private readonly List<int> parents = [];
    private readonly List<bool> frozen = [];
    private readonly Dictionary<int, int[]> parts = [];

    /// <summary>New labels for an axis, one for each index.</summary>
    public int[][] Fresh(long count)
    {
        var sets = new int[count][];
        for (var i = 0; i < sets.Length; i++)
        {
            sets[i] = [parents.Count];
            parents.Add(parents.Count);
            frozen.Add(false);
        }

        return sets;
    }

    /// <summary>The labels, none of which stands for others, that a set stands for; frozen ones left out. Ascending.</summary>
    public int[] Live(int[] set)
    {
        if (set.Length == 1 && Find(set[0]) is var root && !parts.ContainsKey(root))
        {
            return frozen[root] ? Never : [root];
        }

        var live = Expand(set).Where(label => !frozen[label]).ToArray();
        Array.Sort(live);
        return live;
    }

    /// <summary>Nothing that the set stands for is ever removed.</summary>
    public void Freeze(int[] set)
    {
        foreach (var label in Expand(set))
        {
            frozen[label] = true;
        }
    }

    /// <summary>Nothing on the axis is ever removed.</summary>
    public void Freeze(int[][]? axis)
    {
        foreach (var set in axis ?? [])
        {
            Freeze(set);
        }
    }

    /// <summary>The two axes lose the same indices. Null is an axis of which nothing can be removed.</summary>
    public void Unite(int[][]? one, int[][]? other)
    {
        if (one is null || other is null || one.Length != other.Length)
        {
            Freeze(one);
            Freeze(other);
            return;
        }

        for (var i = 0; i < one.Length; i++)
        {
            Unite(one[i], other[i]);
        }
    }

    /// <summary>The two sets are removed together.</summary>
    public void Unite(int[] one, int[] other)
    {
        var (first, second) = (Expand(one), Expand(other));
        if (first.TrueForAll(label => frozen[label]) || second.TrueForAll(label => frozen[label]))
        {
            Freeze(one);
            Freeze(other);
        }
        else if (first.Count == 1 && (second.Count == 1 || !second.Contains(first[0])))
        {
            Replace(first[0], second);
        }
        else if (second.Count == 1 && !first.Contains(second[0]))
        {
            Replace(second[0], first);
        }
        else if (first.Count == second.Count)
        {
            // Both have coordinates, in the order of the axes they came from: coordinate goes with coordinate.
            for (var i = 0; i < first.Count; i++)
            {
                Unite([first[i]], [second[i]]);
            }
        }
        else
        {
            Freeze([.. first.Except(second), .. second.Except(first)]);
        }
    }

    private void Replace(int label, List<int> by)
    {
        if (by.Count == 1)
        {
            if (by[0] != label)
            {
                frozen[by[0]] |= frozen[label];
                parents[label] = by[0];
            }

            return;
        }

        if (frozen[label])
        {
            Freeze([.. by]);
        }

        parts[label] = [.. by];
    }

    /// <summary>In the order of coordinates, each once, frozen ones included.</summary>
    private List<int> Expand(int[] set)
    {
        var expanded = new List<int>();
        foreach (var label in set)
        {
            Expand(label, expanded);
        }

        return expanded;
    }

    private void Expand(int label, List<int> into)
    {
        var root = Find(label);
        if (parts.TryGetValue(root, out var coordinates))
        {
            foreach (var coordinate in coordinates)
            {
                Expand(coordinate, into);
            }
        }
        else if (!into.Contains(root))
        {
            into.Add(root);
        }
    }

    private int Find(int label)
    {
        while (parents[label] != label)
        {
            parents[label] = parents[parents[label]];
            label = parents[label];
        }

        return label;
    }
}
