namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Operators that put axes together, take parts of them or repeat them.</summary>
internal static class SelectionRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["Concat"] = Concat,
        ["Split"] = Split,
        ["Slice"] = Slice,
        ["Gather"] = Gather,
        ["Pad"] = Pad,
        ["Tile"] = Tile,
        ["Resize"] = scope => Resize(scope, sizesInput: 3),
        ["Upsample"] = scope => Resize(scope, sizesInput: -1),
    };

    /// <summary>The range that a slice of step 1 takes from an axis.</summary>
    public static (long From, long To) Bounds(long start, long end, long size)
    {
        var from = Math.Clamp(start < 0 ? start + size : start, 0, size);
        return (from, Math.Max(from, Math.Clamp(end < 0 ? end + size : end, 0, size)));
    }

    private static bool Concat(NodeScope scope)
    {
        var y = scope.Out(0)!;
        Flow[] parts = [.. Enumerable.Range(0, scope.Node.Input.Count).Select(scope.In).OfType<Flow>()];
        var joined = NodeScope.Axis(scope.Attribute("axis", 0), y.Rank);
        for (var axis = 0; axis < y.Rank; axis++)
        {
            if (axis != joined)
            {
                var meeting = new Broadcast(scope, y.Shape[axis]);
                foreach (var part in parts)
                {
                    meeting.Add(part, axis);
                }

                scope.Carry(y, axis, meeting.Axis, meeting.AllZero);
            }
            else if (parts.Any(part => part.Axes[axis] is not null))
            {
                int[][] sets = [.. parts.SelectMany(part => part.Axes[axis] ?? [.. Enumerable.Repeat(ChannelLabels.Never, (int)part.Shape[axis])])];
                scope.Carry(y, axis, sets, parts.All(part => part.Axes[axis] is null || part.Zero[axis]));
            }
        }

        return true;
    }

    private static bool Split(NodeScope scope)
    {
        var x = scope.In(0)!;
        var split = NodeScope.Axis(scope.Attribute("axis", 0), x.Rank);
        var parts = Enumerable.Range(0, scope.Node.Output.Count).Select(scope.Out).ToArray();
        if (parts.Any(part => part is null) || parts.Sum(part => part!.Shape[split]) != x.Shape[split])
        {
            return false;
        }

        var start = 0;
        foreach (var part in parts.OfType<Flow>())
        {
            var size = (int)part.Shape[split];
            for (var axis = 0; axis < x.Rank; axis++)
            {
                scope.Carry(part, axis, axis == split ? x.Axes[axis]?[start..(start + size)] : x.Axes[axis], x.Zero[axis]);
            }

            start += size;
        }

        scope.Edit((edit, node) =>
        {
            if (!edit.Loses(x.Axes[split]))
            {
                return;
            }

            long[] sizes = [.. parts.Select(part => edit.Count(part!.Axes[split], part.Shape[split]))];
            if (scope.Opset >= 13)
            {
                edit.SetInput(node, 1, "sizes", sizes);
                GraphEdit.RemoveAttribute(node, "num_outputs");
            }
            else
            {
                GraphEdit.SetAttribute(node, "split", sizes);
            }
        });
        return true;
    }

    private static bool Slice(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        var attributes = scope.Opset < 10;
        var starts = attributes ? scope.Attributes("starts") : scope.Integers(1);
        var ends = attributes ? scope.Attributes("ends") : scope.Integers(2);
        var listed = attributes ? scope.Attributes("axes") : scope.Integers(3);
        var steps = attributes ? null : scope.Integers(4);
        if (starts is null || ends is null || (!attributes && ((scope.Has(3) && listed is null) || (scope.Has(4) && steps is null))))
        {
            return false;
        }

        int[] axes = [.. listed?.Select(axis => NodeScope.Axis(axis, x.Rank)) ?? Enumerable.Range(0, starts.Length)];
        for (var axis = 0; axis < x.Rank; axis++)
        {
            var i = Array.IndexOf(axes, axis);
            var sets = x.Axes[axis];
            if (i >= 0 && sets is not null)
            {
                if (steps is not null && steps[i] != 1)
                {
                    scope.Labels.Freeze(sets);
                    continue;
                }

                var (from, to) = Bounds(starts[i], ends[i], x.Shape[axis]);
                sets = sets[(int)from..(int)to];
            }

            scope.Carry(y, axis, sets, x.Zero[axis]);
        }

        scope.Edit((edit, node) =>
        {
            if (axes.Any(axis => edit.Loses(x.Axes[axis])))
            {
                Rebound(edit, node, x, axes, [.. starts], [.. ends], attributes);
            }
        });
        return true;
    }

    private static void Rebound(GraphEdit edit, Onnx.Proto.NodeProto node, Flow x, int[] axes, long[] starts, long[] ends, bool attributes)
    {
        for (var i = 0; i < axes.Length; i++)
        {
            if (x.Axes[axes[i]] is { } sets && edit.Loses(sets))
            {
                var (from, to) = Bounds(starts[i], ends[i], x.Shape[axes[i]]);
                starts[i] = edit.Count(sets[..(int)from], from);
                ends[i] = edit.Count(sets[..(int)to], to);
            }
        }

        if (attributes)
        {
            GraphEdit.SetAttribute(node, "starts", starts);
            GraphEdit.SetAttribute(node, "ends", ends);
        }
        else
        {
            edit.SetInput(node, 1, "starts", starts);
            edit.SetInput(node, 2, "ends", ends);
        }
    }

    private static bool Gather(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        var taken = NodeScope.Axis(scope.Attribute("axis", 0), x.Rank);
        scope.Labels.Freeze(x.Axes[taken]);
        scope.Freeze(scope.In(1));
        for (int axis = 0, to = 0; axis < x.Rank; axis++)
        {
            if (axis == taken)
            {
                to += scope.In(1)!.Rank;
            }
            else
            {
                scope.Carry(y, to++, x.Axes[axis], x.Zero[axis]);
            }
        }

        return true;
    }

    private static bool Pad(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        var attribute = scope.Attributes("pads");
        var pads = attribute ?? scope.Integers(1);
        if (pads is null || pads.Length != 2 * x.Rank || scope.Has(3))
        {
            return false;
        }

        var constant = scope.Attribute("mode", "constant") == "constant";
        var zeros = constant && (scope.Has(2) ? scope.Number(2) is 0 : scope.Node.Attribute.All(candidate => candidate.Name != "value" || candidate.F == 0));
        for (var axis = 0; axis < x.Rank; axis++)
        {
            var (before, after) = (pads[axis], pads[x.Rank + axis]);
            if (before == 0 && after == 0)
            {
                // Along the other axes the padding may be of any number.
                scope.Carry(y, axis, x.Axes[axis], x.Zero[axis] && (zeros || pads.All(pad => pad == 0)));
            }
            else if (x.Axes[axis] is { } sets && constant && before >= 0 && after >= 0)
            {
                // Padded channels can go as well: there are only fewer of them then.
                scope.Carry(y, axis, [.. scope.Labels.Fresh(before), .. sets, .. scope.Labels.Fresh(after)], x.Zero[axis] && zeros);
            }
            else
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }
        }

        scope.Edit((edit, node) =>
        {
            long[] left = [.. pads];
            for (var axis = 0; axis < x.Rank; axis++)
            {
                if (pads[axis] >= 0 && pads[x.Rank + axis] >= 0 && y.Axes[axis] is { } sets)
                {
                    left[axis] = edit.Count(sets[..(int)pads[axis]], pads[axis]);
                    left[x.Rank + axis] = edit.Count(sets[^(int)pads[x.Rank + axis]..], pads[x.Rank + axis]);
                }
            }

            if (left.SequenceEqual(pads))
            {
                return;
            }

            if (attribute is null)
            {
                edit.SetInput(node, 1, "pads", left);
            }
            else
            {
                GraphEdit.SetAttribute(node, "pads", left);
            }
        });
        return true;
    }

    private static bool Tile(NodeScope scope)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        if (scope.Integers(1) is not { } repeats || repeats.Length != x.Rank)
        {
            return false;
        }

        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (x.Axes[axis] is { } sets)
            {
                scope.Carry(y, axis, [.. Enumerable.Repeat(sets, (int)repeats[axis]).SelectMany(copy => copy)], x.Zero[axis]);
            }
        }

        return true;
    }

    private static bool Resize(NodeScope scope, int sizesInput)
    {
        var (x, y) = (scope.In(0)!, scope.Out(0)!);
        if (y.Rank != x.Rank || (sizesInput >= 0 && scope.Has(sizesInput) && x.Labelled) || scope.Attribute("coordinate_transformation_mode", "") == "tf_crop_and_resize")
        {
            return false;
        }

        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (x.Shape[axis] == y.Shape[axis])
            {
                scope.Carry(y, axis, x.Axes[axis], x.Zero[axis]);
            }
            else
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }
        }

        return true;
    }
}
