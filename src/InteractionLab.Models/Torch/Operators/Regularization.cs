using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Dropout: active in training passes, from the network's own stream of random numbers, and otherwise nothing.</summary>
internal static class Regularization
{
    public static void Register(OperatorTable table) => table.Add("Dropout", Dropout);

    private static Kernel Dropout(OperatorNode node)
    {
        var fixedRatio = node.Opset < 12 ? node.Real("ratio", 0.5) : (double?)null;
        if (!node.Wants(1))
        {
            return Kernel.Of(call => ActiveRatio(call, fixedRatio) is > 0 and var ratio ? Scaled(call[0], Kept(call, ratio), ratio) : call[0].alias());
        }

        return Kernel.Many(call =>
        {
            var x = call[0];
            if (ActiveRatio(call, fixedRatio) is not (var ratio and > 0))
            {
                return [x.alias(), ones(x.shape, ScalarType.Bool, x.device)];
            }

            var kept = Kept(call, ratio);
            return [Scaled(x, kept, ratio), kept.@bool()];
        });
    }

    /// <summary>1 where a cell is kept, else 0.</summary>
    private static Tensor Kept(Call call, double ratio) => empty_like(call[0]).bernoulli_(1 - ratio, call.Random);

    private static Tensor Scaled(Tensor x, Tensor kept, double ratio) => x.mul(ratio < 1 ? kept.div(1 - ratio) : kept);

    private static double ActiveRatio(Call call, double? fixedRatio) => IsActive(call) ? fixedRatio ?? (call.Has(1) ? call.Real(1) : 0.5) : 0;

    private static bool IsActive(Call call) => call.Training || (call.Has(2) && call.Integer(2) != 0);
}
