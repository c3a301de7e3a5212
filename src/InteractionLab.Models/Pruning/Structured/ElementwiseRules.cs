namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Functions of single elements: axes pass through, operands that meet along an axis lose the same indices.</summary>
internal static class ElementwiseRules
{
    /// <summary>f(0) = 0.</summary>
    private static readonly string[] KeepingZero =
    [
        "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Gelu", "HardSwish", "Swish", "Mish", "Softsign", "Tanh", "Sin", "Tan", "Asin",
        "Atan", "Sinh", "Asinh", "Atanh", "Abs", "Neg", "Sqrt", "Sign", "Floor", "Ceil", "Round", "Erf", "Identity", "Cast", "Dropout", "Shrink",
    ];

    /// <summary>f(0) is another number.</summary>
    private static readonly string[] MovingZero = ["Sigmoid", "HardSigmoid", "Exp", "Cos", "Cosh", "Acos", "Softplus", "Not", "IsNaN", "IsInf", "Clip"];

    /// <summary>f(0) is not a number that a weight of zero would silence.</summary>
    private static readonly string[] Singular = ["Log", "Reciprocal"];

    /// <summary>f(0, 0) = 0.</summary>
    private static readonly string[] Sums = ["Add", "Sub", "Sum", "Max", "Min", "Mean", "Or", "Xor"];

    /// <summary>f(0, 0) is another number.</summary>
    private static readonly string[] Comparisons = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"];

    public static readonly Dictionary<string, Func<NodeScope, bool>> All = Collect();

    private static Dictionary<string, Func<NodeScope, bool>> Collect()
    {
        var rules = new Dictionary<string, Func<NodeScope, bool>>(StringComparer.Ordinal);
        void Add(IEnumerable<string> operators, Func<NodeScope, bool> rule)
        {
            foreach (var name in operators)
            {
                rules.Add(name, rule);
            }
        }

        Add(KeepingZero, scope => Unary(scope, keepsZero: true, singular: false));
        Add(MovingZero, scope => Unary(scope, keepsZero: false, singular: false));
        Add(Singular, scope => Unary(scope, keepsZero: false, singular: true));
        Add(Sums, scope => Meet(scope, axis => axis.AllZero));
        Add(Comparisons, scope => Meet(scope, _ => false));
        Add(["Mul", "And"], scope => Meet(scope, axis => axis.AnyZero));
        Add(["PRelu"], scope => Meet(scope, first: true));
        Add(["Div"], scope => Divide(scope));
        Add(["Pow"], scope => scope.Number(1) is > 0 ? Unary(scope, keepsZero: true, singular: false) : Unary(scope, keepsZero: false, singular: true) && Alone(scope));
        Add(["Where"], Choose);
        return rules;
    }

    private static bool Unary(NodeScope scope, bool keepsZero, bool singular)
    {
        if (scope.In(0) is not { } x || scope.Out(0) is not { } y || y.Rank != x.Rank || scope.IsRead(1))
        {
            return false;
        }

        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (singular && x.Zero[axis])
            {
                scope.Labels.Freeze(x.Axes[axis]);
            }

            scope.Carry(y, axis, x.Axes[axis], keepsZero && x.Zero[axis]);
        }

        return true;
    }

    /// <summary>Whether all operands but the first are scalars.</summary>
    private static bool Alone(NodeScope scope) => Enumerable.Range(1, scope.Node.Input.Count - 1).All(input => scope.In(input) is not { Labelled: true });

    private static bool Meet(NodeScope scope, Func<Broadcast, bool> zero)
    {
        var y = scope.Out(0)!;
        for (var axis = 0; axis < y.Rank; axis++)
        {
            var meeting = Along(scope, y, axis, Enumerable.Range(0, scope.Node.Input.Count));
            scope.Carry(y, axis, meeting.Axis, zero(meeting));
        }

        return true;
    }

    /// <summary>The result is zero where the first operand is.</summary>
    private static bool Meet(NodeScope scope, bool first)
    {
        var y = scope.Out(0)!;
        for (var axis = 0; axis < y.Rank; axis++)
        {
            var alone = Along(scope, y, axis, [0]);
            var meeting = Along(scope, y, axis, Enumerable.Range(0, scope.Node.Input.Count));
            scope.Carry(y, axis, meeting.Axis, first && alone.AnyZero);
        }

        return true;
    }

    private static bool Divide(NodeScope scope)
    {
        var y = scope.Out(0)!;
        for (var axis = 0; axis < y.Rank; axis++)
        {
            var divisor = Along(scope, y, axis, [1]);
            if (divisor.AnyZero)
            {
                // Zeroed parameters would divide by zero.
                scope.Labels.Freeze(divisor.Axis);
            }
        }

        return Meet(scope, first: true);
    }

    private static bool Choose(NodeScope scope)
    {
        var y = scope.Out(0)!;
        for (var axis = 0; axis < y.Rank; axis++)
        {
            var chosen = Along(scope, y, axis, [1, 2]);
            var meeting = Along(scope, y, axis, [0, 1, 2]);
            scope.Carry(y, axis, meeting.Axis, chosen.AllZero);
        }

        return true;
    }

    private static Broadcast Along(NodeScope scope, Flow y, int axis, IEnumerable<int> inputs)
    {
        var meeting = new Broadcast(scope, y.Shape[axis]);
        foreach (var input in inputs)
        {
            meeting.AddAligned(scope.In(input), y.Rank - 1 - axis);
        }

        return meeting;
    }
}
