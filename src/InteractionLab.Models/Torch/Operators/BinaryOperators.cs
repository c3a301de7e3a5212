using InteractionLab.Models.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Arithmetic of two or more tensors, broadcasting.</summary>
internal static class BinaryOperators
{
    public static void Register(OperatorTable table)
    {
        table.Add("Add", Kernel.Of(call => call[0].add(call[1]), HostMath.Combine((x, y) => x + y, (x, y) => x + y)));
        table.Add("Sub", Kernel.Of(call => call[0].sub(call[1]), HostMath.Combine((x, y) => x - y, (x, y) => x - y)));
        table.Add("Mul", Kernel.Of(call => call[0].mul(call[1]), HostMath.Combine((x, y) => x * y, (x, y) => x * y)));
        table.Add("Div", Kernel.Of(Divide, HostMath.Combine((x, y) => y == 0 ? 0 : x / y, (x, y) => x / y)));
        table.Add("Pow", Kernel.Of(Power));
        table.Add("Mod", Modulus);
        table.Add("Max", Fold(maximum, HostMath.Combine(Math.Max, Math.Max)));
        table.Add("Min", Fold(minimum, HostMath.Combine(Math.Min, Math.Min)));
        table.Add("Sum", Fold((x, y) => x.add(y), HostMath.Combine((x, y) => x + y, (x, y) => x + y)));
        table.Add("Mean", node => Mean(node.Inputs));
    }

    private static Tensor Divide(Call call) =>
        call[0].is_floating_point() ? call[0].div(call[1]) : call[0].div(call[1], RoundingMode.trunc);

    /// <summary>A known exponent is given as a number, for which torch has shorter ways.</summary>
    private static Tensor Power(Call call)
    {
        var x = call[0];
        if (call.Known(1) is { Count: 1 } exponent && (x.is_floating_point() || !exponent.IsReal) && exponent.Shape.Length <= x.ndim)
        {
            return exponent.IsReal ? x.pow(exponent.Real(0)) : x.pow(exponent.Integer(0));
        }

        var y = call[1];
        if (x.dtype == y.dtype)
        {
            return x.pow(y);
        }

        // The result is of the base's type, whatever the exponent's.
        using var scope = NewDisposeScope();
        return x.pow(y).type(x.dtype).MoveToOuterDisposeScope();
    }

    private static Kernel Modulus(OperatorNode node) => node.Flag("fmod")
        ? Kernel.Of(call => call[0].fmod(call[1]))
        : Kernel.Of(call => call[0].remainder(call[1]), HostMath.Combine((x, y) => y == 0 ? 0 : (((x % y) + y) % y), (x, y) => x - (Math.Floor(x / y) * y)));

    private static Func<OperatorNode, Kernel> Fold(Func<Tensor, Tensor, Tensor> function, HostFunction host) => node => node.Inputs switch
    {
        1 => Kernel.Of(call => call[0].alias(), host),
        2 => Kernel.Of(call => function(call[0], call[1]), host),
        _ => Kernel.Composite(call => Fold(call, function), host),
    };

    private static Tensor Fold(Call call, Func<Tensor, Tensor, Tensor> function)
    {
        var result = function(call[0], call[1]);
        for (var i = 2; i < call.Count; i++)
        {
            result = function(result, call[i]);
        }

        return result;
    }

    private static Kernel Mean(int count) => count == 1
        ? Kernel.Of(call => call[0].alias())
        : Kernel.Composite(call => Fold(call, (x, y) => x.add(y)).div(count));
}
