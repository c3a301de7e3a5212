using Google.Protobuf;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Asks ONNX Runtime whether it can run a model, and what shapes it infers: every intermediate tensor is made an output
/// of a session that is never run. Graph optimisation is off, so that nothing of the model is evaluated.
/// </summary>
internal static class RuntimeCheck
{
    // 2^29 float32 values are 2 GiB: no sensible activation of one sample, but easily written into a small file.
    private const long MaxElements = 1L << 29;

    private static readonly HashSet<string> KnownDomains = new(StringComparer.Ordinal)
    {
        "", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training", "com.microsoft",
        "com.microsoft.nchwc", "com.ms.internal.nhwc", "com.microsoft.experimental",
    };

    /// <summary>Inferred shapes by tensor name; null entries are symbolic; tensors of unknown shape are left out.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<long?>> InferShapes(ModelProto model, CancellationToken cancellation = default)
    {
        RefuseCustomOperators(model);
        var everything = model.Clone();
        var outputs = new HashSet<string>(everything.Graph.Output.Select(output => output.Name), StringComparer.Ordinal);
        var computed = everything.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0 && outputs.Add(name)).ToList();
        everything.Graph.Output.Add(computed.Select(name => new ValueInfoProto { Name = name }));
        Dictionary<string, IReadOnlyList<long?>> shapes;
        try
        {
            shapes = Shapes(everything, cancellation: cancellation);
        }
        catch (ModelRejectedException) when (computed.Count > 0)
        {
            // Some types cannot be outputs; what counts is whether the model itself loads.
            shapes = Shapes(model, cancellation: cancellation);
        }

        foreach (var (name, shape) in shapes)
        {
            if (TensorData.Count(shape.Select(dim => dim ?? 1)) is null or > MaxElements)
            {
                throw new ModelRejectedException($"The tensor {ModelValidator.Quote(name)} of shape [{string.Join(", ", shape.Select(dim => dim?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}] is too large to compute.");
            }
        }

        return shapes;
    }

    /// <summary>Shapes of the outputs and inputs of a session that is opened and not run; a scalar and an unknown rank are both empty.</summary>
    internal static Dictionary<string, IReadOnlyList<long?>> Shapes(ModelProto model, bool fold = false, CancellationToken cancellation = default) =>
        Ask(model, fold, data => (IReadOnlyList<long?>)[.. data.Dimensions.Select(dim => dim == -1 ? null : (long?)dim)], cancellation);

    /// <summary>Element types of the outputs and inputs, of those that are tensors.</summary>
    internal static Dictionary<string, TensorProto.Types.DataType> ElementTypes(ModelProto model) =>
        Ask(model, fold: false, data => (TensorProto.Types.DataType)(int)data.ElementDataType, CancellationToken.None);

    private static Dictionary<string, T> Ask<T>(ModelProto model, bool fold, Func<NodeMetadata, T> answer, CancellationToken cancellation)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = fold ? GraphOptimizationLevel.ORT_ENABLE_BASIC : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
        };
        options.AddSessionConfigEntry("session.load_model_format", "ONNX");
        options.AddSessionConfigEntry("session.disable_prepacking", "1");
        options.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes", NetworkSession.FoldedBytes);
        using var stop = cancellation.Register(() => options.SetLoadCancellationFlag(true));
        try
        {
            _ = RuntimeEnvironment.Environment;
            using var session = new InferenceSession(model.ToByteArray(), options);
            return session.OutputMetadata.Concat(session.InputMetadata)
                .Where(entry => entry.Value.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR)
                .DistinctBy(entry => entry.Key)
                .ToDictionary(entry => entry.Key, entry => answer(entry.Value), StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or ArgumentException or NotSupportedException or InvalidOperationException or OutOfMemoryException)
        {
            throw new ModelRejectedException($"ONNX Runtime cannot run this model: {RuntimeMessages.Clean(fault.Message)}.", fault);
        }
    }

    /// <summary>ONNX Runtime names the first operator it does not know; a person would rather see all of a foreign domain.</summary>
    private static void RefuseCustomOperators(ModelProto model)
    {
        var local = model.Functions.Select(function => (function.Domain, function.Name)).ToHashSet();
        var custom = AllNodes(model.Graph.Node).Concat(model.Functions.SelectMany(function => AllNodes(function.Node)))
            .Where(node => !KnownDomains.Contains(node.Domain) && !local.Contains((node.Domain, node.OpType)))
            .Select(node => ModelValidator.Quote($"{node.Domain}:{node.OpType}"))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (custom.Count > 0)
        {
            throw new ModelRejectedException($"The model uses custom operators that ONNX Runtime does not have: {string.Join(", ", custom.Take(10))}{(custom.Count > 10 ? " and others" : "")}.");
        }
    }

    private static IEnumerable<NodeProto> AllNodes(IEnumerable<NodeProto> list) =>
        list.SelectMany(node => GraphOrder.Subgraphs(node).SelectMany(graph => AllNodes(graph.Node)).Prepend(node));
}
