using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Outputs;

/// <summary>Makes a graph give what a reading says: one output, logits [batch, classes].</summary>
internal static class OutputSurgery
{
    private const long PadsAreInput = 11;

    /// <summary>The model that gives the logits. Where a network is trained, what they do not depend on stays in the graph.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reading">The reading.</param>
    /// <param name="whole">Whether the rest of the graph stays.</param>
    /// <param name="added">Takes the names of what is added.</param>
    public static ModelProto Apply(OnnxModel model, OutputReading reading, bool whole, ISet<string> added)
    {
        var proto = model.CopyProto();
        var declared = proto.Graph.Output.Single(output => output.Name == reading.Output);
        var type = (DataType)(declared.Type?.TensorType?.ElemType ?? (int)DataType.Float);
        var before = GraphOrder.AllNames(proto.Graph).ToHashSet(StringComparer.Ordinal);
        var prefix = Prefix(before);
        if (!whole)
        {
            KeepOnly(proto.Graph, reading.Mask is null ? [reading.Tensor] : [reading.Tensor, reading.Mask]);
        }

        var opset = proto.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;
        var (logits, own) = Build(new GraphBuilder(proto.Graph), reading, type, opset, prefix);
        added.UnionWith(GraphOrder.AllNames(proto.Graph).Where(name => !before.Contains(name)));
        var batch = declared.Type?.TensorType?.Shape?.Dim.FirstOrDefault() is { ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue, DimValue: > 0 } first ? first.DimValue : (long?)null;
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(GraphBuilder.ValueInfo(logits, own, [batch, reading.Classes]));
        if (reading.Classes is null)
        {
            proto.Graph.Output[0].Type.TensorType.Shape = null;
        }

        return proto;
    }

    /// <summary>Takes away again what <see cref="Apply"/> added, and gives back the outputs.</summary>
    public static void Undo(ModelProto proto, IReadOnlyCollection<ValueInfoProto> outputs, ISet<string> added)
    {
        var nodes = proto.Graph.Node.Where(node => !node.Output.All(added.Contains)).ToList();
        proto.Graph.Node.Clear();
        proto.Graph.Node.Add(nodes);
        var stored = proto.Graph.Initializer.Where(tensor => !added.Contains(tensor.Name)).ToList();
        proto.Graph.Initializer.Clear();
        proto.Graph.Initializer.Add(stored);
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(outputs.Select(output => output.Clone()));
    }

    /// <summary>Drops the nodes that some tensors do not depend on.</summary>
    public static void KeepOnly(GraphProto graph, IEnumerable<string> tensors)
    {
        var needed = tensors.ToHashSet(StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        foreach (var node in (GraphOrder.Sort(graph.Node) ?? [.. graph.Node]).Reverse())
        {
            if (node.Output.Any(needed.Contains))
            {
                needed.UnionWith(GraphOrder.Reads(node));
                kept.Add(node);
            }
        }

        kept.Reverse();
        graph.Node.Clear();
        graph.Node.Add(kept);
    }

    private static (string Logits, DataType Type) Build(GraphBuilder graph, OutputReading reading, DataType type, long opset, string prefix)
    {
        var tensor = reading.Tensor;

        // Half precision has few of the operators, and what a Cast stands behind has any type.
        var casts = reading.IsCast || type is not (DataType.Float or DataType.Double);
        var own = casts ? DataType.Float : type;
        if (casts)
        {
            tensor = graph.Node("Cast", [tensor], prefix + "float", ("to", (int)own));
        }

        if (reading.Source == OutputSource.FirstToken)
        {
            return (graph.Node("Gather", [tensor, graph.Initializer(prefix + "first", [0L])], prefix + "first_token", ("axis", 1)), own);
        }

        if (reading.Source == OutputSource.MeanOfTokens)
        {
            return (Mean(), own);
        }

        if (reading.IsReshaped)
        {
            tensor = graph.Node("Flatten", [tensor], prefix + "flat", ("axis", 1));
        }

        if (reading.Source == OutputSource.LogOfProbabilities)
        {
            var log = graph.Node("Log", [tensor], prefix + "log");
            tensor = reading.IsOneUnit ? graph.Node("Sub", [log, graph.Node("Log", [OneLess(tensor)], prefix + "log_rest")], prefix + "log_odds") : log;
        }

        if (reading.IsOneUnit)
        {
            tensor = Pair(tensor);
        }

        return (tensor, own);

        // The mask holds 0 and 1, so its product with itself counts the tokens.
        string Mean()
        {
            var mask = graph.Node("Cast", [reading.Mask!], prefix + "tokens", ("to", (int)own));
            var row = graph.Node("Reshape", [mask, graph.Initializer(prefix + "as_row", [0L, 1L, -1L], 3)], prefix + "row");
            var column = graph.Node("Reshape", [mask, graph.Initializer(prefix + "as_column", [0L, -1L, 1L], 3)], prefix + "column");
            var sum = graph.Node("MatMul", [row, tensor], prefix + "sum");
            return graph.Node("Flatten", [graph.Node("Div", [sum, graph.Node("MatMul", [row, column], prefix + "count")], prefix + "mean")], prefix + "mean_of_tokens", ("axis", 1));
        }

        string OneLess(string p)
        {
            var one = prefix + "one";
            _ = own == DataType.Double ? graph.Initializer(one, [1d]) : graph.Initializer(one, [1f]);
            return graph.Node("Sub", [one, p], prefix + "rest");
        }

        // 0 stands in front of z, exactly, whatever z is.
        string Pair(string z)
        {
            long[] pads = reading.IsOfFirstClass ? [0, 0, 0, 1] : [0, 1, 0, 0];
            return opset < PadsAreInput
                ? graph.Node("Pad", [z], prefix + "two", ("pads", pads))
                : graph.Node("Pad", [z, graph.Initializer(prefix + "pads", pads, 4)], prefix + "two");
        }
    }

    private static string Prefix(HashSet<string> names)
    {
        var prefix = "read_";
        while (names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            prefix = "_" + prefix;
        }

        return prefix;
    }
}
