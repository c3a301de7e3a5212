namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// Follows numbers that are computed from the sizes of tensors (PyTorch exports x.view(x.size(0), -1) so). Where they
/// shape a Reshape, the Reshape is rewritten; where they reach anything else, the sizes they come from must not change.
/// </summary>
internal static class SizeRules
{
    /// <summary>Operators that rearrange such numbers without computing.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal) { "Cast", "Identity", "Squeeze", "Unsqueeze" };

    /// <summary>Whether the node is dealt with: it only computes with sizes.</summary>
    public static bool Apply(NodeScope scope)
    {
        var node = scope.Node;
        if (node.OpType is "Shape" or "Size")
        {
            Measure(scope);
            return true;
        }

        var sized = Enumerable.Range(0, node.Input.Count).Where(input => scope.In(input)?.Sizes is not null).ToList();
        if (sized.Count == 0 || (node.OpType == "Reshape" && sized is [1]))
        {
            return false;
        }

        var plain = Enumerable.Range(0, node.Input.Count).All(input => !scope.Has(input) || scope.In(input) is { } tensor && (!tensor.Labelled || scope.Graph.Constants.Tensor(node.Input[input]) is not null));
        if (!plain || scope.Out(0) is not { } result || node.Output.Count > 1)
        {
            foreach (var input in sized)
            {
                scope.Labels.Freeze(scope.In(input)!.Sizes);
            }

            return false;
        }

        // A table that is combined with sizes keeps its own.
        for (var input = 0; input < node.Input.Count; input++)
        {
            scope.Freeze(scope.In(input));
        }

        result.Sizes = Rearranged(scope, sized) ?? [Union(sized.SelectMany(input => scope.In(input)!.Sizes!))];
        return true;
    }

    private static void Measure(NodeScope scope)
    {
        if (scope.In(0) is not { } tensor || scope.Out(0) is not { } result)
        {
            scope.Graph.FreezeAll(scope.In(0));
            return;
        }

        var axes = Array.ConvertAll(tensor.Axes, axis => Union(axis ?? []));
        if (scope.Node.OpType == "Shape")
        {
            var start = Math.Clamp(NodeScope.Axis(scope.Attribute("start", 0), tensor.Rank), 0, tensor.Rank);
            var end = Math.Clamp(NodeScope.Axis(scope.Attribute("end", tensor.Rank), tensor.Rank), start, tensor.Rank);
            axes = axes[start..end];
        }
        else
        {
            axes = [Union(axes)];
        }

        // Sizes of a tensor that is itself made of sizes depend on nothing more.
        result.Sizes = axes.All(set => set.Length == 0) ? null : axes;
    }

    /// <summary>The sets of the output's elements where the operator only moves elements about, else null.</summary>
    private static int[][]? Rearranged(NodeScope scope, List<int> sized)
    {
        var first = scope.In(0)!;
        switch (scope.Node.OpType)
        {
            case var op when Passing.Contains(op) && sized is [0]:
                return first.Sizes;
            case "Gather" when sized is [0] && first.Rank == 1 && scope.Integers(1) is { } at && at.All(i => i >= -first.Shape[0] && i < first.Shape[0]):
                return [.. at.Select(i => At(first, NodeScope.Axis(i, (int)first.Shape[0])))];
            case "Slice" when sized is [0] && first.Rank == 1 && scope.Integers(1) is [var start] && scope.Integers(2) is [var end] && (!scope.Has(4) || scope.Integers(4) is [1]):
                var (from, to) = SelectionRules.Bounds(start, end, first.Shape[0]);
                return [.. Enumerable.Range((int)from, (int)Math.Max(0, to - from)).Select(i => At(first, i))];
            case "Concat" when Enumerable.Range(0, scope.Node.Input.Count).All(input => scope.In(input)!.Rank == 1):
                return [.. Enumerable.Range(0, scope.Node.Input.Count).Select(input => scope.In(input)!).SelectMany(part => Enumerable.Range(0, (int)part.Shape[0]).Select(i => At(part, i)))];
            default:
                return null;
        }
    }

    /// <summary>The set of one element.</summary>
    public static int[] At(Flow tensor, int element) =>
        tensor.Sizes is null ? ChannelLabels.Never : tensor.Sizes.Length == 1 ? tensor.Sizes[0] : tensor.Sizes[element];

    private static int[] Union(IEnumerable<int[]> sets) => [.. sets.SelectMany(set => set).Distinct()];
}
