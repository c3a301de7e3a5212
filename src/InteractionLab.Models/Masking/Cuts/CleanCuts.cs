using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>A tensor that everything the network makes of the sample goes through.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Node">What computes it.</param>
/// <param name="Readers">The nodes that read it.</param>
internal sealed record CleanCut(string Tensor, NodeProto Node, IReadOnlyList<NodeProto> Readers);

/// <summary>
/// Finds the clean cuts of a network, in the order in which they are computed. Going through the nodes in order, a tensor
/// is one where it is the only feature (or the only use of token ids as words) that later nodes still read; paddings
/// and shapes do not count.
/// </summary>
internal static class CleanCuts
{
    public static IReadOnlyList<CleanCut> Find(NetworkGraph network, TensorFlow flow)
    {
        var needed = Subgraph.Needed(flow.Nodes, [network.Output]);
        var readers = needed.SelectMany(node => GraphOrder.Reads(node).Distinct().Where(name => Carries(flow, name, node)).Select(name => (Name: name, Node: node)))
            .ToLookup(pair => pair.Name, pair => pair.Node, StringComparer.Ordinal);
        var waiting = new Dictionary<string, int>(StringComparer.Ordinal) { [network.Input] = readers[network.Input].Count() };
        var found = new List<CleanCut>();
        foreach (var node in needed)
        {
            foreach (var name in GraphOrder.Reads(node).Distinct().Where(name => Carries(flow, name, node) && --waiting[name] == 0))
            {
                waiting.Remove(name);
            }

            foreach (var output in node.Output.Where(output => flow[output] == SampleContent.Feature && readers.Contains(output)))
            {
                waiting[output] = readers[output].Count();
            }

            if (waiting.Count == 1 && waiting.ContainsKey(node.Output[0]))
            {
                found.Add(new CleanCut(node.Output[0], node, [.. readers[node.Output[0]]]));
            }
        }

        return found;
    }

    /// <summary>Whether a node makes features of a tensor: not of its shape, and not only padding of token ids.</summary>
    private static bool Carries(TensorFlow flow, string tensor, NodeProto node) =>
        flow[tensor] is SampleContent.Feature or SampleContent.Ids && node.Output.Any(output => flow[output] is SampleContent.Feature or SampleContent.Ids) && !TensorFlow.ReadsShapeOnly(node);
}
