using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>
/// Maxima over windows. Each place of the window is one strided view of the input, so values are found by comparing a few
/// views; where gradients are recorded the places are found first, without them, and the values gathered: then a gradient
/// goes to the first of equal maxima, as it does in torch's own pooling, and costs one scatter.
/// </summary>
internal static class MaximumPooling
{
    /// <summary>Maxima [N, C, windows...] of a padded input [N, C, ...].</summary>
    public static Tensor Of(Tensor x, Window window)
    {
        var counts = new long[window.Dimensions];
        for (var axis = 0; axis < counts.Length; axis++)
        {
            counts[axis] = ((x.shape[axis + 2] - window.Extent(axis)) / window.Strides[axis]) + 1;
        }

        var cells = (int)HostMath.Elements(window.Kernel);
        if (is_grad_enabled() && x.requires_grad)
        {
            var places = Places(x, window, counts, cells);
            return x.flatten(2).gather(2, places.flatten(2)).reshape([.. x.shape[..2], .. counts]);
        }

        var best = Cell(x, window, counts, 0);
        for (var cell = 1; cell < cells; cell++)
        {
            best = maximum(best, Cell(x, window, counts, cell));
        }

        return cells == 1 ? best.alias() : best;
    }

    /// <summary>Where each maximum is among the cells of its channel.</summary>
    private static Tensor Places(Tensor x, Window window, long[] counts, int cells)
    {
        using var quiet = no_grad();
        var best = Cell(x, window, counts, 0);
        var within = zeros(best.shape, ScalarType.Int64, x.device);
        for (var cell = 1; cell < cells; cell++)
        {
            var other = Cell(x, window, counts, cell);
            within.masked_fill_(other.gt(best), Offset(x.shape, window, cell));
            best = maximum(best, other);
        }

        return within + Corners(x, window, counts);
    }

    /// <summary>One place of all windows as a view.</summary>
    private static Tensor Cell(Tensor x, Window window, long[] counts, int cell)
    {
        var view = x;
        for (var axis = window.Dimensions - 1; axis >= 0; axis--)
        {
            var start = cell % window.Kernel[axis] * window.Dilations[axis];
            cell /= (int)window.Kernel[axis];
            view = view.slice(axis + 2, start, start + ((counts[axis] - 1) * window.Strides[axis]) + 1, window.Strides[axis]);
        }

        return view;
    }

    private static long Offset(long[] shape, Window window, int cell)
    {
        long offset = 0;
        long stride = 1;
        for (var axis = window.Dimensions - 1; axis >= 0; axis--)
        {
            offset += cell % window.Kernel[axis] * window.Dilations[axis] * stride;
            cell /= (int)window.Kernel[axis];
            stride *= shape[axis + 2];
        }

        return offset;
    }

    /// <summary>The first cell of each window, by number within its channel.</summary>
    private static Tensor Corners(Tensor x, Window window, long[] counts)
    {
        var corners = new long[HostMath.Elements(counts)];
        for (var i = 0; i < corners.Length; i++)
        {
            long rest = i;
            long stride = 1;
            for (var axis = window.Dimensions - 1; axis >= 0; axis--)
            {
                corners[i] += rest % counts[axis] * window.Strides[axis] * stride;
                rest /= counts[axis];
                stride *= x.shape[axis + 2];
            }
        }

        return tensor(corners, counts, device: x.device);
    }
}
