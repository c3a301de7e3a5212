using InteractionLab.Models.Masking;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Gradients;

/// <summary>v as a function of logits that gradients pass through (method.md section 1), computed in double.</summary>
internal static class ValueFunction
{
    /// <summary>v [rows] of logits [rows, classes] for one class.</summary>
    public static Tensor Of(Tensor logits, int target, ValueKind value)
    {
        using var scope = NewDisposeScope();
        var z = logits.type(ScalarType.Float64);
        return (value switch
        {
            ValueKind.Logit => z.select(1, target),
            ValueKind.Probability => z.softmax(1).select(1, target),
            _ => LogOdds(z, target),
        }).MoveToOuterDisposeScope();
    }

    /// <summary>z_y - logsumexp of the others: class y is left out by selection, not by subtraction.</summary>
    private static Tensor LogOdds(Tensor z, int target)
    {
        var others = cat([z.narrow(1, 0, target), z.narrow(1, target + 1, z.shape[1] - target - 1)], 1);
        return z.select(1, target) - others.logsumexp(1);
    }
}
