using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Entries chosen by indices, which may count from the end.</summary>
internal static class Gathering
{
    public static void Register(OperatorTable table)
    {
        table.Add("Gather", Gather);
        table.Add("GatherElements", node =>
        {
            var axis = node.Integer("axis", 0);
            return Kernel.Composite(call =>
            {
                var x = call[0];
                return x.gather(axis, Wrapped(call, 1, x.shape[(int)(axis < 0 ? axis + x.ndim : axis)]));
            });
        });
        table.Add("GatherND", node => Kernel.Composite(call => GatherNd(call, (int)node.Integer("batch_dims", 0))));
    }

    /// <summary>Indices as int64, none negative. What the host knows is wrapped there.</summary>
    public static Tensor Wrapped(Call call, int input, long size)
    {
        if (call.Known(input) is { } known)
        {
            return known.ToIntegers().Any(index => index < 0)
                ? tensor(Array.ConvertAll(known.ToIntegers(), index => index < 0 ? index + size : index), known.Shape, device: call.Device)
                : Long(call[input]);
        }

        var indices = Long(call[input]);
        return indices + (indices.lt(0).type(ScalarType.Int64) * size);
    }

    private static Tensor Long(Tensor indices) => indices.dtype == ScalarType.Int64 ? indices : indices.type(ScalarType.Int64);

    private static Kernel Gather(OperatorNode node)
    {
        var axis = node.Integer("axis", 0);
        return Kernel.Composite(
            call =>
            {
                var shape = call.Shape(0);
                var at = (int)(axis < 0 ? axis + shape.Length : axis);
                if (call.Known(1) is { Shape.Length: 0 } one)
                {
                    return call[0].select(at, one.Integer(0));
                }

                var indices = Wrapped(call, 1, shape[at]);
                if (indices.ndim == 1)
                {
                    return call[0].index_select(at, indices);
                }

                long[] result = [.. shape[..at], .. indices.shape, .. shape[(at + 1)..]];
                return call[0].index_select(at, indices.flatten()).reshape(result);
            },
            inputs => OnHost(inputs[0]!, inputs[1]!, axis));
    }

    private static HostArray[]? OnHost(HostArray x, HostArray indices, long axis)
    {
        if (x.Shape.Length != 1 || axis is not (0 or -1))
        {
            return null;
        }

        var places = Array.ConvertAll(indices.ToIntegers(), index => (int)(index < 0 ? index + x.Count : index));
        return places.All(place => place >= 0 && place < x.Count) ? [x.Take(indices.Shape, places)] : null;
    }

    private static Tensor GatherNd(Call call, int batch)
    {
        var (x, indices) = (call[0], Long(call[1]));
        var (shape, places) = (x.shape, indices.shape);
        var depth = (int)places[^1];
        var rows = Rows(indices, shape, batch, depth, call.Device);
        long[] rest = shape[(batch + depth)..];
        var flat = x.reshape(HostMath.Elements(shape[..(batch + depth)]), HostMath.Elements(rest));
        return flat.index_select(0, rows.flatten()).reshape([.. places[..^1], .. rest]);
    }

    /// <summary>The row that each index tuple names in a tensor whose first dimensions are flattened.</summary>
    public static Tensor Rows(Tensor indices, long[] shape, int batch, int depth, Device device)
    {
        var last = indices.ndim - 1;
        var (sizes, strides) = (new long[depth], new long[depth]);
        long stride = 1;
        for (var i = depth - 1; i >= 0; i--)
        {
            (sizes[i], strides[i]) = (shape[batch + i], stride);
            stride *= sizes[i];
        }

        var wrapped = indices + (indices.lt(0).type(ScalarType.Int64) * tensor(sizes, device: device));
        var rows = (wrapped * tensor(strides, device: device)).sum(last);
        if (batch == 0)
        {
            return rows;
        }

        // Each batch has its own block of rows.
        var blocks = HostMath.Elements(shape[..batch]);
        long[] around = [.. shape[..batch], .. Enumerable.Repeat(1L, (int)rows.ndim - batch)];
        return rows + (arange(blocks, ScalarType.Int64, device) * stride).reshape(around);
    }
}
