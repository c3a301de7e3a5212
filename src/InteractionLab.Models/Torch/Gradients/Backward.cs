using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Gradients;

/// <summary>
/// Gradients by way of the leaves' <c>grad</c>. torch's own function that returns them ends the process where libtorch has
/// an error to report (TorchSharp 0.107); this way the error is an exception.
/// </summary>
internal static class Backward
{
    /// <summary>
    /// d value / d leaf for each leaf; null where the value does not depend on one. Nothing is added up in any other tensor,
    /// and the leaves are left without a gradient.
    /// </summary>
    /// <param name="value">One number, whose computation was recorded; its record is used up.</param>
    /// <param name="leaves">Tensors that require gradients and were not computed from others.</param>
    /// <exception cref="InvalidOperationException">The value is not one number, or nothing was recorded for it.</exception>
    public static Tensor?[] Of(Tensor value, IReadOnlyList<Tensor> leaves)
    {
        if (value.numel() != 1)
        {
            throw new InvalidOperationException($"only one number can be differentiated, not {value.numel()}");
        }

        if (!value.requires_grad)
        {
            // Nothing that requires a gradient went into it.
            return new Tensor?[leaves.Count];
        }

        Clear(leaves);
        autograd.backward([value], inputs: [.. leaves]);
        var gradients = leaves.Select(leaf => leaf.grad).ToArray();
        Clear(leaves);
        return gradients;
    }

    /// <summary>As <see cref="Of"/>, for leaves that must all have a gradient.</summary>
    /// <exception cref="InvalidOperationException">The value does not depend on one of them.</exception>
    public static Tensor[] OfAll(Tensor value, IReadOnlyList<Tensor> leaves)
    {
        var gradients = Of(value, leaves);
        var missing = Array.IndexOf(gradients, null);
        return missing < 0 ? [.. gradients.Select(gradient => gradient!)] : throw new InvalidOperationException($"the loss does not depend on weight {missing + 1} of the {leaves.Count} that are trained");
    }

    private static void Clear(IReadOnlyList<Tensor> leaves)
    {
        foreach (var leaf in leaves)
        {
            leaf.grad = null;
        }
    }
}
