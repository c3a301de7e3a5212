using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>
/// Resize and Upsample. Every mode is separable, so each axis is one choice of cells or one product with a small matrix,
/// whatever the rank.
/// </summary>
internal static class Resizing
{
    private const long RegionIsInput = 11;

    public static void Register(OperatorTable table)
    {
        table.Add("Resize", Resize);
        table.Add("Upsample", Resize);
    }

    private static Kernel Resize(OperatorNode node)
    {
        var old = node.Opset < RegionIsInput || node.Proto.OpType == "Upsample";
        var interpolation = new Interpolation(
            node.Text("mode", "nearest"),
            old ? "asymmetric" : node.Text("coordinate_transformation_mode", "half_pixel"),
            old ? "floor" : node.Text("nearest_mode", "round_prefer_floor"),
            node.Real("cubic_coeff_a", -0.75),
            node.Flag("exclude_outside"),
            node.Flag("antialias"));
        if (interpolation.Mode is not ("nearest" or "linear" or "cubic"))
        {
            throw OperatorNode.Unsupported($"the mode '{interpolation.Mode}' is unknown");
        }

        var outside = node.Real("extrapolation_value", 0);
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var (sizes, scales) = Target(call, node, old, x.shape);
            var axes = node.Integers("axes") ?? [.. Enumerable.Range(0, sizes.Length).Select(axis => (long)axis)];
            var regions = !old && call.Has(1) ? call.Reals(1) : [];
            for (var i = 0; i < axes.Length; i++)
            {
                var axis = (int)(axes[i] < 0 ? axes[i] + x.ndim : axes[i]);
                var region = regions.Length == 2 * axes.Length ? (regions[i], regions[i + axes.Length]) : (0, 1);
                x = Along(x, axis, sizes[i], scales[i], interpolation, region, outside);
            }

            return ReferenceEquals(x, call[0]) ? x.alias() : x;
        });
    }

    private static (long[] Sizes, double[] Scales) Target(Call call, OperatorNode node, bool old, long[] shape)
    {
        var axes = node.Integers("axes");
        long Size(int i) => shape[axes is null ? i : (int)(axes[i] < 0 ? axes[i] + shape.Length : axes[i])];
        if (!old && call.Has(3) && HostMath.Elements(call.Shape(3)) > 0)
        {
            var sizes = (long[])call.Integers(3).Clone();
            var scales = sizes.Select((size, i) => size / (double)Size(i)).ToArray();
            var policy = node.Text("keep_aspect_ratio_policy", "stretch");
            if (policy != "stretch")
            {
                var one = policy == "not_larger" ? scales.Min() : scales.Max();
                return ([.. sizes.Select((_, i) => (long)Math.Round(one * Size(i), MidpointRounding.AwayFromZero))], [.. scales.Select(_ => one)]);
            }

            return (sizes, scales);
        }

        var given = node.Reals("scales") is { } attribute ? Array.ConvertAll(attribute, scale => (double)scale) : call.Reals(old ? 1 : 2);
        return ([.. given.Select((scale, i) => (long)Math.Floor(Size(i) * scale))], given);
    }

    private static Tensor Along(Tensor x, int axis, long result, double scale, Interpolation how, (double, double) region, double outside)
    {
        var size = x.shape[axis];
        var places = new double[result];
        for (var i = 0; i < result; i++)
        {
            places[i] = how.Source(i, size, result, scale, region);
        }

        if (size == result && places.Select((place, i) => Math.Abs(place - i)).All(shift => shift < 1e-9))
        {
            return x;
        }

        Tensor resized;
        if (how.Mode == "nearest")
        {
            resized = x.index_select(axis, tensor(Array.ConvertAll(places, place => how.NearestCell(place, size)), device: x.device));
        }
        else
        {
            var weights = tensor(how.Weights(places, size, scale), [result, size], x.dtype, x.device);
            resized = LinearAlgebra.Product(x.transpose(axis, -1), weights.t()).transpose(axis, -1);
        }

        return how.Coordinates == "tf_crop_and_resize" ? Extrapolate(resized, axis, places, size, outside) : resized;
    }

    /// <summary>Cells that look outside the picture take a given value.</summary>
    private static Tensor Extrapolate(Tensor x, int axis, double[] places, long size, double outside)
    {
        var beyond = Array.ConvertAll(places, place => place < 0 || place > size - 1);
        if (!beyond.Contains(true))
        {
            return x;
        }

        var shape = new long[x.ndim];
        Array.Fill(shape, 1);
        shape[axis] = places.Length;
        return x.masked_fill(tensor(beyond, shape, device: x.device), outside);
    }
}
