using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Reductions over axes, which are an attribute in older operator sets and an input in newer ones.</summary>
internal static class Reductions
{
    private const long AxesAreInput = 18;
    private const long SumAxesAreInput = 13;

    public static void Register(OperatorTable table)
    {
        table.Add("ReduceSum", node => Over(node, (x, axes, keep) => x.sum(axes, keep), SumAxesAreInput, Host((x, y) => x + y)));
        table.Add("ReduceMean", node => Over(node, (x, axes, keep) => x.mean(axes, keep)));
        table.Add("ReduceMax", node => Over(node, (x, axes, keep) => Extreme(x, axes, keep, largest: true), host: Host(Math.Max)));
        table.Add("ReduceMin", node => Over(node, (x, axes, keep) => Extreme(x, axes, keep, largest: false), host: Host(Math.Min)));
        table.Add("ReduceProd", node => Over(node, Product, host: Host((x, y) => x * y)));
        table.Add("ReduceL1", node => Over(node, (x, axes, keep) => x.abs().sum(axes, keep)));
        table.Add("ReduceL2", node => Over(node, (x, axes, keep) => x.square().sum(axes, keep).sqrt()));
        table.Add("ReduceSumSquare", node => Over(node, (x, axes, keep) => x.square().sum(axes, keep)));
        table.Add("ReduceLogSum", node => Over(node, (x, axes, keep) => x.sum(axes, keep).log()));
        table.Add("ReduceLogSumExp", node => Over(node, LogSumExp));
    }

    private static Kernel Over(OperatorNode node, Func<Tensor, long[], bool, Tensor> function, long axesAreInput = AxesAreInput, HostFunction? host = null)
    {
        var keep = node.Flag("keepdims", true);
        var fixedAxes = node.Opset < axesAreInput ? node.Integers("axes") ?? [] : null;
        var nothing = node.Flag("noop_with_empty_axes");
        var single = node.Proto.OpType is "ReduceSum" or "ReduceMean";
        Tensor Reduce(Call call)
        {
            var axes = fixedAxes ?? (call.Has(1) ? call.Integers(1) : []);
            if (axes.Length == 0 && nothing)
            {
                return call[0].alias();
            }

            return function(call[0], axes.Length == 0 ? All(call.Rank(0)) : axes, keep);
        }

        return single ? Kernel.Of(Reduce) with { Host = Whole(host, fixedAxes, keep) } : Kernel.Composite(Reduce, Whole(host, fixedAxes, keep));
    }

    /// <summary>On the host only vectors are reduced, which is what shapes are.</summary>
    private static HostFunction? Whole(HostFunction? host, long[]? fixedAxes, bool keep) => host is null ? null : inputs =>
    {
        var x = inputs[0]!;
        var axes = fixedAxes ?? (inputs.Length > 1 ? inputs[1]?.ToIntegers() : null) ?? [];
        if (x.Shape.Length != 1 || x.Count == 0 || axes is not ([] or [0] or [-1]) || (axes.Length == 0 && inputs.Length > 1 && inputs[1] is not null))
        {
            return null;
        }

        return host([x])?.Select(result => keep ? result.WithShape([1]) : result).ToArray();
    };

    private static HostFunction Host(Func<long, long, long> combine) => inputs =>
        inputs[0]! is { IsReal: false } x && x.Type != ScalarType.Bool ? [HostArray.Integers(x.Type, [], [x.ToIntegers().Aggregate(combine)])] : null;

    private static long[] All(int rank)
    {
        var axes = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            axes[i] = i;
        }

        return axes;
    }

    private static Tensor Extreme(Tensor x, long[] axes, bool keep, bool largest) =>
        axes.Length == 0 ? x.alias() : largest ? x.amax(axes, keep) : x.amin(axes, keep);

    private static Tensor LogSumExp(Tensor x, long[] axes, bool keep)
    {
        // In the values' own range, so that large ones do not overflow.
        if (axes.Length == 1)
        {
            return x.logsumexp(axes[0], keep);
        }

        var most = x.amax(axes, true);
        var sum = (x - most).exp().sum(axes, true).log() + most;
        return keep ? sum : sum.reshape(Without(x.shape, axes));
    }

    /// <summary>The last of the running products along each axis; its gradient is right at zeros too.</summary>
    private static Tensor Product(Tensor x, long[] axes, bool keep)
    {
        var result = x;
        foreach (var axis in axes)
        {
            var at = axis < 0 ? axis + x.ndim : axis;
            var size = result.shape[(int)at];
            result = size == 0 ? ones_like(result.sum(at, true)) : result.cumprod(at, x.dtype).narrow(at, size - 1, 1);
        }

        return keep ? (axes.Length == 0 ? x.alias() : result) : result.reshape(Without(x.shape, axes));
    }

    private static long[] Without(long[] shape, long[] axes)
    {
        var dropped = axes.Select(axis => axis < 0 ? axis + shape.Length : axis).ToHashSet();
        return [.. shape.Where((_, axis) => !dropped.Contains(axis))];
    }
}
