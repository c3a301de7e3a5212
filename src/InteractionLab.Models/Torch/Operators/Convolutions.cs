using InteractionLab.Models.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Convolution in one to three dimensions.</summary>
internal static class Convolutions
{
    public static void Register(OperatorTable table) => table.Add("Conv", Convolve);

    /// <summary>
    /// Convolution of input that needs padding on both sides alike; the bias may be null. In single precision on the CPU the
    /// channels are filled up with zeros and the result is cut (<see cref="ChannelFill"/>): the same numbers as without, where
    /// those are right.
    /// </summary>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor? bias, long[] strides, long[] padding, long[] dilations, long groups)
    {
        if (x.dtype != ScalarType.Float32 || x.device_type != DeviceType.CPU || ChannelFill.Of(x, weight, strides, groups) is not { } fill)
        {
            return Plain(x, weight, bias, strides, padding, dilations, groups);
        }

        using var scope = NewDisposeScope();
        return fill.Cut(Plain(fill.Input(x), fill.Weight(weight), bias is null ? null : fill.Bias(bias), strides, padding, dilations, groups)).MoveToOuterDisposeScope();
    }

    /// <summary>As torch computes it, without channels filled.</summary>
    internal static Tensor Plain(Tensor x, Tensor weight, Tensor? bias, long[] strides, long[] padding, long[] dilations, long groups) => strides.Length switch
    {
        1 => F.conv1d(x, weight, bias, strides[0], padding[0], dilations[0], groups),
        2 => F.conv2d(x, weight, bias, strides, padding, dilations, groups),
        _ => F.conv3d(x, weight, bias, strides, padding, dilations, groups),
    };

    private static Kernel Convolve(OperatorNode node)
    {
        var groups = node.Integer("group", 1);
        if (node.Integers("kernel_shape") is { } kernel)
        {
            return Windowed(node, kernel, groups);
        }

        // The window's size is then that of the weights, which are known when it runs.
        Kernel? first = null;
        return new Kernel(call => (first ??= Windowed(node, call.Shape(1)[2..], groups)).Run(call));
    }

    private static Kernel Windowed(OperatorNode node, long[] kernel, long groups)
    {
        if (kernel.Length is < 1 or > 3)
        {
            throw OperatorNode.Unsupported($"a convolution over {kernel.Length} dimensions is not supported");
        }

        var window = new Window(node, kernel);
        var (strides, dilations) = (window.Strides, window.Dilations);
        if (window.FixedPadding() is { } padding && padding.All(pad => pad >= 0))
        {
            return Kernel.Of(call => Apply(call[0], call[1], call.Maybe(2), strides, padding, dilations, groups));
        }

        var none = new long[kernel.Length];
        return Kernel.Composite(call =>
        {
            var (begin, end) = window.PaddingOf(call.Shape(0));
            return Apply(Window.Pad(call[0], begin, end), call[1], call.Maybe(2), strides, none, dilations, groups);
        });
    }
}
