using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Shapes of all intermediate tensors, for display. ONNX Runtime infers them, without running the model, for two values
/// of the symbolic first dimensions of the inputs: what differs between the two is symbolic in the answer.
/// </summary>
internal static class NodeShapes
{
    private static readonly long[] Sizes = [2, 3];

    public static IReadOnlyDictionary<string, IReadOnlyList<long?>> Infer(ModelProto model)
    {
        var answers = Sizes.Select(size => TryInfer(model, size)).ToList();
        if (answers.Any(answer => answer is null))
        {
            return new Dictionary<string, IReadOnlyList<long?>>();
        }

        var merged = new Dictionary<string, IReadOnlyList<long?>>(StringComparer.Ordinal);
        foreach (var (name, first) in answers[0]!)
        {
            if (answers[1]!.TryGetValue(name, out var second) && first.Count == second.Count)
            {
                merged[name] = [.. first.Zip(second, (one, other) => one == other ? one : null)];
            }
        }

        return merged;
    }

    /// <summary>Shapes by tensor name for one size of the open first dimensions; null where the model cannot be loaded with it.</summary>
    internal static Dictionary<string, IReadOnlyList<long?>>? TryInfer(ModelProto model, long size)
    {
        const string Rank = "lab_rank_of_";
        var probe = model.Clone();
        var graph = probe.Graph;
        foreach (var input in graph.Input)
        {
            if (input.Type?.TensorType?.Shape is { Dim.Count: > 0 } shape && shape.Dim[0].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue)
            {
                shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = size };
            }
        }

        // The declared shapes of outputs would contradict the size chosen; the Shape of a tensor has its rank as length,
        // which tells a scalar from an unknown rank.
        var names = graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0).ToList();
        graph.ValueInfo.Clear();
        graph.Output.Clear();
        var builder = new GraphBuilder(graph);
        foreach (var name in names)
        {
            graph.Output.Add(new ValueInfoProto { Name = name });
            graph.Output.Add(new ValueInfoProto { Name = builder.Node("Shape", [name], Rank + name) });
        }

        try
        {
            var shapes = RuntimeCheck.Shapes(probe, fold: true);
            return names.Where(name => shapes.ContainsKey(name) && shapes.TryGetValue(Rank + name, out var rank) && rank[0] == shapes[name].Count)
                .ToDictionary(name => name, name => shapes[name], StringComparer.Ordinal);
        }
        catch (ModelRejectedException)
        {
            return null;
        }
    }
}
