using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Rewrites a graph that was exported for a fixed batch size so that it takes any: declared sizes are dropped, and
/// constants that repeat the batch size in Reshape and Expand are freed. The result is a proposal; whether it computes
/// the same is for <see cref="BatchProbe"/> to say.
/// </summary>
internal static class BatchRelaxation
{
    public static NetworkGraph Relax(NetworkGraph network)
    {
        var batch = network.FixedBatch ?? 1;
        var model = network.Model.Clone();
        var graph = model.Graph;
        graph.ValueInfo.Clear();
        graph.Input[0].Type.TensorType.Shape?.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        graph.Output[0].Type.TensorType.Shape = null;
        var constants = Constants(graph);
        var dependent = new HashSet<string>(StringComparer.Ordinal) { network.Input };
        foreach (var node in GraphOrder.Sort(graph.Node) ?? [])
        {
            if (!GraphOrder.Reads(node).Any(dependent.Contains))
            {
                continue;
            }

            dependent.UnionWith(node.Output);
            if (node.OpType is "Reshape" or "Expand" && node.Input.Count > 1
                && constants.TryGetValue(node.Input[1], out var shape)
                && Freed(node.OpType, shape, batch) is { } freed)
            {
                // A constant of its own: the old one may shape weights elsewhere.
                var name = $"{node.Output[0]}_any_batch";
                graph.Initializer.Add(TensorData.Vector(name, freed));
                node.Input[1] = name;
            }
        }

        return network with { Model = model, FixedBatch = null };
    }

    private static long[]? Freed(string operation, long[] shape, int batch)
    {
        if (shape.Length == 0 || shape[0] < 1)
        {
            return null;
        }

        if (operation == "Expand")
        {
            // 1 broadcasts against whatever the batch is.
            return shape[0] == batch ? [1, .. shape[1..]] : null;
        }

        if (!shape.Contains(-1))
        {
            return [-1, .. shape[1..]];
        }

        // 0 takes the size from the input, whose first dimension is the batch.
        return shape[0] == batch ? [0, .. shape[1..]] : null;
    }

    private static Dictionary<string, long[]> Constants(GraphProto graph)
    {
        const int Int64 = (int)TensorProto.Types.DataType.Int64;
        var constants = graph.Initializer.Where(tensor => tensor.DataType == Int64)
            .ToDictionary(tensor => tensor.Name, TensorData.Int64, StringComparer.Ordinal);
        foreach (var node in graph.Node.Where(node => node.OpType == "Constant"))
        {
            if (node.Attribute.FirstOrDefault(attribute => attribute.T is { DataType: Int64 }) is { } tensor)
            {
                constants[node.Output[0]] = TensorData.Int64(tensor.T);
            }
            else if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value_ints") is { } ints)
            {
                constants[node.Output[0]] = [.. ints.Ints];
            }
        }

        return constants;
    }
}
