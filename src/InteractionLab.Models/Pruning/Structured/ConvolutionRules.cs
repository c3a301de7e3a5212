namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// Convolutions: input channels meet the kernel's, output channels are the kernel's and the bias's. With groups, a whole
/// group can go, or the same channel of every group; a depthwise kernel has one channel to a group.
/// </summary>
internal static class ConvolutionRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["Conv"] = scope => Convolve(scope, into: 1, outOf: 0),
        ["ConvTranspose"] = scope => Convolve(scope, into: 0, outOf: 1),
    };

    /// <param name="scope">The node.</param>
    /// <param name="into">The kernel's axis of input channels.</param>
    /// <param name="outOf">The kernel's axis of output channels.</param>
    private static bool Convolve(NodeScope scope, int into, int outOf)
    {
        if (scope.In(0) is not { Rank: > 2 } x || scope.In(1) is not { } kernel || kernel.Rank != x.Rank || scope.Out(0) is not { } y)
        {
            return false;
        }

        for (var axis = 2; axis < x.Rank; axis++)
        {
            scope.Labels.Freeze(x.Axes[axis]);
            scope.Labels.Freeze(kernel.Axes[axis]);
        }

        var groups = scope.Attribute("group", 1);
        var channels = kernel.Axes[outOf];
        if (groups == 1)
        {
            scope.Contract(x, 1, kernel, into);
        }
        else
        {
            channels = Grouped(scope, x, kernel, into, groups);
        }

        if (scope.In(2) is { } bias)
        {
            scope.Labels.Unite(channels, bias.Axes[0]);
        }

        scope.Carry(y, 0, x.Axes[0], zero: false);
        scope.Carry(y, 1, channels, kernel.Zero[outOf] && scope.In(2)?.Zero[0] != false);
        return true;
    }

    private static int[][]? Grouped(NodeScope scope, Flow x, Flow kernel, int into, long groups)
    {
        var ofInput = AxisShapes.Split(scope.Labels, x.Axes[1], [groups, x.Shape[1] / groups]);

        // One of the kernel's channel axes runs over the channels of one group, the other over those of all groups.
        var ofKernel = AxisShapes.Split(scope.Labels, kernel.Axes[0], [groups, kernel.Shape[0] / groups]);
        scope.Labels.Unite(ofInput[0], ofKernel[0]);
        scope.Labels.Unite(ofInput[1], into == 1 ? kernel.Axes[1] : ofKernel[1]);
        if (!x.Zero[1] && !kernel.Zero[into])
        {
            scope.Labels.Freeze(x.Axes[1]);
        }

        var group = ofKernel[0];
        scope.Edit((edit, node) =>
        {
            if (edit.Loses(group))
            {
                GraphEdit.SetAttribute(node, "group", edit.Count(group, groups));
            }
        });
        return into == 1 ? kernel.Axes[0] : AxisShapes.Merge([group, kernel.Axes[1]], [groups, kernel.Shape[1]]);
    }
}
