using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>An axis of a stored tensor and the label sets of its indices.</summary>
internal sealed record StoredAxis(string Tensor, int Axis, int[][] Sets);

/// <summary>
/// Labels carried through a whole graph: every axis of every stored floating-point tensor starts with labels of its own,
/// and each node says which of them go together and which cannot go. What no rule covers is frozen.
/// </summary>
internal sealed class ChannelGraph
{
    private readonly Dictionary<string, Flow?> tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> read;
    private readonly ShapeProbe probe;

    public ChannelGraph(ModelProto model)
    {
        Graph = model.Graph;
        Constants = new GraphConstants(Graph);
        Opset = model.OpsetImport.Where(opset => opset.Domain is "" or "ai.onnx").Max(opset => opset.Version);
        probe = new ShapeProbe(model);
        read = new HashSet<string>(Graph.Node.SelectMany(GraphOrder.Reads).Concat(Graph.Output.Select(output => output.Name)), StringComparer.Ordinal);
        var stored = Constants.Names.SelectMany(Label).ToList();
        var functions = model.Functions.Select(function => function.Name).ToHashSet(StringComparer.Ordinal);
        var places = new Dictionary<NodeProto, int>(Graph.Node.Select((node, index) => KeyValuePair.Create(node, index)), ReferenceEqualityComparer.Instance);
        foreach (var node in GraphOrder.Sort(Graph.Node) ?? [])
        {
            if (node.OpType != "Constant" || node.Domain is not ("" or "ai.onnx"))
            {
                NodeRules.Apply(new NodeScope(node, places[node], this), functions.Contains(node.OpType));
            }
        }

        foreach (var output in Graph.Output.Select(output => Tensor(output.Name)))
        {
            FreezeAll(output);
        }

        Stored = stored;
    }

    public GraphProto Graph { get; }

    public GraphConstants Constants { get; }

    public ChannelLabels Labels { get; } = new();

    public long Opset { get; }

    /// <summary>Changes to nodes that removing channels calls for; each does nothing where its node loses nothing.</summary>
    public List<Action<GraphEdit>> Edits { get; } = [];

    /// <summary>Every axis of a stored tensor that can lose indices, in file order.</summary>
    public IReadOnlyList<StoredAxis> Stored { get; }

    /// <summary>Every labelled axis of every tensor, computed ones included.</summary>
    public IEnumerable<int[][]> LabelledAxes => tensors.Values.SelectMany(tensor => tensor?.Axes ?? []).OfType<int[][]>();

    /// <summary>What is known of a tensor; null where its shape is not.</summary>
    public Flow? Tensor(string name)
    {
        if (!tensors.TryGetValue(name, out var tensor))
        {
            tensor = Constants.Tensor(name) is { } stored
                ? new Flow([.. stored.Dims], new bool[stored.Dims.Count])
                : probe.Tensor(name);
            tensors.Add(name, tensor);
        }

        return tensor;
    }

    public bool IsRead(string name) => read.Contains(name);

    /// <summary>Nothing the tensor holds or depends on is ever removed.</summary>
    public void FreezeAll(Flow? tensor)
    {
        foreach (var axis in tensor?.Axes ?? [])
        {
            Labels.Freeze(axis);
        }

        Labels.Freeze(tensor?.Sizes);
    }

    private IEnumerable<StoredAxis> Label(string name)
    {
        if (Constants.Weights(name) is null || Tensor(name) is not { } tensor)
        {
            yield break;
        }

        for (var axis = 0; axis < tensor.Rank; axis++)
        {
            tensor.Zero[axis] = true;
            if (tensor.Shape[axis] > 1)
            {
                tensor.Axes[axis] = Labels.Fresh(tensor.Shape[axis]);
                yield return new StoredAxis(name, axis, tensor.Axes[axis]!);
            }
        }
    }
}
