using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Comparisons, logic and choice.</summary>
internal static class Comparisons
{
    public static void Register(OperatorTable table)
    {
        table.Add("Equal", Kernel.Of(call => call[0].eq(call[1]), HostMath.Compare((x, y) => x == y)));
        table.Add("Greater", Kernel.Of(call => call[0].gt(call[1]), HostMath.Compare((x, y) => x > y)));
        table.Add("GreaterOrEqual", Kernel.Of(call => call[0].ge(call[1]), HostMath.Compare((x, y) => x >= y)));
        table.Add("Less", Kernel.Of(call => call[0].lt(call[1]), HostMath.Compare((x, y) => x < y)));
        table.Add("LessOrEqual", Kernel.Of(call => call[0].le(call[1]), HostMath.Compare((x, y) => x <= y)));
        table.Add("And", Kernel.Of(call => call[0].logical_and(call[1]), HostMath.Compare((x, y) => x != 0 && y != 0)));
        table.Add("Or", Kernel.Of(call => call[0].logical_or(call[1]), HostMath.Compare((x, y) => x != 0 || y != 0)));
        table.Add("Xor", Kernel.Of(call => call[0].logical_xor(call[1]), HostMath.Compare((x, y) => (x != 0) != (y != 0))));
        table.Add("Not", Kernel.Of(call => call[0].logical_not(), Not));
        table.Add("Where", Kernel.Of(call => where(call[0], call[1], call[2]), Where));
    }

    private static HostArray[] Not(HostArray?[] inputs) =>
        [HostArray.Integers(ScalarType.Bool, inputs[0]!.Shape, Array.ConvertAll(inputs[0]!.ToIntegers(), value => value == 0 ? 1L : 0))];

    private static HostArray[]? Where(HostArray?[] inputs)
    {
        var (condition, x, y) = (inputs[0]!, inputs[1]!, inputs[2]!);
        if (HostMath.Broadcast(x.Shape, y.Shape) is not { } both
            || HostMath.Broadcast(condition.Shape, both) is not { } shape
            || HostMath.Elements(shape) > HostArray.MaxElements)
        {
            return null;
        }

        var (choice, left, right) = (HostMath.Places(condition.Shape, shape), HostMath.Places(x.Shape, shape), HostMath.Places(y.Shape, shape));
        return x.IsReal
            ? [HostArray.Reals(x.Type, shape, [.. choice.Select((place, i) => condition.Integer(place) != 0 ? x.Real(left[i]) : y.Real(right[i]))])]
            : [HostArray.Integers(x.Type, shape, [.. choice.Select((place, i) => condition.Integer(place) != 0 ? x.Integer(left[i]) : y.Integer(right[i]))])];
    }
}
