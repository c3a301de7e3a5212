using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Shapes as arrays: always on the host.</summary>
internal static class ShapeReading
{
    public static void Register(OperatorTable table)
    {
        table.Add("Shape", node =>
        {
            var (start, end) = (node.Integer("start", 0), node.Integer("end", long.MaxValue));
            return new Kernel(call => call.Set(0, HostArray.Vector(Part(call.Shape(0), start, end))));
        });
        table.Add("Size", new Kernel(call => call.Set(0, HostArray.Scalar(HostMath.Elements(call.Shape(0))))));
    }

    private static long[] Part(long[] shape, long start, long end)
    {
        var from = Math.Clamp(start < 0 ? start + shape.Length : start, 0, shape.Length);
        var to = Math.Clamp(end < 0 ? end + shape.Length : end, 0, shape.Length);
        return from >= to ? [] : from == 0 && to == shape.Length ? shape : shape[(int)from..(int)to];
    }
}
