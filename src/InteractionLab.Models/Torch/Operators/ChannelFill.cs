using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>
/// Channels of zeros that keep a convolution clear of two faults of oneDNN in libtorch 2.10 (AVX-512; measured shape by
/// shape by <c>ConvolutionMemoryTests</c>). It works on blocks of 16 channels. Where a block is not full it reads memory that
/// nobody wrote: results and gradients of the input are whatever that memory held. And with a stride, the gradient of the
/// input is wrong where the input has an odd number of blocks, three or more (33 to 48, 65 to 80, ... channels). Full blocks,
/// and an even number of them, leave nothing to go wrong.
/// </summary>
/// <param name="Groups">Groups of the convolution.</param>
/// <param name="MoreInputs">Input channels added to each group.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="MoreOutputs">Output channels added; 0 where there are several groups.</param>
internal sealed record ChannelFill(long Groups, long MoreInputs, long Outputs, long MoreOutputs)
{
    private const long Block = 16;

    /// <summary>What a convolution needs; null where that is nothing, or where the shapes do not go together and torch is to say so.</summary>
    public static ChannelFill? Of(Tensor x, Tensor weight, long[] strides, long groups)
    {
        if (groups < 1 || x.ndim != weight.ndim || x.shape[1] != weight.shape[1] * groups)
        {
            return null;
        }

        // Convolutions in groups have only the second fault. Inputs of less than a block are read by kernels that stop where the channels end.
        var (inputs, outputs) = (weight.shape[1], weight.shape[0]);
        var strided = is_grad_enabled() && x.requires_grad && strides.Any(stride => stride > 1);
        var more = strided && inputs > 2 * Block ? Missing(inputs, 2 * Block)
            : groups == 1 && inputs > Block ? Missing(inputs, Block)
            : 0;
        var fill = new ChannelFill(groups, more, outputs, groups == 1 ? Missing(outputs, Block) : 0);
        return fill is { MoreInputs: 0, MoreOutputs: 0 } ? null : fill;
    }

    /// <summary>x [rows, channels, ...] filled.</summary>
    public Tensor Input(Tensor x)
    {
        if (MoreInputs == 0)
        {
            return x;
        }

        if (Groups == 1)
        {
            return F.pad(x, [.. Around(x), 0, MoreInputs]);
        }

        var shape = x.shape;
        var apart = x.reshape([shape[0], Groups, shape[1] / Groups, .. shape[2..]]);
        return F.pad(apart, [.. Around(x), 0, MoreInputs]).reshape([shape[0], shape[1] + (Groups * MoreInputs), .. shape[2..]]);
    }

    /// <summary>Weights [outputs, inputs of a group, ...] filled.</summary>
    public Tensor Weight(Tensor weight) => F.pad(weight, [.. Around(weight), 0, MoreInputs, 0, MoreOutputs]);

    /// <summary>A bias [outputs] filled.</summary>
    public Tensor Bias(Tensor bias) => MoreOutputs == 0 ? bias : F.pad(bias, [0, MoreOutputs]);

    /// <summary>The result without the channels added.</summary>
    public Tensor Cut(Tensor result) => MoreOutputs == 0 ? result : result.narrow(1, 0, Outputs);

    /// <summary>No padding in the spatial dimensions, which come first.</summary>
    private static long[] Around(Tensor values) => new long[2 * (values.ndim - 2)];

    private static long Missing(long channels, long block) => (block - (channels % block)) % block;
}
