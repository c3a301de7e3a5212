using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>Which tensors a node reads, and an order in which nodes can run.</summary>
internal static class GraphOrder
{
    /// <summary>Names a node reads: its inputs, and whatever its subgraphs take from outside.</summary>
    public static IEnumerable<string> Reads(NodeProto node)
    {
        foreach (var input in node.Input)
        {
            if (input.Length > 0)
            {
                yield return input;
            }
        }

        foreach (var subgraph in Subgraphs(node))
        {
            foreach (var name in Captured(subgraph))
            {
                yield return name;
            }
        }
    }

    /// <summary>The graphs in a node's attributes.</summary>
    public static IEnumerable<GraphProto> Subgraphs(NodeProto node) =>
        node.Attribute.SelectMany(attribute => attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G));

    /// <summary>The nodes, each after those it reads from, otherwise in file order; null where the graph has a cycle.</summary>
    public static IReadOnlyList<NodeProto>? Sort(IReadOnlyList<NodeProto> nodes)
    {
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var output in nodes[i].Output)
            {
                producer.TryAdd(output, i);
            }
        }

        var waiting = new int[nodes.Count];
        var readers = new List<int>[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var source in Reads(nodes[i]).Where(producer.ContainsKey).Select(name => producer[name]).Distinct())
            {
                waiting[i]++;
                (readers[source] ??= []).Add(i);
            }
        }

        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, nodes.Count).Where(i => waiting[i] == 0).Select(i => (i, i)));
        var order = new List<NodeProto>(nodes.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(nodes[next]);
            foreach (var reader in readers[next] ?? [])
            {
                if (--waiting[reader] == 0)
                {
                    ready.Enqueue(reader, reader);
                }
            }
        }

        return order.Count == nodes.Count ? order : null;
    }

    /// <summary>A tensor and every tensor that it is computed from; the nodes are in topological order.</summary>
    public static HashSet<string> Ancestors(GraphProto graph, string name)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { name };

        // Nodes stand after those they read, so one walk from the end meets every node after its readers.
        foreach (var node in graph.Node.Reverse().Where(node => node.Output.Any(found.Contains)))
        {
            found.UnionWith(Reads(node));
        }

        return found;
    }

    /// <summary>Every tensor name of a graph and its subgraphs.</summary>
    public static IEnumerable<string> AllNames(GraphProto graph) =>
        graph.Input.Select(input => input.Name)
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.Node.SelectMany(node => node.Output.Concat(node.Input).Concat(Subgraphs(node).SelectMany(AllNames))));

    private static IEnumerable<string> Captured(GraphProto graph)
    {
        var own = new HashSet<string>(graph.Input.Select(input => input.Name), StringComparer.Ordinal);
        own.UnionWith(graph.Initializer.Select(tensor => tensor.Name));
        own.UnionWith(graph.SparseInitializer.Select(tensor => tensor.Values?.Name ?? ""));
        own.UnionWith(graph.Node.SelectMany(node => node.Output));
        return graph.Node.SelectMany(Reads).Concat(graph.Output.Select(output => output.Name)).Where(name => !own.Contains(name));
    }
}
