using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>A copy of the graph from which chosen labels are being removed.</summary>
internal sealed class GraphEdit
{
    private readonly ChannelLabels labels;
    private readonly HashSet<int> removed;
    private readonly NodeProto[] nodes;
    private readonly HashSet<string> names;

    public GraphEdit(GraphProto graph, ChannelLabels labels, HashSet<int> removed)
    {
        Graph = graph;
        this.labels = labels;
        this.removed = removed;
        nodes = [.. graph.Node];
        names = new HashSet<string>(GraphOrder.AllNames(graph), StringComparer.Ordinal);
    }

    public GraphProto Graph { get; }

    /// <summary>A node by its place in the original graph.</summary>
    public NodeProto Node(int index) => nodes[index];

    /// <summary>Whether an index with this set is removed.</summary>
    public bool Loses(int[] set) => labels.Live(set).Any(removed.Contains);

    /// <summary>Whether any index of the axis is removed.</summary>
    public bool Loses(int[][]? axis) => axis?.Any(Loses) == true;

    /// <summary>The indices that stay, ascending.</summary>
    public int[] Kept(int[][] axis) => [.. Enumerable.Range(0, axis.Length).Where(i => !Loses(axis[i]))];

    /// <summary>How many of an axis's <paramref name="size"/> indices stay.</summary>
    public long Count(int[][]? axis, long size) => axis is null ? size : axis.Count(set => !Loses(set));

    /// <summary>Gives a node a new int64 constant for one of its inputs; the old one may serve other nodes.</summary>
    public void SetInput(NodeProto node, int input, string use, ReadOnlySpan<long> values)
    {
        var name = $"{node.Output[0]}_{use}";
        while (!names.Add(name))
        {
            name += "_";
        }

        Graph.Initializer.Add(TensorData.Vector(name, values));
        while (node.Input.Count <= input)
        {
            node.Input.Add("");
        }

        node.Input[input] = name;
    }

    /// <summary>Replaces an attribute of a node.</summary>
    public static void SetAttribute(NodeProto node, string name, params long[] values)
    {
        var list = name is not "group";
        var attribute = node.Attribute.FirstOrDefault(candidate => candidate.Name == name);
        if (attribute is null)
        {
            attribute = new AttributeProto { Name = name };
            node.Attribute.Add(attribute);
        }

        attribute.Type = list ? AttributeProto.Types.AttributeType.Ints : AttributeProto.Types.AttributeType.Int;
        attribute.Ints.Clear();
        if (list)
        {
            attribute.Ints.Add(values);
        }
        else
        {
            attribute.I = values[0];
        }
    }

    public static void RemoveAttribute(NodeProto node, string name)
    {
        if (node.Attribute.FirstOrDefault(candidate => candidate.Name == name) is { } attribute)
        {
            node.Attribute.Remove(attribute);
        }
    }
}
