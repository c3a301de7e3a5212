using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch.Graph;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Operators;

/// <summary>The ONNX operators that torch runs here, each with the function that compiles a node of it.</summary>
internal sealed class OperatorTable
{
    private static readonly OperatorTable Instance = new();
    private readonly Dictionary<string, Func<OperatorNode, Kernel>> operators = new(StringComparer.Ordinal);

    private OperatorTable()
    {
        UnaryOperators.Register(this);
        Activations.Register(this);
        BinaryOperators.Register(this);
        Comparisons.Register(this);
        Softmaxes.Register(this);
        Reductions.Register(this);
        Selections.Register(this);
        LinearAlgebra.Register(this);
        Convolutions.Register(this);
        TransposedConvolution.Register(this);
        Pooling.Register(this);
        Normalizations.Register(this);
        ShapeReading.Register(this);
        Reshaping.Register(this);
        Joining.Register(this);
        Slicing.Register(this);
        Padding.Register(this);
        Creation.Register(this);
        Gathering.Register(this);
        Scattering.Register(this);
        Resizing.Register(this);
        Regularization.Register(this);
    }

    /// <summary>Names of the operators that are run, Identity included, in order.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Instance.operators.Keys.Append("Identity").Order(StringComparer.Ordinal)];

    /// <summary>What compiles a node, or null where its operator is not supported.</summary>
    public static Func<OperatorNode, Kernel>? Find(NodeProto node) =>
        node.Domain is "" or "ai.onnx" ? Instance.operators.GetValueOrDefault(node.OpType) : null;

    public void Add(string name, Func<OperatorNode, Kernel> compile) => operators.Add(name, compile);

    /// <summary>An operator without attributes.</summary>
    public void Add(string name, Kernel kernel) => operators.Add(name, _ => kernel);

    /// <summary>One operation of torch on the first input.</summary>
    public void Unary(string name, Func<Tensor, Tensor> function, HostFunction? host = null) =>
        Add(name, Kernel.Of(call => function(call[0]), host));
}
