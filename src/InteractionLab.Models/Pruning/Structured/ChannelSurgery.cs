using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Cuts labels out of a copy of the graph: stored tensors lose slices, and nodes that name sizes are rewritten.</summary>
internal static class ChannelSurgery
{
    public static OnnxModel Cut(OnnxModel original, ChannelGraph analysed, HashSet<int> removed)
    {
        var proto = original.CopyProto();
        var graph = proto.Graph;
        var constants = new GraphConstants(graph);
        var edit = new GraphEdit(graph, analysed.Labels, removed);
        foreach (var axes in analysed.Stored.Where(stored => edit.Loses(stored.Sets)).GroupBy(stored => stored.Tensor, StringComparer.Ordinal))
        {
            Slice(constants.Weights(axes.Key)!, axes.Select(stored => (stored.Axis, edit.Kept(stored.Sets))));
        }

        var idle = Idle(graph);
        foreach (var change in analysed.Edits)
        {
            change(edit);
        }

        Sweep(graph, idle);
        Redeclare(graph);
        return OnnxModel.FromProto(proto);
    }

    private static void Slice(TensorProto tensor, IEnumerable<(int Axis, int[] Kept)> cuts)
    {
        var bytes = WeightBytes.Read(tensor);
        foreach (var (axis, kept) in cuts)
        {
            var inner = tensor.Dims.Skip(axis + 1).Aggregate((long)WeightBytes.Size(tensor), (product, size) => product * size);
            var outer = tensor.Dims.Take(axis).Aggregate(1L, (product, size) => product * size);
            var next = new byte[outer * kept.Length * inner];
            for (long block = 0, to = 0; block < outer; block++)
            {
                foreach (var index in kept)
                {
                    bytes.AsSpan(checked((int)(((block * tensor.Dims[axis]) + index) * inner)), (int)inner).CopyTo(next.AsSpan((int)to));
                    to += inner;
                }
            }

            bytes = next;
            tensor.Dims[axis] = kept.Length;
        }

        WeightBytes.Write(tensor, bytes);
    }

    /// <summary>Nodes and tensors that nothing reads; what the model came with is left alone.</summary>
    private static HashSet<string> Idle(GraphProto graph)
    {
        var read = Reads(graph);
        return [.. graph.Node.SelectMany(node => node.Output).Concat(graph.Initializer.Select(tensor => tensor.Name)).Where(name => !read.Contains(name))];
    }

    /// <summary>Removes the computations of shapes that are now written as numbers.</summary>
    private static void Sweep(GraphProto graph, HashSet<string> idle)
    {
        for (var found = true; found;)
        {
            var read = Reads(graph);
            var dead = graph.Node.Where(node => node.Output.All(name => !read.Contains(name)) && !node.Output.Any(idle.Contains)).ToList();
            found = dead.Count > 0;
            foreach (var node in dead)
            {
                graph.Node.Remove(node);
            }
        }

        var left = Reads(graph);
        var unread = graph.Initializer.Where(tensor => !left.Contains(tensor.Name) && !idle.Contains(tensor.Name) && !TensorData.IsFloating(tensor.DataType)).ToList();
        foreach (var tensor in unread)
        {
            graph.Initializer.Remove(tensor);
            if (graph.Input.FirstOrDefault(input => input.Name == tensor.Name) is { } declared)
            {
                graph.Input.Remove(declared);
            }
        }
    }

    /// <summary>Drops the declared shapes of intermediate tensors and corrects those of initializers listed as inputs.</summary>
    private static void Redeclare(GraphProto graph)
    {
        graph.ValueInfo.Clear();
        var stored = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var input in graph.Input)
        {
            if (stored.TryGetValue(input.Name, out var tensor) && input.Type?.TensorType?.Shape is { } shape)
            {
                shape.Dim.Clear();
                shape.Dim.Add(tensor.Dims.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
            }
        }
    }

    private static HashSet<string> Reads(GraphProto graph) =>
        new(graph.Node.SelectMany(GraphOrder.Reads).Concat(graph.Output.Select(output => output.Name)), StringComparer.Ordinal);
}
