using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>
/// Transposed convolution, written as the convolution it is: zeros between the cells of the input, the weights turned
/// round and their channels exchanged.
/// </summary>
internal static class TransposedConvolution
{
    public static void Register(OperatorTable table) => table.Add("ConvTranspose", node => Kernel.Composite(call => Run(call, node)));

    private static Tensor Run(Call call, OperatorNode node)
    {
        var (x, weight) = (call[0], call[1]);
        var kernel = weight.shape[2..];
        if (kernel.Length is < 1 or > 3)
        {
            throw OperatorNode.Unsupported($"a convolution over {kernel.Length} dimensions is not supported");
        }

        var strides = node.Integers("strides") ?? [.. kernel.Select(_ => 1L)];
        var dilations = node.Integers("dilations") ?? [.. kernel.Select(_ => 1L)];
        var groups = node.Integer("group", 1);
        var (begin, end, extra) = Padding(node, x.shape, kernel, strides, dilations);
        var (before, after) = (new long[kernel.Length], new long[kernel.Length]);
        for (var axis = 0; axis < kernel.Length; axis++)
        {
            x = Spread(x, axis + 2, strides[axis]);
            before[axis] = ((kernel[axis] - 1) * dilations[axis]) - begin[axis];
            after[axis] = ((kernel[axis] - 1) * dilations[axis]) - end[axis] + extra[axis];
        }

        long[] ones = [.. kernel.Select(_ => 1L)];
        return Convolutions.Apply(Window.Pad(x, before, after), Turn(weight, groups), call.Maybe(2), ones, new long[kernel.Length], dilations, groups);
    }

    /// <summary>Padding taken off at the begin and the end, and cells added at the end, by spatial axis.</summary>
    private static (long[] Begin, long[] End, long[] Extra) Padding(OperatorNode node, long[] shape, long[] kernel, long[] strides, long[] dilations)
    {
        var dimensions = kernel.Length;
        var extra = node.Integers("output_padding") ?? new long[dimensions];
        var pads = node.Integers("pads") ?? new long[2 * dimensions];
        var autoPad = node.Text("auto_pad", "NOTSET");
        var wanted = node.Integers("output_shape");
        if (wanted is null && autoPad is not ("SAME_UPPER" or "SAME_LOWER"))
        {
            return autoPad == "VALID" ? (new long[dimensions], new long[dimensions], extra) : (pads[..dimensions], pads[dimensions..], extra);
        }

        var (begin, end) = (new long[dimensions], new long[dimensions]);
        for (var axis = 0; axis < dimensions; axis++)
        {
            var size = shape[axis + 2];
            var target = wanted is null ? size * strides[axis] : wanted[wanted.Length - dimensions + axis];
            var total = (strides[axis] * (size - 1)) + extra[axis] + ((kernel[axis] - 1) * dilations[axis]) + 1 - target;
            if (total < 0)
            {
                // More cells are asked for than there are: they are added, not taken off.
                (extra[axis], total) = (extra[axis] - total, 0);
            }

            begin[axis] = autoPad == "SAME_UPPER" ? total / 2 : total - (total / 2);
            end[axis] = total - begin[axis];
        }

        return (begin, end, extra);
    }

    /// <summary>Puts stride - 1 zeros between neighbours along an axis.</summary>
    private static Tensor Spread(Tensor x, int axis, long stride)
    {
        if (stride == 1)
        {
            return x;
        }

        var shape = x.shape;
        var apart = x.unsqueeze(axis + 1);
        long[] zeroShape = [.. shape[..(axis + 1)], stride - 1, .. shape[(axis + 1)..]];
        long[] merged = [.. shape[..axis], shape[axis] * stride, .. shape[(axis + 1)..]];
        return cat([apart, zeros(zeroShape, x.dtype, x.device)], axis + 1).reshape(merged).narrow(axis, 0, ((shape[axis] - 1) * stride) + 1);
    }

    private static Tensor Turn(Tensor weight, long groups)
    {
        var shape = weight.shape;
        long[] spatial = shape[2..];
        var grouped = weight.reshape([groups, shape[0] / groups, shape[1], .. spatial]).transpose(1, 2);
        var exchanged = grouped.reshape([groups * shape[1], shape[0] / groups, .. spatial]);
        return exchanged.flip([.. Enumerable.Range(2, spatial.Length).Select(axis => (long)axis)]);
    }
}
