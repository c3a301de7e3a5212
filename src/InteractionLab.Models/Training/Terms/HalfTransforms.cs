using static TorchSharp.torch;

namespace InteractionLab.Models.Training.Terms;

/// <summary>AND and OR interactions of tables of outputs as differentiable operations (method.md §2), by butterflies.</summary>
internal static class HalfTransforms
{
    /// <summary>
    /// I^and and I^or [games, 2^n] of v [games, 2^n], for γ and δ that are held fixed; the empty set is 0, and order 1 is
    /// all AND.
    /// </summary>
    public static (Tensor And, Tensor Or) Interactions(Tensor v, Tensor gamma, Tensor delta)
    {
        var w = v - v.narrow(1, 0, 1);
        var half = (w - delta) * 0.5;
        var and = Mobius(half + gamma);
        var or = Mobius((half - gamma).flip(1)).neg();
        var sizes = v.shape[1];
        var single = tensor([.. Enumerable.Range(0, (int)sizes).Select(mask => int.PopCount(mask) == 1)], device: v.device);
        var some = tensor([.. Enumerable.Range(0, (int)sizes).Select(mask => mask > 0)], device: v.device);
        var zero = zeros_like(or);
        return (where(some, and + where(single, or, zero), zero), where(some.logical_and(single.logical_not()), or, zero));
    }

    private static Tensor Mobius(Tensor table)
    {
        var (games, length) = (table.shape[0], table.shape[1]);
        for (var step = 1L; step < length; step *= 2)
        {
            var pairs = table.reshape(games, length / (2 * step), 2, step);
            var low = pairs.select(2, 0);
            table = stack([low, pairs.select(2, 1) - low], 2);
        }

        return table.reshape(games, length);
    }
}
