using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Parts of tensors.</summary>
internal static class Slicing
{
    private const long BoundsAreInput = 10;

    public static void Register(OperatorTable table)
    {
        table.Add("Slice", Slice);
        table.Add("Trilu", node =>
        {
            var upper = node.Flag("upper", true);
            return Kernel.Of(call =>
            {
                var diagonal = call.Has(1) ? call.Integer(1) : 0;
                return upper ? call[0].triu(diagonal) : call[0].tril(diagonal);
            });
        });
        table.Add("Compress", Compress);
        table.Add("ReverseSequence", ReverseSequence);
    }

    private static Kernel Slice(OperatorNode node)
    {
        if (node.Opset < BoundsAreInput)
        {
            var (starts, ends, axes) = (node.Integers("starts") ?? [], node.Integers("ends") ?? [], node.Integers("axes"));
            return Kernel.Composite(call => Take(call[0], starts, ends, axes, null), inputs => OnHost(inputs[0]!, starts, ends, axes, null));
        }

        return Kernel.Composite(
            call => Take(call[0], call.Integers(1), call.Integers(2), call.Has(3) ? call.Integers(3) : null, call.Has(4) ? call.Integers(4) : null),
            inputs => OnHost(inputs[0]!, inputs[1]!.ToIntegers(), inputs[2]!.ToIntegers(), Optional(inputs, 3), Optional(inputs, 4)));
    }

    private static long[]? Optional(HostArray?[] inputs, int i) => i < inputs.Length ? inputs[i]?.ToIntegers() : null;

    private static Tensor Take(Tensor x, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        var result = x;
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = axes?[i] ?? i;
            var at = axis < 0 ? axis + x.ndim : axis;
            var (first, count, step) = Range(result.shape[(int)at], starts[i], ends[i], steps?[i] ?? 1);
            result = step > 0
                ? result.slice(at, first, first + (count * step), step)
                : count == 0 ? result.narrow(at, 0, 0) : result.slice(at, first + ((count - 1) * step), first + 1, -step).flip(at);
        }

        return ReferenceEquals(result, x) ? x.alias() : result;
    }

    private static HostArray[]? OnHost(HostArray x, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        if (x.Shape.Length != 1 || starts.Length != 1 || axes is not (null or [0] or [-1]))
        {
            return null;
        }

        var (first, count, step) = Range(x.Count, starts[0], ends[0], steps?[0] ?? 1);
        return [x.Take([count], [.. Enumerable.Range(0, (int)count).Select(i => (int)(first + (i * step)))])];
    }

    /// <summary>The first place, the number of places and the step of a slice, its bounds clamped as ONNX says.</summary>
    private static (long First, long Count, long Step) Range(long size, long start, long end, long step)
    {
        if (step == 0)
        {
            throw OperatorNode.Unsupported("a slice has a step of 0");
        }

        var first = start < 0 ? start + size : start;
        var last = end < 0 ? end + size : end;
        (first, last) = step > 0
            ? (Math.Clamp(first, 0, size), Math.Clamp(last, 0, size))
            : (Math.Clamp(first, 0, size - 1), end < -size ? -1 : Math.Clamp(last, -1, size - 1));
        var length = step > 0 ? last - first : first - last;
        var stride = step == long.MinValue ? long.MaxValue : Math.Abs(step);

        // Not length + stride - 1, which overflows for the largest steps.
        return (first, length <= 0 ? 0 : ((length - 1) / stride) + 1, length <= stride ? Math.Sign(step) : step);
    }

    private static Kernel Compress(OperatorNode node)
    {
        var axis = node.HasAttribute("axis") ? node.Integer("axis", 0) : (long?)null;
        return Kernel.Composite(call =>
        {
            var chosen = call.Integers(1);
            long[] places = [.. Enumerable.Range(0, chosen.Length).Where(i => chosen[i] != 0).Select(i => (long)i)];
            var x = axis is null ? call[0].flatten() : call[0];
            return x.index_select(axis ?? 0, tensor(places, device: call.Device));
        });
    }

    private static Kernel ReverseSequence(OperatorNode node)
    {
        var (batch, time) = (node.Integer("batch_axis", 1), node.Integer("time_axis", 0));
        return Kernel.Composite(call =>
        {
            var (x, lengths) = (call[0], call.Integers(1));
            var rows = new Tensor[lengths.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                var row = x.narrow(batch, i, 1);
                rows[i] = cat([row.narrow(time, 0, lengths[i]).flip(time), row.narrow(time, lengths[i], row.shape[(int)time] - lengths[i])], time);
            }

            return cat(rows, batch);
        });
    }
}
