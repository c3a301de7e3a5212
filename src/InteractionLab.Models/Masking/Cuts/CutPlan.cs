using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>
/// How a cut divides a graph. What lies behind the cut tensor is the tail's; everything else that says something of the
/// sample is the head's, and where the tail reads it, it goes round the cut (<see cref="Bypasses"/>).
/// </summary>
/// <param name="Cut">The cut tensor.</param>
/// <param name="Tail">The tail's nodes in order.</param>
/// <param name="Bypasses">Tensors of the head that the tail reads, in the order in which they are computed.</param>
/// <param name="Sizes">Shape nodes of the head's tensors that the tail reads: a batch has other shapes than the one sample of the head.</param>
internal sealed record CutPlan(string Cut, IReadOnlyList<NodeProto> Tail, IReadOnlyList<string> Bypasses, IReadOnlyList<NodeProto> Sizes)
{
    /// <summary>Divides a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="flow">What its tensors say of the sample.</param>
    /// <param name="cut">A tensor that <see cref="CutTensor.Check"/> accepts.</param>
    /// <param name="computed">Tensors that the tail is to compute itself though they lie before the cut; null is all, so that only the input goes round the cut.</param>
    /// <exception cref="ModelRejectedException">The output does not depend on the cut tensor.</exception>
    public static CutPlan Find(NetworkGraph network, TensorFlow flow, string cut, IReadOnlySet<string>? computed)
    {
        var behind = flow.Behind(cut);
        var (tail, bypasses, sizes) = (new HashSet<NodeProto>(ReferenceEqualityComparer.Instance), new HashSet<string>(StringComparer.Ordinal), new HashSet<NodeProto>(ReferenceEqualityComparer.Instance));
        var met = new HashSet<string>(StringComparer.Ordinal) { network.Output };
        var waiting = new Stack<string>(met);
        while (waiting.TryPop(out var tensor))
        {
            if (tensor == cut)
            {
                continue;
            }

            if (tensor == network.Input)
            {
                bypasses.Add(tensor);
            }
            else if (flow.Producer(tensor) is { } node)
            {
                var own = behind.Contains(tensor) || computed is null || computed.Contains(tensor);
                if (!own && flow[tensor] != SampleContent.None)
                {
                    bypasses.Add(tensor);
                }
                else if (!own && node.OpType == "Shape" && flow[node.Input[0]] != SampleContent.None)
                {
                    sizes.Add(node);
                }
                else if (tail.Add(node))
                {
                    foreach (var read in GraphOrder.Reads(node).Where(met.Add))
                    {
                        waiting.Push(read);
                    }
                }
            }
        }

        if (!met.Contains(cut))
        {
            throw new ModelRejectedException($"The output does not depend on the tensor {ModelValidator.Quote(cut)}.");
        }

        var order = flow.Nodes;
        return new CutPlan(
            cut,
            [.. order.Where(tail.Contains)],
            [.. bypasses.Where(name => name == network.Input), .. order.SelectMany(node => node.Output).Where(name => bypasses.Contains(name) && name != network.Input)],
            [.. order.Where(sizes.Contains)]);
    }
}
