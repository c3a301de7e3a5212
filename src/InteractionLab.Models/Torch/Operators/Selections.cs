using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Places of extremes, the largest entries, running sums.</summary>
internal static class Selections
{
    public static void Register(OperatorTable table)
    {
        table.Add("ArgMax", node => Arg(node, (x, axis) => x.argmax(axis, true)));
        table.Add("ArgMin", node => Arg(node, (x, axis) => x.argmin(axis, true)));
        table.Add("TopK", TopK);
        table.Add("CumSum", CumSum);
    }

    private static Kernel Arg(OperatorNode node, Func<Tensor, long, Tensor> function)
    {
        var (axis, keep, last) = (node.Integer("axis", 0), node.Flag("keepdims", true), node.Flag("select_last_index"));
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var places = last ? (x.shape[(int)(axis < 0 ? axis + x.ndim : axis)] - 1) - function(x.flip(axis), axis) : function(x, axis);
            return keep ? places : places.squeeze(axis);
        });
    }

    private static Kernel TopK(OperatorNode node)
    {
        var (axis, largest, sorted) = (node.Integer("axis", -1), node.Flag("largest", true), node.Flag("sorted", true));
        var fixedCount = node.Opset < 10 ? node.Integer("k", 1) : (long?)null;
        return Kernel.Many(call =>
        {
            var (values, places) = call[0].topk((int)(fixedCount ?? call.Integer(1)), (int)axis, largest, sorted);
            return [values, places];
        });
    }

    private static Kernel CumSum(OperatorNode node)
    {
        var (exclusive, reverse) = (node.Flag("exclusive"), node.Flag("reverse"));
        return Kernel.Composite(call =>
        {
            var axis = call.Integer(1);
            var x = reverse ? call[0].flip(axis) : call[0];
            if (exclusive)
            {
                // The sum of those before: everything moves one place along, a zero comes first.
                var first = x.narrow(axis, 0, 1);
                x = cat([zeros_like(first), x.narrow(axis, 0, x.shape[(int)(axis < 0 ? axis + x.ndim : axis)] - 1)], axis);
            }

            var sums = x.cumsum(axis, x.dtype);
            return reverse ? sums.flip(axis) : sums;
        });
    }
}
