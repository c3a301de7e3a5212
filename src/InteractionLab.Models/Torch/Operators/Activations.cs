using InteractionLab.Models.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Activation functions.</summary>
internal static class Activations
{
    // ONNX's defaults for Selu, to the digits it gives.
    private const double SeluAlpha = 1.67326319217681884765625;
    private const double SeluGamma = 1.05070102214813232421875;

    public static void Register(OperatorTable table)
    {
        table.Unary("Relu", x => x.relu());
        table.Unary("HardSwish", x => x.hardswish());
        table.Unary("Mish", x => F.mish(x));
        table.Unary("Softplus", x => F.softplus(x));
        table.Unary("Softsign", x => F.softsign(x));
        table.Add("LeakyRelu", node => Simple(node.Real("alpha", 0.01f), (x, alpha) => x.leaky_relu(alpha)));
        table.Add("Elu", node => Simple(node.Real("alpha", 1), (x, alpha) => F.elu(x, alpha)));
        table.Add("Celu", node => Simple(node.Real("alpha", 1), (x, alpha) => F.celu(x, alpha)));
        table.Add("ThresholdedRelu", node => Simple(node.Real("alpha", 1), (x, alpha) => F.threshold(x, alpha, 0)));
        table.Add("Selu", Selu);
        table.Add("HardSigmoid", HardSigmoid);
        table.Add("Gelu", Gelu);
        table.Add("Shrink", Shrink);
        table.Add("Clip", Clip);

        // Written so that the slope broadcasts to the right, as ONNX has it, and gets its gradient.
        table.Add("PRelu", Kernel.Composite(call => call[0].clamp_min(0) + (call[1] * call[0].clamp_max(0))));
    }

    private static Kernel Simple(double parameter, Func<Tensor, double, Tensor> function) => Kernel.Of(call => function(call[0], parameter));

    private static Kernel Selu(OperatorNode node)
    {
        var (alpha, gamma) = (node.Real("alpha", SeluAlpha), node.Real("gamma", SeluGamma));
        return Kernel.Of(call => call[0].elu(alpha, gamma, 1));
    }

    private static Kernel HardSigmoid(OperatorNode node)
    {
        var (alpha, beta) = (node.Real("alpha", 0.2f), node.Real("beta", 0.5));
        return Kernel.Composite(call => ((call[0] * alpha) + beta).clamp(0, 1));
    }

    private static Kernel Gelu(OperatorNode node)
    {
        if (node.Text("approximate", "none") != "tanh")
        {
            return Kernel.Of(call => call[0].gelu());
        }

        var scale = Math.Sqrt(2 / Math.PI);
        return Kernel.Composite(call =>
        {
            var x = call[0];
            return x * 0.5 * (((x + (x.pow(3) * 0.044715)) * scale).tanh() + 1);
        });
    }

    private static Kernel Shrink(OperatorNode node)
    {
        var (lambda, bias) = (node.Real("lambd", 0.5), node.Real("bias", 0));
        return Kernel.Composite(call =>
        {
            var x = call[0];
            return where(x.lt(-lambda), x + bias, where(x.gt(lambda), x - bias, zeros_like(x)));
        });
    }

    private static Kernel Clip(OperatorNode node)
    {
        if (node.Opset < 11)
        {
            var (low, high) = (node.Real("min", float.MinValue), node.Real("max", float.MaxValue));
            return Kernel.Of(call => call[0].clamp(low, high));
        }

        var (hasLow, hasHigh) = (node.Has(1), node.Has(2));
        return (hasLow, hasHigh) switch
        {
            (false, false) => Kernel.Of(call => call[0].alias()),
            (true, false) => Kernel.Of(call => call.Known(1) is null ? maximum(call[0], call[1]) : call[0].clamp_min(Bound(call, 1))),
            (false, true) => Kernel.Of(call => call.Known(2) is null ? minimum(call[0], call[2]) : call[0].clamp_max(Bound(call, 2))),
            _ => Kernel.Composite(call => call.Known(1) is null || call.Known(2) is null
                ? minimum(maximum(call[0], call[1]), call[2])
                : call[0].clamp(Bound(call, 1), Bound(call, 2))),
        };
    }

    /// <summary>A bound as a number of the input's kind: integers are not clipped by way of floating point.</summary>
    private static Scalar Bound(Call call, int input) =>
        call.Known(input) is { IsReal: false } ? call.Integer(input).ToScalar() : call.Real(input).ToScalar();
}
