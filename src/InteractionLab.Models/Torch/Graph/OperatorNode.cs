using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>A node of the graph as an operator's compiler reads it: attributes by name, defaults where absent.</summary>
internal sealed class OperatorNode(NodeProto proto, long opset, ScalarType real)
{
    /// <summary>Version of ONNX's operator set that the graph imports.</summary>
    public long Opset => opset;

    public NodeProto Proto => proto;

    /// <summary>What single precision is computed in.</summary>
    public ScalarType SinglePrecision => real;

    /// <summary>How messages name the node.</summary>
    public string Label => proto.Name.Length > 0
        ? $"{ModelValidator.Quote(proto.Name)} ({proto.OpType})"
        : $"{proto.OpType} (output {ModelValidator.Quote(proto.Output.FirstOrDefault(name => name.Length > 0) ?? "")})";

    public int Inputs => proto.Input.Count;

    public int Outputs => proto.Output.Count;

    public bool Has(int input) => input < proto.Input.Count && proto.Input[input].Length > 0;

    public bool Wants(int output) => output < proto.Output.Count && proto.Output[output].Length > 0;

    public long Integer(string name, long otherwise) => Find(name)?.I ?? otherwise;

    public bool Flag(string name, bool otherwise = false) => Integer(name, otherwise ? 1 : 0) != 0;

    public double Real(string name, double otherwise) => Find(name)?.F ?? otherwise;

    public string Text(string name, string otherwise) => Find(name)?.S.ToStringUtf8() ?? otherwise;

    public long[]? Integers(string name) => Find(name) is { } attribute ? [.. attribute.Ints] : null;

    public float[]? Reals(string name) => Find(name) is { } attribute ? [.. attribute.Floats] : null;

    public TensorProto? Tensor(string name) => Find(name)?.T;

    public bool HasAttribute(string name) => Find(name) is not null;

    /// <summary>The refusal of this node; the caller adds where it stands.</summary>
    public static ModelRejectedException Unsupported(string why) => new(why);

    private AttributeProto? Find(string name) => proto.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
