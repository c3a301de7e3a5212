namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Normalisations: per-channel ones lose channels with their parameters; an axis whose statistics are taken cannot lose any.</summary>
internal static class NormalizationRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["BatchNormalization"] = scope => scope.Attribute("training_mode", 0) == 0 && PerChannel(scope, parameters: 4, statisticsOverSpace: false),
        ["InstanceNormalization"] = scope => PerChannel(scope, parameters: 2, statisticsOverSpace: true),
        ["LayerNormalization"] = Layer,
        ["Softmax"] = Softmax,
        ["LogSoftmax"] = Softmax,
        ["Hardmax"] = Softmax,
    };

    private static bool PerChannel(NodeScope scope, int parameters, bool statisticsOverSpace)
    {
        if (scope.In(0) is not { Rank: > 1 } x || scope.Out(0) is not { } y || scope.IsRead(1))
        {
            return false;
        }

        var zero = true;
        for (var input = 1; input <= parameters; input++)
        {
            if (scope.In(input) is not { Rank: 1 } parameter)
            {
                return false;
            }

            scope.Labels.Unite(x.Axes[1], parameter.Axes[0]);
            zero &= parameter.Zero[0];
        }

        scope.Carry(y, 1, x.Axes[1], zero);
        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (axis != 1 && statisticsOverSpace && axis != 0)
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }
            else if (axis != 1)
            {
                scope.Carry(y, axis, x.Axes[axis], zero: false);
            }
        }

        return true;
    }

    private static bool Layer(NodeScope scope)
    {
        if (scope.In(0) is not { } x || scope.Out(0) is not { } y || scope.IsRead(1) || scope.IsRead(2))
        {
            return false;
        }

        scope.Freeze(scope.In(1));
        scope.Freeze(scope.In(2));
        Through(scope, x, y, NodeScope.Axis(scope.Attribute("axis", -1), x.Rank), x.Rank);
        return true;
    }

    private static bool Softmax(NodeScope scope)
    {
        if (scope.In(0) is not { } x || scope.Out(0) is not { } y)
        {
            return false;
        }

        // Before opset 13 everything from the axis on was one axis.
        var single = scope.Opset >= 13;
        var axis = NodeScope.Axis(scope.Attribute("axis", single ? -1 : 1), x.Rank);
        Through(scope, x, y, axis, single ? axis + 1 : x.Rank);
        return true;
    }

    /// <summary>Axes from..to-1 are summed over; the others pass, no longer zero where they were.</summary>
    private static void Through(NodeScope scope, Flow x, Flow y, int from, int to)
    {
        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (axis >= from && axis < to)
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }
            else
            {
                scope.Carry(y, axis, x.Axes[axis], zero: false);
            }
        }
    }
}
