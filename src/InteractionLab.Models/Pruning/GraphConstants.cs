using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning;

/// <summary>
/// The tensors stored in a graph, by the name that nodes read them under: initializers and the values of Constant nodes,
/// in the order of the file. They are the graph's own objects: changing one changes the graph.
/// </summary>
internal sealed class GraphConstants
{
    private readonly Dictionary<string, TensorProto> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> vectors = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    public GraphConstants(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer)
        {
            Add(tensor.Name, tensor);
        }

        foreach (var node in graph.Node.Where(node => node.OpType == "Constant" && node.Domain is "" or "ai.onnx" && node.Output.Count == 1))
        {
            if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } tensor)
            {
                Add(node.Output[0], tensor);
            }
            else if (node.Attribute.FirstOrDefault(attribute => attribute.Name is "value_int" or "value_ints") is { } ints)
            {
                vectors[node.Output[0]] = ints.Name == "value_int" ? [ints.I] : [.. ints.Ints];
            }
        }
    }

    /// <summary>Names of the stored tensors in file order: initializers, then Constant nodes.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The stored tensor of a name, or null where the name is computed or fed.</summary>
    public TensorProto? Tensor(string name) => tensors.GetValueOrDefault(name);

    /// <summary>The stored floating-point tensor of a name, or null.</summary>
    public TensorProto? Weights(string name) => Tensor(name) is { } tensor && TensorData.IsFloating(tensor.DataType) ? tensor : null;

    /// <summary>The integers stored under a name (int64 or int32, any rank), or null.</summary>
    public long[]? Integers(string name)
    {
        if (vectors.TryGetValue(name, out var known))
        {
            return known;
        }

        return Tensor(name) is not { } tensor ? null : (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Int64 => TensorData.Int64(tensor),
            TensorProto.Types.DataType.Int32 when tensor.RawData.IsEmpty => [.. tensor.Int32Data.Select(value => (long)value)],
            TensorProto.Types.DataType.Int32 => [.. Enumerable.Range(0, tensor.RawData.Length / sizeof(int)).Select(i => (long)BitConverter.ToInt32(tensor.RawData.Span[(i * sizeof(int))..]))],
            _ => null,
        };
    }

    private void Add(string name, TensorProto tensor)
    {
        if (tensors.TryAdd(name, tensor))
        {
            names.Add(name);
        }
    }
}
