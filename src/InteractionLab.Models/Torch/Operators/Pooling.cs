using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Pooling over windows and over whole pictures.</summary>
internal static class Pooling
{
    public static void Register(OperatorTable table)
    {
        table.Add("GlobalAveragePool", Kernel.Of(call => call[0].mean(Spatial(call.Rank(0)), true)));
        table.Add("GlobalMaxPool", Kernel.Of(call => call[0].amax(Spatial(call.Rank(0)), true)));
        table.Add("GlobalLpPool", node => GlobalNorm(node.Integer("p", 2)));
        table.Add("MaxPool", MaxPool);
        table.Add("AveragePool", AveragePool);
        table.Add("LpPool", LpPool);
    }

    private static long[] Spatial(int rank)
    {
        var axes = new long[rank - 2];
        for (var i = 0; i < axes.Length; i++)
        {
            axes[i] = i + 2;
        }

        return axes;
    }

    private static Kernel GlobalNorm(long p) => Kernel.Composite(call => call[0].abs().pow(p).sum(Spatial(call.Rank(0)), true).pow(1.0 / p));

    private static Window WindowOf(OperatorNode node) =>
        new(node, node.Integers("kernel_shape") ?? throw OperatorNode.Unsupported("the attribute kernel_shape is missing"));

    /// <summary>
    /// All windows of an input, their cells in one last axis: [N, C, windows..., cells]. Padded by <paramref name="value"/>.
    /// </summary>
    private static Tensor Unfold(Tensor x, Window window, double value)
    {
        var padded = Fill(x, window, value);
        for (var axis = 0; axis < window.Dimensions; axis++)
        {
            padded = padded.unfold(axis + 2, window.Extent(axis), window.Strides[axis]);
            if (window.Dilations[axis] > 1)
            {
                padded = padded.slice(padded.ndim - 1, 0, window.Extent(axis), window.Dilations[axis]);
            }
        }

        return padded;
    }

    /// <summary>The input padded so that the windows fill it exactly; the input itself where they do.</summary>
    private static Tensor Fill(Tensor x, Window window, double value)
    {
        var (begin, end) = Padding(x.shape, window);
        return begin.Any(pad => pad != 0) || end.Any(pad => pad != 0) ? Window.Pad(x, begin, end, value) : x;
    }

    /// <summary>Padding with what ceil_mode adds at the end, so that the windows fill the input exactly.</summary>
    private static (long[] Begin, long[] End) Padding(long[] shape, Window window)
    {
        var (begin, end) = window.PaddingOf(shape);
        for (var axis = 0; axis < window.Dimensions; axis++)
        {
            var size = shape[axis + 2];
            var count = window.Count(axis, size, begin[axis], end[axis]);
            end[axis] = ((count - 1) * window.Strides[axis]) + window.Extent(axis) - size - begin[axis];
        }

        return (begin, end);
    }

    private static long[] Cells(int dimensions) => [.. Enumerable.Range(1, dimensions).Select(axis => (long)-axis)];

    private static Kernel MaxPool(OperatorNode node)
    {
        var window = WindowOf(node);
        if (!node.Wants(1))
        {
            return Kernel.Composite(call => MaximumPooling.Of(Fill(call[0], window, Lowest(call[0])), window));
        }

        if (node.Flag("storage_order"))
        {
            return Kernel.Many(call => WithPlaces(call[0], window, columnMajor: true));
        }

        return Kernel.Many(call => WithPlaces(call[0], window, columnMajor: false));
    }

    /// <summary>Maxima and where they were: places count through the whole tensor.</summary>
    private static Tensor?[] WithPlaces(Tensor x, Window window, bool columnMajor)
    {
        var shape = x.shape;
        var windows = Unfold(x, window, Lowest(x));
        var flat = windows.flatten(windows.ndim - window.Dimensions, -1);
        var (values, chosen) = flat.max(-1, false);
        var numbers = arange(HostMath.Elements(shape), ScalarType.Int64, x.device).reshape(shape);
        if (columnMajor)
        {
            long[] turned = [.. shape[..2], .. shape[2..].Reverse()];
            long[] axes = [0, 1, .. Enumerable.Range(2, window.Dimensions).Reverse().Select(axis => (long)axis)];
            numbers = arange(HostMath.Elements(shape), ScalarType.Int64, x.device).reshape(turned).permute(axes);
        }

        var places = Unfold(numbers, window, -1);
        var taken = places.flatten(places.ndim - window.Dimensions, -1).gather(-1, chosen.unsqueeze(-1)).squeeze(-1);
        return [values, taken];
    }

    private static double Lowest(Tensor x) => x.dtype switch
    {
        ScalarType.Byte => 0,
        ScalarType.Int8 => sbyte.MinValue,
        ScalarType.Int32 => int.MinValue,
        ScalarType.Int64 => long.MinValue,
        _ => double.NegativeInfinity,
    };

    private static Kernel AveragePool(OperatorNode node)
    {
        var window = WindowOf(node);
        var includePadding = node.Flag("count_include_pad");
        var cells = Cells(window.Dimensions);
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var divisor = Divisors(x.shape, window, includePadding);
            var windows = Unfold(x, window, 0);
            return divisor.Values.Distinct().Count() == 1
                ? windows.sum(cells) / divisor.Values[0]
                : windows.sum(cells) / tensor(divisor.Values, divisor.Shape, x.dtype, x.device);
        });
    }

    /// <summary>Cells that count in each window, row-major over the windows.</summary>
    private static (double[] Values, long[] Shape) Divisors(long[] shape, Window window, bool includePadding)
    {
        var (begin, end) = window.PaddingOf(shape);
        double[] values = [1];
        var sizes = new long[window.Dimensions];
        for (var axis = 0; axis < window.Dimensions; axis++)
        {
            var size = shape[axis + 2];
            var (low, high) = includePadding ? (-begin[axis], size + end[axis]) : (0, size);
            sizes[axis] = window.Count(axis, size, begin[axis], end[axis]);
            var along = new double[sizes[axis]];
            for (var i = 0; i < along.Length; i++)
            {
                var start = (i * window.Strides[axis]) - begin[axis];
                for (var k = 0; k < window.Kernel[axis]; k++)
                {
                    var place = start + (k * window.Dilations[axis]);
                    along[i] += place >= low && place < high ? 1 : 0;
                }
            }

            values = [.. values.SelectMany(value => along.Select(count => value * count))];
        }

        return (values, sizes);
    }

    private static Kernel LpPool(OperatorNode node)
    {
        var window = WindowOf(node);
        var p = node.Integer("p", 2);
        var cells = Cells(window.Dimensions);
        return Kernel.Composite(call => Unfold(call[0].abs().pow(p), window, 0).sum(cells).pow(1.0 / p));
    }
}
