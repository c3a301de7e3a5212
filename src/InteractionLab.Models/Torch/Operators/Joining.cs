using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Putting tensors together and taking them apart along an axis.</summary>
internal static class Joining
{
    private const long SizesAreInput = 13;

    public static void Register(OperatorTable table)
    {
        table.Add("Concat", Concat);
        table.Add("Split", Split);
    }

    private static Kernel Concat(OperatorNode node)
    {
        var axis = node.Integer("axis", node.Opset < 4 ? 1 : 0);
        return Kernel.Of(
            call =>
            {
                var parts = new Tensor[call.Count];
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = call[i];
                }

                return cat(parts, axis);
            },
            inputs =>
            {
                // Vectors only: that is what shapes are put together from.
                if (inputs.Any(input => input!.Shape.Length != 1 || input.Type != inputs[0]!.Type))
                {
                    return null;
                }

                long[] shape = [inputs.Sum(input => input!.Count)];
                return inputs[0]!.IsReal
                    ? [HostArray.Reals(inputs[0]!.Type, shape, [.. inputs.SelectMany(input => input!.ToReals())])]
                    : [HostArray.Integers(inputs[0]!.Type, shape, [.. inputs.SelectMany(input => input!.ToIntegers())])];
            });
    }

    private static Kernel Split(OperatorNode node)
    {
        var axis = node.Integer("axis", 0);
        var known = node.Opset < SizesAreInput;
        var given = node.Integers("split");
        var count = node.Outputs;
        return new Kernel(
            call =>
            {
                var x = call[0];
                var at = axis < 0 ? axis + x.ndim : axis;
                var sizes = (known ? given : call.Has(1) ? call.Integers(1) : null) ?? Equal(call.Shape(0)[(int)at], count);
                var parts = x.split(sizes, at);
                for (var i = 0; i < parts.Length; i++)
                {
                    if (call.Wants(i))
                    {
                        call.Set(i, parts[i]);
                    }
                    else
                    {
                        parts[i].Dispose();
                    }
                }
            },
            inputs =>
            {
                var x = inputs[0]!;
                if (x.Shape.Length != 1)
                {
                    return null;
                }

                var sizes = (known ? given : inputs.Length > 1 ? inputs[1]?.ToIntegers() : null) ?? Equal(x.Count, count);
                var from = 0;
                return [.. sizes.Select(size => x.Take([size], [.. Enumerable.Range((from += (int)size) - (int)size, (int)size)]))];
            });
    }

    /// <summary>Equal parts; the last is smaller where the size does not divide.</summary>
    private static long[] Equal(long size, int count)
    {
        var part = (size + count - 1) / count;
        var sizes = new long[count];
        for (var i = 0; i < count; i++)
        {
            sizes[i] = Math.Clamp(size - (i * part), 0, part);
        }

        return sizes;
    }
}
