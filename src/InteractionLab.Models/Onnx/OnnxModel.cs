namespace InteractionLab.Models.Onnx;

/// <summary>An input or output of a graph. Shape entries are null where the dimension is symbolic.</summary>
public sealed record TensorSummary(string Name, string Type, IReadOnlyList<long?> Shape);

/// <summary>A node of a graph; <see cref="OutputShape"/> is the inferred shape of its first output, null where unknown.</summary>
public sealed record NodeSummary(string Name, string OpType, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<long?>? OutputShape);

/// <summary>What the lab says of a model without running it.</summary>
public sealed record ModelSummary(long Opset, long Parameters, IReadOnlyList<TensorSummary> Inputs, IReadOnlyList<TensorSummary> Outputs);

/// <summary>A model file was refused; the message is for the person who uploaded it.</summary>
public sealed class ModelRejectedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An ONNX model held in memory.</summary>
public sealed class OnnxModel
{
    private OnnxModel()
    {
    }

    /// <summary>Parses and checks a model: well-formed, no external data, only operators ONNX Runtime can run.</summary>
    /// <exception cref="ModelRejectedException">The bytes are refused, with the reason.</exception>
    public static OnnxModel Load(ReadOnlyMemory<byte> bytes) => throw new NotImplementedException();

    /// <summary>Opset, parameter count, inputs and outputs.</summary>
    public ModelSummary Summary => throw new NotImplementedException();

    /// <summary>Every node in topological order, with inferred output shapes.</summary>
    public IReadOnlyList<NodeSummary> Nodes => throw new NotImplementedException();

    /// <summary>The model as an ONNX file.</summary>
    public byte[] ToBytes() => throw new NotImplementedException();
}
