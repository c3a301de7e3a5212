namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Collects the operands that meet along one axis of a result of the given size; those of size 1 are repeated along it.</summary>
internal sealed class Broadcast(NodeScope scope, long size)
{
    private bool repeated;

    /// <summary>The axis that all full operands now share; null where nothing can be removed.</summary>
    public int[][]? Axis { get; private set; }

    /// <summary>How many operands have the axis in full.</summary>
    public int Operands { get; private set; }

    /// <summary>Every operand is zero at removed indices.</summary>
    public bool AllZero { get; private set; } = true;

    /// <summary>Some operand is zero at removed indices.</summary>
    public bool AnyZero { get; private set; }

    public Broadcast Add(Flow operand, int axis)
    {
        if (operand.Shape[axis] != size || size == 1)
        {
            repeated = true;
            AllZero = false;
            return this;
        }

        if (Operands++ == 0)
        {
            Axis = operand.Axes[axis];
        }
        else
        {
            scope.Labels.Unite(Axis, operand.Axes[axis]);
            Axis = Axis is null ? null : operand.Axes[axis] is null ? null : Axis;
        }

        AllZero &= operand.Zero[axis] && !repeated;
        AnyZero |= operand.Zero[axis];
        return this;
    }

    /// <summary>Adds an operand whose axes are aligned at the end; <paramref name="skip"/> more axes lie behind those counted.</summary>
    public Broadcast AddAligned(Flow? operand, int fromEnd, int skip = 0)
    {
        if (operand is null)
        {
            return this;
        }

        var axis = operand.Rank - 1 - skip - fromEnd;
        if (axis >= 0)
        {
            return Add(operand, axis);
        }

        repeated = true;
        AllZero = false;
        return this;
    }
}
