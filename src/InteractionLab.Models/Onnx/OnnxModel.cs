using System.Globalization;
using Google.Protobuf;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// An input or output of a graph. <see cref="Type"/> is the element type by NumPy's name (<c>float32</c>), or
/// <c>sequence</c>, <c>map</c>, <c>optional</c>. Shape entries are null where the dimension is symbolic; the shape is
/// empty for scalars and where the rank is unknown.
/// </summary>
public sealed record TensorSummary(string Name, string Type, IReadOnlyList<long?> Shape);

/// <summary>A node of a graph; <see cref="OutputShape"/> is the inferred shape of its first output, null where unknown.</summary>
public sealed record NodeSummary(string Name, string OpType, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<long?>? OutputShape);

/// <summary>What the lab says of a model without running it.</summary>
/// <param name="Opset">Version of ONNX's own operator set.</param>
/// <param name="Parameters">
/// Number of weights: elements of all floating-point initializers and of floating-point <c>Constant</c> tensors of rank 1
/// or more, subgraphs and functions included. Running statistics of batch normalisation count, since a graph does not
/// tell them from weights.
/// </param>
/// <param name="Inputs">Inputs that must be fed: those with an initializer are not among them.</param>
/// <param name="Outputs">Outputs in the graph's order.</param>
public sealed record ModelSummary(long Opset, long Parameters, IReadOnlyList<TensorSummary> Inputs, IReadOnlyList<TensorSummary> Outputs);

/// <summary>A model file was refused; the message is for the person who uploaded it.</summary>
public sealed class ModelRejectedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// An ONNX model held in memory: the file, and the graph that everything walks over and runs, which is the file's with its
/// functions inlined, in inference mode and with the batch first. Immutable; safe for use by several threads.
/// </summary>
public sealed class OnnxModel
{
    private readonly ModelProto file;
    private readonly ModelProto proto;

    private readonly Lazy<IReadOnlyList<NodeSummary>> nodes;

    private OnnxModel(ModelProto file, IReadOnlyList<string>? notes = null, CancellationToken cancellation = default)
    {
        this.file = file;
        var flat = FunctionInliner.Inline(file);
        cancellation.ThrowIfCancellationRequested();
        if (flat != file)
        {
            // Attributes that a call passed on stand where they are used now.
            ModelValidator.Check(flat);
        }

        var (quiet, mode) = InferenceMode.Of(flat);
        (proto, var batch) = BatchFirst.Of(quiet);
        Notes = [.. notes ?? [], .. new[] { mode, batch }.OfType<string>()];
        cancellation.ThrowIfCancellationRequested();
        Summary = ModelDescription.Summarize(proto, RuntimeCheck.InferShapes(proto, cancellation));
        nodes = new Lazy<IReadOnlyList<NodeSummary>>(() => ModelDescription.Nodes(proto, NodeShapes.Infer(proto)));
    }

    /// <summary>
    /// Parses and checks a model: well-formed, no external data, only operators ONNX Runtime can run. The bytes are
    /// never run here, only loaded.
    /// </summary>
    /// <exception cref="ModelRejectedException">The bytes are refused, with the reason.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop; the message says how large the graph is.</exception>
    public static OnnxModel Load(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        var proto = ModelReader.Read(bytes.Span);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            ModelValidator.Check(proto);
            cancellation.ThrowIfCancellationRequested();
            return new OnnxModel(proto, cancellation: cancellation);
        }
        catch (OperationCanceledException error) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(string.Create(CultureInfo.InvariantCulture, $"The model has {proto.Graph?.Node.Count ?? 0:N0} nodes and {proto.Functions.Count:N0} functions."), error, cancellation);
        }
    }

    /// <summary>Opset, parameter count, inputs and outputs.</summary>
    public ModelSummary Summary { get; }

    /// <summary>Every node of the main graph in topological order, with output shapes as ONNX Runtime infers them.</summary>
    public IReadOnlyList<NodeSummary> Nodes => nodes.Value;

    /// <summary>Whether its logits are 0 and z of the one number z that the network gives: the logit of a class is then its log-odds.</summary>
    internal bool IsOneUnit { get; private init; }

    /// <summary>The tensor that players own where nothing else is cut, of a model whose other inputs are computed from the sample before players are masked; null is the input.</summary>
    internal string? PlayersTensor { get; private init; }

    /// <summary>What the reader of a result should know of how the graph is run: nodes that were exported in training mode, a batch that was turned to come first.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The model as an ONNX file: as it was given, functions and all.</summary>
    public byte[] ToBytes() => file.ToByteArray();

    /// <summary>Checks a model made by the lab's own surgery as strictly as an uploaded one; the graph passes to the new object.</summary>
    /// <param name="proto">The graph.</param>
    /// <param name="isOneUnit">See <see cref="IsOneUnit"/>.</param>
    /// <param name="notes">Those of the model it was made from.</param>
    /// <param name="playersTensor">See <see cref="PlayersTensor"/>.</param>
    /// <exception cref="ModelRejectedException">The model is not valid.</exception>
    internal static OnnxModel FromProto(ModelProto proto, bool isOneUnit = false, IReadOnlyList<string>? notes = null, string? playersTensor = null)
    {
        ModelValidator.Check(proto);
        return new OnnxModel(proto, notes) { IsOneUnit = isOneUnit, PlayersTensor = playersTensor };
    }

    /// <summary>A copy of the graph that is run, which the caller may change: without functions, in inference mode, its batch first.</summary>
    internal ModelProto CopyProto() => proto.Clone();
}
