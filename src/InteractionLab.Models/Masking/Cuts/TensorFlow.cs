using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>What a tensor says of the sample.</summary>
internal enum SampleContent
{
    /// <summary>Nothing, or its shape only.</summary>
    None,

    /// <summary>The token ids themselves.</summary>
    Ids,

    /// <summary>What comparing token ids gave: where a text is padded.</summary>
    IdMask,

    /// <summary>What the network makes of the sample.</summary>
    Feature,
}

/// <summary>What every tensor of a network says of the sample, by following the nodes from the input.</summary>
internal sealed class TensorFlow
{
    private static readonly HashSet<string> Comparisons = new(StringComparer.Ordinal) { "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Not", "And", "Or", "Xor" };

    // What only moves ids about, or changes how whole numbers are stored.
    private static readonly HashSet<string> Moves = new(StringComparer.Ordinal) { "Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Expand", "Flatten" };

    private readonly Dictionary<string, SampleContent> contents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);

    public TensorFlow(NetworkGraph network)
    {
        Nodes = GraphOrder.Sort(network.Model.Graph.Node) ?? [];
        contents[network.Input] = network.TakesTokens ? SampleContent.Ids : SampleContent.Feature;
        foreach (var node in Nodes)
        {
            var content = Of(node);
            foreach (var output in node.Output.Where(output => output.Length > 0))
            {
                contents[output] = content;
                producers[output] = node;
            }
        }
    }

    /// <summary>The nodes, each after those it reads from.</summary>
    public IReadOnlyList<NodeProto> Nodes { get; }

    /// <summary>What a tensor says of the sample.</summary>
    public SampleContent this[string tensor] => contents.GetValueOrDefault(tensor);

    /// <summary>The node that computes a tensor; null for inputs and weights.</summary>
    public NodeProto? Producer(string tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>Every tensor computed from one, whether from its values or from its shape.</summary>
    public HashSet<string> Behind(string tensor)
    {
        var behind = new HashSet<string>(StringComparer.Ordinal) { tensor };
        foreach (var node in Nodes.Where(node => GraphOrder.Reads(node).Any(behind.Contains)))
        {
            behind.UnionWith(node.Output);
        }

        behind.Remove(tensor);
        return behind;
    }

    /// <summary>Whether a node only asks for the shape of what it reads.</summary>
    public static bool ReadsShapeOnly(NodeProto node) => node.OpType is "Shape" or "Size" && node.Domain is "" or "ai.onnx";

    private SampleContent Of(NodeProto node)
    {
        if (ReadsShapeOnly(node))
        {
            return SampleContent.None;
        }

        var read = GraphOrder.Reads(node).Select(name => this[name]).ToHashSet();
        if (read.Contains(SampleContent.Feature))
        {
            return SampleContent.Feature;
        }

        if (read.Contains(SampleContent.Ids))
        {
            return Comparisons.Contains(node.OpType) ? SampleContent.IdMask
                : Moves.Contains(node.OpType) || IsWholeCast(node) ? SampleContent.Ids
                : SampleContent.Feature;
        }

        return read.Contains(SampleContent.IdMask) ? SampleContent.IdMask : SampleContent.None;
    }

    private static bool IsWholeCast(NodeProto node) => node.OpType == "Cast"
        && node.Attribute.FirstOrDefault(attribute => attribute.Name == "to")?.I is (int)TensorProto.Types.DataType.Int32 or (int)TensorProto.Types.DataType.Int64;
}
