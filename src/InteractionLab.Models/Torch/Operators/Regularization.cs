using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Dropout: active in training passes, from torch's seeded generator, and otherwise nothing.</summary>
internal static class Regularization
{
    public static void Register(OperatorTable table) => table.Add("Dropout", Dropout);

    private static Kernel Dropout(OperatorNode node)
    {
        var fixedRatio = node.Opset < 12 ? node.Real("ratio", 0.5) : (double?)null;
        if (!node.Wants(1))
        {
            return Kernel.Of(call => IsActive(call) ? F.dropout(call[0], Ratio(call, fixedRatio), true) : call[0].alias());
        }

        return Kernel.Many(call =>
        {
            var x = call[0];
            if (!IsActive(call) || Ratio(call, fixedRatio) is not (var ratio and > 0))
            {
                return [x.alias(), ones(x.shape, ScalarType.Bool, x.device)];
            }

            var kept = rand_like(x).ge(ratio);
            return [where(kept, x / (1 - ratio), zeros_like(x)), kept];
        });
    }

    private static bool IsActive(Call call) => call.Training || (call.Has(2) && call.Integer(2) != 0);

    private static double Ratio(Call call, double? fixedRatio) => fixedRatio ?? (call.Has(1) ? call.Real(1) : 0.5);
}
