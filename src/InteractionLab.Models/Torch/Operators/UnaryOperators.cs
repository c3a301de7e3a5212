using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>Functions of one number, element by element.</summary>
internal static class UnaryOperators
{
    public static void Register(OperatorTable table)
    {
        table.Unary("Abs", x => x.abs(), HostMath.Map(Math.Abs, Math.Abs));
        table.Unary("Neg", x => x.neg(), HostMath.Map(value => -value, value => -value));
        table.Unary("Floor", x => x.floor(), HostMath.Map(null, Math.Floor));
        table.Unary("Ceil", x => x.ceil(), HostMath.Map(null, Math.Ceiling));
        table.Unary("Round", x => x.round(), HostMath.Map(null, value => Math.Round(value, MidpointRounding.ToEven)));
        table.Unary("Sqrt", x => x.sqrt(), HostMath.Map(null, Math.Sqrt));
        table.Unary("Reciprocal", x => x.reciprocal(), HostMath.Map(null, value => 1 / value));
        table.Unary("Exp", x => x.exp());
        table.Unary("Log", x => x.log());
        table.Unary("Sign", x => x.sign());
        table.Unary("Erf", x => x.erf());
        table.Unary("Sin", x => x.sin());
        table.Unary("Cos", x => x.cos());
        table.Unary("Tan", x => x.tan());
        table.Unary("Asin", x => x.asin());
        table.Unary("Acos", x => x.acos());
        table.Unary("Atan", x => x.atan());
        table.Unary("Sinh", x => x.sinh());
        table.Unary("Cosh", x => x.cosh());
        table.Unary("Tanh", x => x.tanh());
        table.Unary("Asinh", x => x.asinh());
        table.Unary("Acosh", x => x.acosh());
        table.Unary("Atanh", x => x.atanh());
        table.Unary("Sigmoid", x => x.sigmoid());
        table.Unary("IsNaN", x => x.isnan());
        table.Add("IsInf", IsInfinite);
    }

    private static Kernel IsInfinite(OperatorNode node)
    {
        var (positive, negative) = (node.Flag("detect_positive", true), node.Flag("detect_negative", true));
        return (positive, negative) switch
        {
            (true, true) => Kernel.Of(call => call[0].isinf()),
            (true, false) => Kernel.Of(call => call[0].eq(double.PositiveInfinity)),
            (false, true) => Kernel.Of(call => call[0].eq(double.NegativeInfinity)),
            _ => Kernel.Of(call => zeros(call.Shape(0), ScalarType.Bool, call.Device)),
        };
    }
}
