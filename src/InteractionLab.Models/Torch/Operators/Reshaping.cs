using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>The same elements in another shape, order, number or type.</summary>
internal static class Reshaping
{
    private const long AxesAreInput = 13;

    public static void Register(OperatorTable table)
    {
        table.Add("Reshape", Reshape);
        table.Add("Flatten", node =>
        {
            var axis = node.Integer("axis", 1);
            return Kernel.Of(call =>
            {
                var shape = call.Shape(0);
                var at = (int)(axis < 0 ? axis + shape.Length : axis);
                return call[0].reshape(HostMath.Elements(shape[..at]), HostMath.Elements(shape[at..]));
            });
        });
        table.Add("Squeeze", node => Axes(node, Squeezed));
        table.Add("Unsqueeze", node => Axes(node, Unsqueezed));
        table.Add("Transpose", Transpose);
        table.Add("Expand", Kernel.Of(call => call[0].expand(Expanded(call.Shape(0), call.Integers(1))), inputs =>
            HostMath.Broadcast(inputs[0]!.Shape, inputs[1]!.ToIntegers()) is { } shape && HostMath.Elements(shape) <= HostArray.MaxElements
                ? [inputs[0]!.Take(shape, HostMath.Places(inputs[0]!.Shape, shape))]
                : null));
        table.Add("Tile", Kernel.Of(call => call[0].repeat(call.Integers(1))));
        table.Add("DepthToSpace", DepthToSpace);
        table.Add("SpaceToDepth", SpaceToDepth);
        table.Add("Cast", Cast);
        table.Add("CastLike", Kernel.Of(call => Convert(call[0], call[1].dtype)));
    }

    private static Kernel Reshape(OperatorNode node)
    {
        var allowZero = node.Flag("allowzero");
        return Kernel.Of(
            call => call[0].reshape(Resolve(call.Shape(0), call.Integers(1), allowZero)),
            inputs =>
            {
                var shape = (long[])Resolve(inputs[0]!.Shape, inputs[1]!.ToIntegers(), allowZero).Clone();
                var free = Array.IndexOf(shape, -1);
                if (free >= 0)
                {
                    shape[free] = 1;
                    shape[free] = inputs[0]!.Count / Math.Max(HostMath.Elements(shape), 1);
                }

                return HostMath.Elements(shape) == inputs[0]!.Count ? [inputs[0]!.WithShape(shape)] : null;
            });
    }

    /// <summary>A zero stands for the input's own size.</summary>
    private static long[] Resolve(long[] shape, long[] wanted, bool allowZero)
    {
        if (allowZero || Array.IndexOf(wanted, 0) < 0)
        {
            return wanted;
        }

        var resolved = (long[])wanted.Clone();
        for (var i = 0; i < resolved.Length; i++)
        {
            resolved[i] = resolved[i] == 0 ? shape[i] : resolved[i];
        }

        return resolved;
    }

    private static Kernel Axes(OperatorNode node, Func<long[], long[]?, long[]> change)
    {
        var known = node.Opset < AxesAreInput;
        var axes = node.Integers("axes");
        return Kernel.Of(
            call => call[0].reshape(change(call.Shape(0), known ? axes : call.Has(1) ? call.Integers(1) : null)),
            inputs => [inputs[0]!.WithShape(change(inputs[0]!.Shape, known ? axes : inputs.Length > 1 ? inputs[1]?.ToIntegers() : null))]);
    }

    private static long[] Squeezed(long[] shape, long[]? axes)
    {
        var kept = new List<long>(shape.Length);
        for (var i = 0; i < shape.Length; i++)
        {
            var dropped = axes is null ? shape[i] == 1 : Array.IndexOf(axes, i) >= 0 || Array.IndexOf(axes, i - shape.Length) >= 0;
            if (!dropped)
            {
                kept.Add(shape[i]);
            }
        }

        return [.. kept];
    }

    private static long[] Unsqueezed(long[] shape, long[]? axes)
    {
        axes ??= [];
        var result = new long[shape.Length + axes.Length];
        var next = 0;
        for (var i = 0; i < result.Length; i++)
        {
            var added = Array.IndexOf(axes, i) >= 0 || Array.IndexOf(axes, i - result.Length) >= 0;
            result[i] = added ? 1 : shape[next++];
        }

        return result;
    }

    private static Kernel Transpose(OperatorNode node)
    {
        var order = node.Integers("perm");
        return Kernel.Of(
            call => order is null
                ? call[0].permute([.. Enumerable.Range(0, call.Rank(0)).Reverse().Select(axis => (long)axis)])
                : call[0].permute(order),
            inputs => inputs[0]!.Shape.Length <= 1 ? [inputs[0]!.WithShape(inputs[0]!.Shape)] : null);
    }

    private static long[] Expanded(long[] shape, long[] wanted) => HostMath.Broadcast(shape, wanted)
        ?? throw new ModelRejectedException($"the shape [{string.Join(", ", shape)}] does not expand to [{string.Join(", ", wanted)}]");

    private static Kernel DepthToSpace(OperatorNode node)
    {
        var size = node.Integer("blocksize", 1);
        var columns = node.Text("mode", "DCR") == "CRD";
        return Kernel.Composite(call =>
        {
            var (n, c, h, w) = (call.Shape(0)[0], call.Shape(0)[1] / (size * size), call.Shape(0)[2], call.Shape(0)[3]);
            var apart = columns
                ? call[0].reshape(n, c, size, size, h, w).permute(0, 1, 4, 2, 5, 3)
                : call[0].reshape(n, size, size, c, h, w).permute(0, 3, 4, 1, 5, 2);
            return apart.reshape(n, c, h * size, w * size);
        });
    }

    private static Kernel SpaceToDepth(OperatorNode node)
    {
        var size = node.Integer("blocksize", 1);
        return Kernel.Composite(call =>
        {
            var (n, c, h, w) = (call.Shape(0)[0], call.Shape(0)[1], call.Shape(0)[2] / size, call.Shape(0)[3] / size);
            return call[0].reshape(n, c, h, size, w, size).permute(0, 3, 5, 1, 2, 4).reshape(n, c * size * size, h, w);
        });
    }

    private static Kernel Cast(OperatorNode node)
    {
        var to = (int)node.Integer("to", 0);
        var type = TensorTypes.Get(to, node.SinglePrecision);
        if (TensorTypes.Half(to) is { } half)
        {
            // Half precision is computed in single, but what a cast rounds away is gone.
            return Kernel.Composite(call => call[0].type(half).type(type));
        }

        return Kernel.Of(call => Convert(call[0], type), inputs =>
        {
            var x = inputs[0]!;
            return type is ScalarType.Float32 or ScalarType.Float64
                ? [HostArray.Reals(type, x.Shape, (double[])x.ToReals().Clone())]
                : type == ScalarType.Bool && x.IsReal
                    ? [HostArray.Integers(type, x.Shape, Array.ConvertAll(x.ToReals(), value => value != 0 ? 1L : 0))]
                    : [HostArray.Integers(type, x.Shape, (long[])x.ToIntegers().Clone())];
        });
    }

    private static Tensor Convert(Tensor x, ScalarType type) => x.dtype == type ? x.alias() : x.type(type);
}
