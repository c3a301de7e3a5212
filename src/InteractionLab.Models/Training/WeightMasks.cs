using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Training;

/// <summary>Which weights are pruned: they are zero and stay zero through training. Owns the masks; not the weights.</summary>
internal sealed class WeightMasks : IDisposable
{
    private readonly IReadOnlyList<Tensor> _weights;
    private readonly Tensor[] _pruned;

    /// <summary>No weight is pruned yet.</summary>
    /// <param name="weights">The prunable parameters in a fixed order.</param>
    public WeightMasks(IReadOnlyList<Tensor> weights)
    {
        _weights = weights;
        using var quiet = no_grad();
        _pruned = [.. weights.Select(weight => weight.zeros_like(ScalarType.Bool, requires_grad: false).DetachFromDisposeScope())];
        Total = weights.Sum(weight => weight.numel());
    }

    /// <summary>Prunable weights.</summary>
    public long Total { get; }

    /// <summary>How many of them are pruned.</summary>
    public long Pruned { get; private set; }

    /// <summary>Pruned share.</summary>
    public double Sparsity => Total == 0 ? 0 : (double)Pruned / Total;

    /// <summary>The masks, true where pruned.</summary>
    public IReadOnlyList<Tensor> State => _pruned;

    /// <summary>
    /// Prunes the smallest remaining weights of all parameters together until the share is reached (rounded to a whole
    /// weight); of equal magnitudes the first in order. What was pruned stays pruned.
    /// </summary>
    public void PruneTo(double sparsity)
    {
        var wanted = (long)Math.Round(sparsity * Total, MidpointRounding.AwayFromZero) - Pruned;
        var masks = _pruned.Select(mask => mask.Elements<bool>()).ToArray();

        // One number a weight: the bits of a magnitude order as the magnitude does, and the position below them settles ties.
        var order = new List<ulong>();
        var position = 0u;
        for (var w = 0; w < _weights.Count; w++)
        {
            var values = _weights[w].Elements<float>();
            for (var i = 0; i < values.Length; i++, position++)
            {
                if (!masks[w][i])
                {
                    order.Add(((ulong)BitConverter.SingleToUInt32Bits(MathF.Abs(values[i])) << 32) | position);
                }
            }
        }

        order.Sort();
        foreach (var key in order.Take((int)Math.Max(wanted, 0)))
        {
            var at = (long)(uint)key;
            var weight = 0;
            while (at >= masks[weight].Length)
            {
                at -= masks[weight++].Length;
            }

            masks[weight][at] = true;
        }

        Restore(masks);
        Apply();
    }

    /// <summary>Sets pruned weights to zero; after every step, since the update moved them.</summary>
    public void Apply()
    {
        if (Pruned == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (var i = 0; i < _weights.Count; i++)
        {
            _weights[i].masked_fill_(_pruned[i], 0);
        }
    }

    /// <summary>Takes masks from a checkpoint.</summary>
    public void Restore(IReadOnlyList<bool[]> masks)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (var i = 0; i < _pruned.Length; i++)
        {
            _pruned[i].copy_(tensor(masks[i], _pruned[i].shape));
        }

        Pruned = masks.Sum(mask => mask.LongCount(pruned => pruned));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in _pruned)
        {
            mask.Dispose();
        }
    }
}
