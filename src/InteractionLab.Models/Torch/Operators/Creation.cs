using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Tensors made from numbers, and places of entries.</summary>
internal static class Creation
{
    public static void Register(OperatorTable table)
    {
        table.Add("Constant", Constant);
        table.Add("ConstantOfShape", ConstantOfShape);
        table.Add("Range", Kernel.Of(Range, RangeOnHost));
        table.Add("EyeLike", EyeLike);
        table.Add("OneHot", OneHot);
        table.Add("NonZero", Kernel.Composite(call => call[0].nonzero().t()));
    }

    private static Kernel Constant(OperatorNode node)
    {
        var real = node.SinglePrecision;
        var value = node.Tensor("value") is { } tensor ? Stored(tensor, real)
            : node.HasAttribute("value_float") ? HostArray.Reals(real, [], [node.Real("value_float", 0)])
            : node.HasAttribute("value_int") ? HostArray.Scalar(node.Integer("value_int", 0))
            : node.Integers("value_ints") is { } integers ? HostArray.Vector(integers)
            : node.Reals("value_floats") is { } reals ? HostArray.Reals(real, [reals.Length], Array.ConvertAll(reals, number => (double)number))
            : throw OperatorNode.Unsupported("its value is neither numbers nor a dense tensor");
        return new Kernel(call => call.Set(0, value), _ => [value]);
    }

    private static HostArray Stored(Onnx.Proto.TensorProto tensor, ScalarType real) => TensorTypes.ToHost(tensor, real);

    private static Kernel ConstantOfShape(OperatorNode node)
    {
        var value = node.Tensor("value") is { } tensor ? TensorTypes.ToHost(tensor, node.SinglePrecision) : HostArray.Reals(node.SinglePrecision, [], [0]);
        return Kernel.Of(
            call => value.IsReal ? full(call.Integers(0), value.Real(0), value.Type, call.Device) : full(call.Integers(0), value.Integer(0), value.Type, call.Device),
            inputs =>
            {
                var shape = inputs[0]!.ToIntegers();
                return shape.Length <= 1 && HostMath.Elements(shape) <= HostArray.MaxElements
                    ? [value.Take(shape, new int[HostMath.Elements(shape)])]
                    : null;
            });
    }

    private static Tensor Range(Call call)
    {
        var type = call[0].dtype;
        return call[0].is_floating_point()
            ? arange(call.Real(0), call.Real(1), call.Real(2), type, call.Device)
            : arange(call.Integer(0), call.Integer(1), call.Integer(2), type, call.Device);
    }

    private static HostArray[]? RangeOnHost(HostArray?[] inputs)
    {
        var (start, limit, step) = (inputs[0]!, inputs[1]!, inputs[2]!);
        if (start.IsReal || step.Integer(0) == 0)
        {
            return null;
        }

        var (from, by) = (start.Integer(0), step.Integer(0));
        var count = Math.Max(0, (long)Math.Ceiling((limit.Integer(0) - from) / (double)by));
        return count <= HostArray.MaxElements ? [HostArray.Integers(start.Type, [count], [.. Enumerable.Range(0, (int)count).Select(i => from + (i * by))])] : null;
    }

    private static Kernel EyeLike(OperatorNode node)
    {
        var diagonal = node.Integer("k", 0);
        var type = node.HasAttribute("dtype") ? TensorTypes.Get((int)node.Integer("dtype", 1), node.SinglePrecision) : (ScalarType?)null;
        return Kernel.Composite(call =>
        {
            var shape = call.Shape(0);
            var rows = arange(shape[0], ScalarType.Int64, call.Device).unsqueeze(1);
            var columns = arange(shape[1], ScalarType.Int64, call.Device).unsqueeze(0);
            return (columns - rows).eq(diagonal).type(type ?? call[0].dtype);
        });
    }

    private static Kernel OneHot(OperatorNode node)
    {
        var axis = node.Integer("axis", -1);
        return Kernel.Composite(call =>
        {
            var depth = (long)call.Real(1);
            var indices = call[0].type(ScalarType.Int64);
            var rank = indices.ndim + 1;
            var at = axis < 0 ? axis + rank : axis;
            var wrapped = where(indices.lt(0), indices + depth, indices).unsqueeze(at);
            var shape = new long[rank];
            Array.Fill(shape, 1);
            shape[at] = depth;
            var hot = wrapped.eq(arange(depth, ScalarType.Int64, call.Device).reshape(shape));
            return where(hot, call[2].select(0, 1), call[2].select(0, 0));
        });
    }
}
