using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Normalisation over batches, layers, groups and channels.</summary>
internal static class Normalizations
{
    public static void Register(OperatorTable table)
    {
        table.Add("BatchNormalization", BatchNormalization);
        table.Add("LayerNormalization", LayerNormalization);
        table.Add("InstanceNormalization", node =>
        {
            var epsilon = node.Real("epsilon", 1e-5f);
            return Kernel.Of(call => F.instance_norm(call[0], null, null, call[1], call[2], true, 0.1, epsilon));
        });
        table.Add("GroupNormalization", GroupNormalization);
        table.Add("LRN", LocalResponse);
        table.Add("LpNormalization", node =>
        {
            var (axis, p) = (node.Integer("axis", -1), node.Integer("p", 2));
            return Kernel.Composite(call => call[0] / (p == 1 ? call[0].abs().sum(axis, true) : call[0].square().sum(axis, true).sqrt()));
        });
        table.Add("MeanVarianceNormalization", node =>
        {
            var axes = node.Integers("axes") ?? [0, 2, 3];
            return Kernel.Composite(call =>
            {
                var centred = call[0] - call[0].mean(axes, true);
                return centred / (centred.square().mean(axes, true).sqrt() + 1e-9);
            });
        });
    }

    private static Kernel BatchNormalization(OperatorNode node)
    {
        if (Enumerable.Range(1, 4).Any(node.Wants) || node.Flag("training_mode"))
        {
            throw OperatorNode.Unsupported("it is exported in training mode; export the model for inference");
        }

        // ONNX keeps this share of the old statistics, torch gives the share of the new.
        var momentum = 1 - node.Real("momentum", 0.9f);
        var epsilon = node.Real("epsilon", 1e-5f);
        return Kernel.Of(call =>
        {
            var x = call[0];
            if (call.Training && x.NumberOfElements <= x.shape[1])
            {
                // The unbiased variance of one value is 0/0 and would stay in the running statistics for good.
                throw OperatorNode.Unsupported("it has one value a channel to normalise in training; take a larger batch");
            }

            return F.batch_norm(x, call[3], call[4], call[1], call[2], call.Training, momentum, epsilon);
        });
    }

    private static Kernel LayerNormalization(OperatorNode node)
    {
        var (axis, epsilon) = (node.Integer("axis", -1), node.Real("epsilon", 1e-5f));
        if (node.Wants(1) || node.Wants(2))
        {
            return Kernel.Many(call => WithStatistics(call, axis, epsilon));
        }

        return Kernel.Of(call =>
        {
            var x = call[0];
            var normalised = x.shape[(int)(axis < 0 ? axis + x.ndim : axis)..];
            return call.Shape(1).SequenceEqual(normalised) && (!call.Has(2) || call.Shape(2).SequenceEqual(normalised))
                ? F.layer_norm(x, normalised, call[1], call.Maybe(2), epsilon)
                : Broadcast(call, normalised, epsilon);
        });
    }

    /// <summary>A scale that is smaller than what is normalised broadcasts.</summary>
    private static Tensor Broadcast(Call call, long[] normalised, double epsilon)
    {
        using var scope = NewDisposeScope();
        var scaled = F.layer_norm(call[0], normalised, null, null, epsilon) * call[1];
        return (call.Maybe(2) is { } bias ? scaled + bias : scaled).MoveToOuterDisposeScope();
    }

    private static Tensor[] WithStatistics(Call call, long axis, double epsilon)
    {
        var x = call[0];
        var from = axis < 0 ? axis + x.ndim : axis;
        long[] axes = [.. Enumerable.Range((int)from, (int)(x.ndim - from)).Select(i => (long)i)];
        var mean = x.mean(axes, true);
        var centred = x - mean;
        var inverse = (centred.square().mean(axes, true) + epsilon).rsqrt();
        var scaled = centred * inverse * call[1];
        return [call.Maybe(2) is { } bias ? scaled + bias : scaled, mean, inverse];
    }

    private static Kernel GroupNormalization(OperatorNode node)
    {
        var (groups, epsilon) = (node.Integer("num_groups", 1), node.Real("epsilon", 1e-5f));
        return Kernel.Composite(call =>
        {
            var (x, scale, bias) = (call[0], call[1], call[2]);
            var channels = x.shape[1];

            // Before opset 21 there is one scale a group.
            return scale.NumberOfElements == channels
                ? F.group_norm(x, groups, scale, bias, epsilon)
                : F.group_norm(x, groups, scale.repeat_interleave(channels / groups), bias.repeat_interleave(channels / groups), epsilon);
        });
    }

    private static Kernel LocalResponse(OperatorNode node)
    {
        var size = node.Integer("size", 1);
        var (alpha, beta, bias) = (node.Real("alpha", 1e-4f), node.Real("beta", 0.75), node.Real("bias", 1));
        return Kernel.Composite(call =>
        {
            var x = call[0];
            long[] amounts = [.. new long[2 * (x.ndim - 2)], (size - 1) / 2, size / 2];
            var sums = F.pad(x.square(), amounts).unfold(1, size, 1).sum(-1);
            return x / ((sums * (alpha / size)) + bias).pow(beta);
        });
    }
}
