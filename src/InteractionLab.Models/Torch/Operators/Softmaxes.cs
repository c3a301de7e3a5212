using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Softmax and its kin; before opset 13 they flatten to two dimensions at the axis.</summary>
internal static class Softmaxes
{
    public static void Register(OperatorTable table)
    {
        table.Add("Softmax", node => Along(node, (x, axis) => x.softmax(axis)));
        table.Add("LogSoftmax", node => Along(node, (x, axis) => x.log_softmax(axis)));
        table.Add("Hardmax", node => Along(node, Hardmax, composite: true));
    }

    private static Kernel Along(OperatorNode node, Func<Tensor, long, Tensor> function, bool composite = false)
    {
        if (node.Opset >= 13)
        {
            var axis = node.Integer("axis", -1);
            return composite ? Kernel.Composite(call => function(call[0], axis)) : Kernel.Of(call => function(call[0], axis));
        }

        var from = node.Integer("axis", 1);
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var at = from < 0 ? from + x.ndim : from;
            return at == x.ndim - 1
                ? function(x, at)
                : function(x.reshape(HostMath.Elements(x.shape[..(int)at]), HostMath.Elements(x.shape[(int)at..])), 1).reshape(x.shape);
        });
    }

    private static Tensor Hardmax(Tensor x, long axis) => zeros_like(x).scatter(axis, x.argmax(axis, true), ones_like(x));
}
