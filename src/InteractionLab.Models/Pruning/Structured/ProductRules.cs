namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Matrix products: the summed axis of both operands goes together, the other axes are those of the result.</summary>
internal static class ProductRules
{
    public static readonly Dictionary<string, Func<NodeScope, bool>> All = new(StringComparer.Ordinal)
    {
        ["Gemm"] = Gemm,
        ["MatMul"] = MatMul,
    };

    private static bool Gemm(NodeScope scope)
    {
        if (scope.In(0) is not { Rank: 2 } a || scope.In(1) is not { Rank: 2 } b || scope.Out(0) is not { Rank: 2 } y)
        {
            return false;
        }

        var (row, sum) = scope.Attribute("transA", 0) == 0 ? (0, 1) : (1, 0);
        var (sumB, column) = scope.Attribute("transB", 0) == 0 ? (0, 1) : (1, 0);
        scope.Contract(a, sum, b, sumB);
        var rows = new Broadcast(scope, y.Shape[0]).Add(a, row).AddAligned(scope.In(2), 1);
        var columns = new Broadcast(scope, y.Shape[1]).Add(b, column).AddAligned(scope.In(2), 0);
        scope.Carry(y, 0, rows.Axis, rows.AllZero);
        scope.Carry(y, 1, columns.Axis, columns.AllZero);
        return true;
    }

    private static bool MatMul(NodeScope scope)
    {
        if (scope.In(0) is not { Rank: > 0 } a || scope.In(1) is not { Rank: > 0 } b || scope.Out(0) is not { } y)
        {
            return false;
        }

        scope.Contract(a, a.Rank - 1, b, Math.Max(0, b.Rank - 2));
        var end = y.Rank;
        if (b.Rank > 1)
        {
            scope.Carry(y, --end, b.Axes[^1], b.Zero[^1]);
        }

        if (a.Rank > 1)
        {
            scope.Carry(y, --end, a.Axes[^2], a.Zero[^2]);
        }

        for (var axis = 0; axis < end; axis++)
        {
            // A product is zero where either factor is.
            var fromEnd = end - 1 - axis;
            var batch = new Broadcast(scope, y.Shape[axis]).AddAligned(a, fromEnd, skip: 2).AddAligned(b, fromEnd, skip: 2);
            scope.Carry(y, axis, batch.Axis, batch.AnyZero);
        }

        return true;
    }
}
