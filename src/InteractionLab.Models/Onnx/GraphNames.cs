using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>Names of tensors where a graph is changed.</summary>
internal static class GraphNames
{
    /// <summary>Lets every reader of a tensor, in subgraphs too, read another.</summary>
    public static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == from ? to : node.Input[i];
            }

            foreach (var subgraph in GraphOrder.Subgraphs(node))
            {
                Rename(subgraph, from, to);
            }
        }
    }

    /// <summary>A name that no tensor of a graph has.</summary>
    public static string Unused(GraphProto graph, string name)
    {
        var taken = GraphOrder.AllNames(graph).ToHashSet(StringComparer.Ordinal);
        while (!taken.Add(name))
        {
            name += "_";
        }

        return name;
    }
}
