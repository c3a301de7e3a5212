using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>The geometry of a sliding window: sizes, strides, dilations and padding by spatial axis.</summary>
internal sealed class Window
{
    private readonly string autoPad;
    private readonly long[]? pads;

    public Window(OperatorNode node, long[] kernel)
    {
        Kernel = kernel;
        Strides = node.Integers("strides") ?? Ones(kernel.Length);
        Dilations = node.Integers("dilations") ?? Ones(kernel.Length);
        CeilMode = node.Flag("ceil_mode");
        pads = node.Integers("pads");
        autoPad = node.Text("auto_pad", "NOTSET");
        if (Strides.Length != kernel.Length || Dilations.Length != kernel.Length || (pads is not null && pads.Length != 2 * kernel.Length))
        {
            throw OperatorNode.Unsupported($"strides, dilations or pads do not fit a window of {kernel.Length} dimensions");
        }

        if (autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
        {
            throw OperatorNode.Unsupported($"auto_pad '{autoPad}' is unknown");
        }
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    public bool CeilMode { get; }

    public int Dimensions => Kernel.Length;

    public bool Dilated => Dilations.Any(dilation => dilation != 1);

    /// <summary>Cells from the first to the last that a window covers along an axis.</summary>
    public long Extent(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>Padding that is the same on both sides and does not depend on the input; null otherwise.</summary>
    public long[]? FixedPadding()
    {
        if (autoPad is "SAME_UPPER" or "SAME_LOWER")
        {
            return null;
        }

        var fixedPads = autoPad == "VALID" ? null : pads;
        return fixedPads is null ? new long[Dimensions]
            : fixedPads.AsSpan(0, Dimensions).SequenceEqual(fixedPads.AsSpan(Dimensions)) ? fixedPads[..Dimensions]
            : null;
    }

    /// <summary>Padding at the begin and the end of each spatial axis of an input.</summary>
    public (long[] Begin, long[] End) PaddingOf(long[] shape)
    {
        var (begin, end) = (new long[Dimensions], new long[Dimensions]);
        for (var axis = 0; axis < Dimensions; axis++)
        {
            if (autoPad is "SAME_UPPER" or "SAME_LOWER")
            {
                var size = shape[axis + 2];
                var windows = (size + Strides[axis] - 1) / Strides[axis];
                var total = Math.Max(0, ((windows - 1) * Strides[axis]) + Extent(axis) - size);
                begin[axis] = autoPad == "SAME_UPPER" ? total / 2 : (total + 1) / 2;
                end[axis] = total - begin[axis];
            }
            else if (autoPad == "NOTSET" && pads is not null)
            {
                (begin[axis], end[axis]) = (pads[axis], pads[axis + Dimensions]);
            }
        }

        return (begin, end);
    }

    /// <summary>Windows that fit along an axis.</summary>
    public long Count(int axis, long size, long begin, long end)
    {
        var room = size + begin + end - Extent(axis);
        var count = ((CeilMode ? room + Strides[axis] - 1 : room) / Strides[axis]) + 1;

        // A window that would start in the padding at the end is left out.
        return CeilMode && (count - 1) * Strides[axis] >= size + begin ? count - 1 : count;
    }

    /// <summary>Pads the spatial axes by a constant; amounts may be negative.</summary>
    public static Tensor Pad(Tensor x, long[] begin, long[] end, double value = 0)
    {
        var amounts = new long[2 * begin.Length];
        for (var axis = 0; axis < begin.Length; axis++)
        {
            // torch counts axes from the last.
            amounts[2 * axis] = begin[^(axis + 1)];
            amounts[(2 * axis) + 1] = end[^(axis + 1)];
        }

        return F.pad(x, amounts, value: value);
    }

    private static long[] Ones(int count)
    {
        var ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
