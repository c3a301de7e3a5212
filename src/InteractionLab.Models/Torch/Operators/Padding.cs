using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Pad in all its modes: a constant by torch's own operation, the others by choosing cells along each axis.</summary>
internal static class Padding
{
    private const long PadsAreInput = 11;

    public static void Register(OperatorTable table) => table.Add("Pad", Pad);

    private static Kernel Pad(OperatorNode node)
    {
        var mode = node.Text("mode", "constant");
        if (mode is not ("constant" or "reflect" or "edge" or "wrap"))
        {
            throw OperatorNode.Unsupported($"the padding mode '{mode}' is unknown");
        }

        var known = node.Opset < PadsAreInput ? node.Integers("pads") ?? node.Integers("paddings") ?? [] : null;
        var fixedValue = node.Real("value", 0);
        return Kernel.Composite(call =>
        {
            var x = call[0];
            var (begin, end) = Amounts(known ?? call.Integers(1), call.Has(3) ? call.Integers(3) : null, (int)x.ndim);
            if (mode == "constant")
            {
                var value = known is not null ? fixedValue : call.Has(2) ? call.Real(2) : 0;
                return Constant(x, begin, end, value);
            }

            return Chosen(x, begin, end, mode);
        });
    }

    private static (long[] Begin, long[] End) Amounts(long[] pads, long[]? axes, int rank)
    {
        var (begin, end) = (new long[rank], new long[rank]);
        var half = pads.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var axis = axes?[i] ?? i;
            var at = axis < 0 ? axis + rank : axis;
            (begin[at], end[at]) = (pads[i], pads[i + half]);
        }

        return (begin, end);
    }

    private static Tensor Constant(Tensor x, long[] begin, long[] end, double value)
    {
        var amounts = new long[2 * begin.Length];
        for (var i = 0; i < begin.Length; i++)
        {
            (amounts[2 * i], amounts[(2 * i) + 1]) = (begin[^(i + 1)], end[^(i + 1)]);
        }

        return F.pad(x, amounts, value: value);
    }

    private static Tensor Chosen(Tensor x, long[] begin, long[] end, string mode)
    {
        var result = x;
        for (var axis = 0; axis < begin.Length; axis++)
        {
            if (begin[axis] == 0 && end[axis] == 0)
            {
                continue;
            }

            var size = x.shape[axis];
            var places = new long[size + begin[axis] + end[axis]];
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = Place(i - begin[axis], size, mode);
            }

            result = result.index_select(axis, tensor(places, device: x.device));
        }

        return ReferenceEquals(result, x) ? x.alias() : result;
    }

    private static long Place(long at, long size, string mode)
    {
        switch (mode)
        {
            case "edge":
                return Math.Clamp(at, 0, size - 1);
            case "wrap":
                return ((at % size) + size) % size;
            default:
                // There and back again without the ends twice.
                var period = Math.Max(2 * (size - 1), 1);
                var within = ((at % period) + period) % period;
                return within < size ? within : period - within;
        }
    }
}
