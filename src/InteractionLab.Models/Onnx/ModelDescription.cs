using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>Says what is in a checked model.</summary>
internal static class ModelDescription
{
    public static ModelSummary Summarize(ModelProto model, IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes)
    {
        var weights = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        return new ModelSummary(
            model.OpsetImport.Where(opset => opset.Domain is "" or "ai.onnx").Max(opset => opset.Version),
            Parameters(model.Graph) + model.Functions.SelectMany(function => function.Node).Sum(Parameters),
            [.. model.Graph.Input.Where(input => !weights.Contains(input.Name)).Select(input => Describe(input, shapes))],
            [.. model.Graph.Output.Select(output => Describe(output, shapes))]);
    }

    public static IReadOnlyList<NodeSummary> Nodes(ModelProto model, IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes) =>
        [.. (GraphOrder.Sort(model.Graph.Node) ?? []).Select(node => new NodeSummary(
            node.Name,
            node.OpType,
            [.. node.Input],
            [.. node.Output],
            node.Output.FirstOrDefault(output => output.Length > 0) is { } first ? shapes.GetValueOrDefault(first) : null))];

    /// <summary>An input or output; its shape as inferred where the graph does not declare it.</summary>
    public static TensorSummary Describe(ValueInfoProto value, IReadOnlyDictionary<string, IReadOnlyList<long?>> shapes)
    {
        var type = value.Type?.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => TensorData.TypeName(value.Type.TensorType.ElemType),
            TypeProto.ValueOneofCase.SparseTensorType => TensorData.TypeName(value.Type.SparseTensorType.ElemType),
            TypeProto.ValueOneofCase.SequenceType => "sequence",
            TypeProto.ValueOneofCase.MapType => "map",
            TypeProto.ValueOneofCase.OptionalType => "optional",
            _ => "unknown",
        };
        var declared = value.Type?.TensorType?.Shape?.Dim.Select(dim => dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue >= 0 ? dim.DimValue : (long?)null);
        return new TensorSummary(value.Name, type, declared?.ToArray() ?? shapes.GetValueOrDefault(value.Name) ?? []);
    }

    private static long Parameters(GraphProto graph) =>
        graph.Initializer.Sum(Elements)
        + graph.SparseInitializer.Sum(sparse => TensorData.IsFloating(sparse.Values.DataType) ? TensorData.Count(sparse.Dims) ?? 0 : 0)
        + graph.Node.Sum(Parameters);

    private static long Parameters(NodeProto node) =>
        GraphOrder.Subgraphs(node).Sum(Parameters)
        + (node.OpType == "Constant" && node.Domain is "" or "ai.onnx"
            ? node.Attribute.Where(attribute => attribute.T is { Dims.Count: > 0 }).Sum(attribute => Elements(attribute.T))
            : 0);

    private static long Elements(TensorProto tensor) => TensorData.IsFloating(tensor.DataType) ? TensorData.Count(tensor.Dims) ?? 0 : 0;
}
