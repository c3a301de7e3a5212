using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking.Cuts;

/// <summary>
/// Checks a cut by running: v of random masks from head and tail, many rows at once, against the same masking inside the
/// whole network, one mask at a time; and v of everything present against the network's own logits.
/// </summary>
internal static class CutProbe
{
    private const int Players = 5;
    private const int Seed = 7_310_221;
    private const double Tolerance = 1e-4;

    /// <summary>What is checked.</summary>
    internal sealed record Subject(NetworkGraph Network, PlainNetwork Plain, TensorFlow Flow, CutPlan Plan, CutHead Head, NetworkGraph Tail);

    /// <exception cref="ModelRejectedException">The tail is another function than the network behind the cut.</exception>
    public static void Check(Subject subject, Placement placement)
    {
        var (network, head, tail) = (subject.Network, subject.Head, subject.Tail);
        var draws = ProbeSamples.Draw(ProbeSamples.Rows, network.Cells, network.TakesTokens);
        var (sample, other) = (draws.AsSpan(network.Cells, network.Cells).ToArray(), draws.AsSpan(2 * network.Cells, network.Cells).ToArray());
        var (feature, baseline, logits) = (head.Of(sample), head.Of(other).Feature, subject.Plain.Row(sample));
        var layout = LayoutIndex.Build(Layout(feature.Feature.Length), tail.SampleShape);
        var rows = network.FixedBatch ?? ProbeSamples.Rows;

        // The whole network with the Where inside it: nothing but the sample itself goes round the cut.
        var whole = Whole(subject);
        using var one = Open(whole, logits.Length, placement, network.FixedBatch ?? 1, network.FixedBatch is not null);
        using var many = Open(tail, logits.Length, placement, rows, network.FixedBatch is not null);
        ulong[] masks = [0b01101, 0b11111, 0b10010, 0b00000, 0b00111];
        var (expected, found) = (new double[masks.Length], new double[masks.Length]);
        var largest = Math.Max(1e-6, logits.Where(float.IsFinite).Select(logit => Math.Abs((double)logit)).DefaultIfEmpty().Max());
        foreach (var target in (int[])[0, logits.Length - 1])
        {
            many.Evaluate(new MaskedInputs(feature.Feature, baseline, layout, tail.SampleShape, Players, target) { Bypasses = feature.Bypasses }, new MaskWords(masks, 1), found, null, default);
            for (var i = 0; i < masks.Length; i++)
            {
                var inputs = new MaskedInputs(feature.Feature, baseline, layout, tail.SampleShape, Players, target) { Bypasses = [.. whole.Bypasses.Select(_ => sample)] };
                one.Evaluate(inputs, new MaskWords(masks.AsSpan(i, 1), 1), expected.AsSpan(i, 1), null, default);
            }

            if (!expected.Zip(found).All(pair => Same(pair.First, pair.Second, largest)) || !Same(logits[target], found[1], largest))
            {
                throw new ModelRejectedException($"Behind the tensor {ModelValidator.Quote(subject.Plan.Cut)} the rows of a batch are not computed independently, so it cannot be cut there.");
            }
        }
    }

    private static NetworkGraph Whole(Subject subject)
    {
        var plan = CutPlan.Find(subject.Network, subject.Flow, subject.Plan.Cut, computed: null);
        return subject.Tail with
        {
            Model = Subgraph.With(subject.Network.Model, [.. plan.Tail.Select(node => Renamed(node, plan.Cut))]),
            Bypasses = [.. plan.Bypasses.Select(name => new Bypass(name, subject.Network.InputType, subject.Network.SampleShape))],
            Sizes = [],
        };
    }

    /// <summary>The node that computes the cut tensor is needed where it has other outputs; its own cut tensor is not.</summary>
    private static Onnx.Proto.NodeProto Renamed(Onnx.Proto.NodeProto node, string cut)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Output.Count; i++)
        {
            copy.Output[i] = copy.Output[i] == cut ? cut + "_unmasked_by_lab" : copy.Output[i];
        }

        return copy;
    }

    // The logits as they are, of one unit too, since they are compared with what the network gives.
    private static IMaskedSession Open(NetworkGraph graph, int classes, Placement placement, int rows, bool rowsAreFixed) =>
        IMaskedSession.Open(form => MaskedGraph.Build(graph with { IsOneUnit = false }, classes, ValueKind.Logit, form), graph.Cells, placement, rows, rowsAreFixed);

    private static PlayerLayout Layout(int cells)
    {
        var random = new Random(Seed);
        return new PlayerLayout(Players, [.. Enumerable.Range(0, cells).Select(_ => random.Next(Players))]);
    }

    private static bool Same(double expected, double found, double largest) =>
        expected.Equals(found) || Math.Abs(expected - found) <= Tolerance * Math.Max(largest, Math.Abs(expected));
}
