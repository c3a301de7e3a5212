using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>A network divided at a cut tensor: the head opened, the tail as a graph to be masked. Owns the head.</summary>
/// <param name="Head">Run once a sample.</param>
/// <param name="Tail">Run once a mask; its input is the cut tensor.</param>
/// <param name="Leaks">Tensors that carry features round the cut.</param>
/// <param name="Notes">What the reader of a result should know.</param>
internal sealed record CutNetwork(CutHead Head, NetworkGraph Tail, IReadOnlyList<string> Leaks, IReadOnlyList<string> Notes) : IDisposable
{
    private const int MostNamed = 4;

    /// <summary>Divides a network and checks by running that the tail treats masks independently and computes what the whole network does.</summary>
    /// <param name="network">The network as <see cref="BatchChoice"/> opened it.</param>
    /// <param name="plain">A session on it.</param>
    /// <param name="cut">The cut tensor.</param>
    /// <param name="placement">Where it runs.</param>
    /// <exception cref="ModelRejectedException">The network cannot be cut there; the message says why.</exception>
    public static CutNetwork Open(NetworkGraph network, PlainNetwork plain, string cut, Placement placement)
    {
        var flow = new TensorFlow(network);
        CutTensor.Check(network, flow, cut);
        var (plan, head) = OpenHead(network, flow, cut, placement);
        try
        {
            var shapes = head.Shapes();
            if (shapes[0].Length == 0)
            {
                throw new ModelRejectedException($"The tensor {ModelValidator.Quote(cut)} is a single number a sample: there is nothing to mask.");
            }

            var tail = TailOf(network, plan, head, shapes);
            CutProbe.Check(new CutProbe.Subject(network, plain, flow, plan, head, tail), placement);
            var leaks = plan.Bypasses.Where(name => flow[name] != SampleContent.IdMask).ToArray();

            // That what is made of the ids does not follow the players is said where the inputs are read.
            return new CutNetwork(head, tail, leaks, cut == network.Players ? [] : [.. Describe(cut, leaks, [.. plan.Bypasses.Except(leaks)])]);
        }
        catch
        {
            head.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Head.Dispose();

    /// <summary>Opens the head. What has no row for each sample is left to the tail, with what it is computed from.</summary>
    private static (CutPlan Plan, CutHead Head) OpenHead(NetworkGraph network, TensorFlow flow, string cut, Placement placement)
    {
        var computed = new HashSet<string>(StringComparer.Ordinal);
        for (; ; )
        {
            var plan = CutPlan.Find(network, flow, cut, computed);
            var types = Subgraph.Types(network, flow, [cut, .. plan.Bypasses]);
            if (types[0] is not (DataType.Float or DataType.Double or DataType.Float16) && cut != network.Players)
            {
                throw new ModelRejectedException($"The tensor {ModelValidator.Quote(cut)} holds {(types[0] == DataType.Undefined ? "no tensor" : TensorData.TypeName((int)types[0]))}; only floating-point tensors can be cut.");
            }

            var odd = plan.Bypasses.Where((_, i) => !CanBeFed(types[i + 1])).ToArray();
            if (odd.Length > 0)
            {
                computed.UnionWith(odd);
                continue;
            }

            var head = CutHead.Open(network, plan, flow, types, placement);
            try
            {
                var unfit = head.NotByRow();
                if (unfit.Count == 0)
                {
                    return (plan, head);
                }

                if (unfit.Contains(cut))
                {
                    throw new ModelRejectedException($"The tensor {ModelValidator.Quote(cut)} has no row for each sample: its first dimension is not the batch, or its rows depend on each other.");
                }

                computed.UnionWith(unfit);
                head.Dispose();
            }
            catch
            {
                head.Dispose();
                throw;
            }
        }
    }

    private static bool CanBeFed(DataType type) => type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Int64 or DataType.Int32 or DataType.Bool;

    private static NetworkGraph TailOf(NetworkGraph network, CutPlan plan, CutHead head, long[][] shapes)
    {
        var model = Subgraph.With(network.Model, plan.Tail);
        Rename(model.Graph, [plan.Cut, .. plan.Bypasses]);
        return network with
        {
            Model = model,
            Input = plan.Cut,
            InputType = head.Types[0],
            SampleShape = shapes[0],
            Bypasses = [.. plan.Bypasses.Select((name, i) => new Bypass(name, head.Types[i + 1], shapes[i + 1]))],
            Sizes = [.. plan.Sizes.Zip(head.Sizes(), (node, size) => new BatchedShape(node.Output[0], size.Constant, size.PerRow))],
        };
    }

    /// <summary>A node that the tail needs for one of its outputs may compute another that is fed: that one gets a name of its own.</summary>
    private static void Rename(GraphProto graph, IReadOnlyCollection<string> fed)
    {
        var prefix = MaskedGraph.FreshPrefix(graph);
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Output.Count; i++)
            {
                if (fed.Contains(node.Output[i]))
                {
                    node.Output[i] = $"{prefix}unused_{node.Output[i]}";
                }
            }
        }
    }

    private static IEnumerable<string> Describe(string cut, string[] leaks, string[] masks)
    {
        if (leaks.Length > 0)
        {
            yield return $"{Named(leaks)} {(leaks.Length == 1 ? "leads" : "lead")} round the cut {ModelValidator.Quote(cut)}: there the sample's own values stay, whatever the mask.";
        }

        if (masks.Length > 0)
        {
            yield return $"Which tokens are padding ({Named(masks)}) stays the sample's own under every mask of {ModelValidator.Quote(cut)}.";
        }
    }

    private static string Named(string[] names) =>
        string.Join(", ", names.Take(MostNamed).Select(ModelValidator.Quote)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more tensors" : "");
}
