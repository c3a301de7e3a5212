using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>Parts of graphs.</summary>
internal static class Subgraph
{
    /// <summary>The nodes and weights that some tensors need, inputs as they are; a copy.</summary>
    public static ModelProto Of(ModelProto model, IReadOnlyList<NodeProto> sorted, IReadOnlyList<string> tensors) => With(model, Needed(sorted, tensors));

    /// <summary>The nodes that some tensors need, in order.</summary>
    public static IReadOnlyList<NodeProto> Needed(IReadOnlyList<NodeProto> sorted, IReadOnlyList<string> tensors)
    {
        var needed = new HashSet<string>(tensors, StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        for (var i = sorted.Count - 1; i >= 0; i--)
        {
            if (sorted[i].Output.Any(needed.Contains))
            {
                nodes.Add(sorted[i]);
                needed.UnionWith(GraphOrder.Reads(sorted[i]));
            }
        }

        nodes.Reverse();
        return nodes;
    }

    /// <summary>A model with other nodes and the weights that they read; a copy.</summary>
    public static ModelProto With(ModelProto model, IReadOnlyList<NodeProto> nodes)
    {
        var part = new ModelProto(model) { Graph = new GraphProto() };
        var needed = nodes.SelectMany(GraphOrder.Reads).ToHashSet(StringComparer.Ordinal);
        part.Graph.Name = model.Graph.Name;
        part.Graph.Node.Add(nodes.Select(node => node.Clone()));
        part.Graph.Input.Add(model.Graph.Input.Select(input => input.Clone()));
        part.Graph.Output.Add(model.Graph.Output.Select(output => output.Clone()));
        part.Graph.Initializer.Add(model.Graph.Initializer.Where(tensor => needed.Contains(tensor.Name)).Select(tensor => tensor.Clone()));
        part.Graph.SparseInitializer.Add(model.Graph.SparseInitializer.Where(tensor => needed.Contains(tensor.Values?.Name ?? "")).Select(tensor => tensor.Clone()));
        return part;
    }

    /// <summary>Element types of tensors between as ONNX Runtime infers them; <see cref="DataType.Undefined"/> for what is no tensor.</summary>
    public static IReadOnlyList<DataType> Types(NetworkGraph network, TensorFlow flow, IReadOnlyList<string> tensors)
    {
        var model = Of(network.Model, flow.Nodes, tensors);
        model.Graph.Output.Clear();
        model.Graph.Output.Add(tensors.Where(name => name != network.Input).Select(name => new ValueInfoProto { Name = name }));
        if (model.Graph.Output.Count == 0)
        {
            return [.. tensors.Select(_ => network.InputType)];
        }

        var types = RuntimeCheck.ElementTypes(model);
        return [.. tensors.Select(name => name == network.Input ? network.InputType : types.GetValueOrDefault(name))];
    }
}
