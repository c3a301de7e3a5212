using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>In which order channels go, on networks whose magnitudes are chosen.</summary>
public sealed class RankingTests
{
    [Fact]
    public void The_smallest_channels_relative_to_their_group_go_first()
    {
        // Hidden unit i of a layer has magnitude m_i in its incoming weights; all other weights are zero. The second
        // layer is ten times as strong throughout, which must not matter.
        var model = Chain([3, 1, 2, 4], [30, 40, 12, 20]);
        // Relative to the means 2.5 and 25.5: 0.40, 0.47, 0.78, 0.80, 1.18, 1.20.
        Assert.Equal(["a 1", "b 2", "b 3", "a 2", "b 0", "a 0"], Sequence(model, PrunerKind.StructuredMagnitude));
    }

    [Fact]
    public void Sets_of_equal_structure_go_at_one_pace_and_compare_by_root_mean_square()
    {
        // The two hidden layers are alike, so they form one set in which the strong one outlasts the weak.
        var model = Chain([3, 1, 2, 4], [30, 40, 12, 20]);
        Assert.Equal(["a 1", "a 2", "a 0", "b 2", "b 3", "b 0"], Sequence(model, PrunerKind.StructuredIsomorphic));
    }

    [Fact]
    public void Sets_of_unlike_structure_lose_the_same_share()
    {
        // The convolution's channels and the hidden units of the linear layer are two sets, of 4 and 8 units.
        var net = new Net(1, 4, 4);
        var hidden = net.Relu(net.Linear(net.Pool(net.Relu(net.Conv("x", "conv", 1, 4))), "up", 4, 8));
        var pruner = Pruner.Create(net.Model(net.Linear(hidden, "fc", 8, 2), 2), new PrunerOptions(PrunerKind.StructuredIsomorphic));
        for (var ratio = 0.0; ratio < pruner.MaxRatio; ratio += 0.02)
        {
            var groups = pruner.Prune(ratio).Groups;
            Assert.Equal(groups[0].Removed.Count / 3.0, groups[1].Removed.Count / 7.0, 1 / 3.0);
        }
    }

    [Fact]
    public void Equal_channels_go_by_position()
    {
        Assert.Equal(["a 0", "a 1", "a 2", "b 0", "b 1", "b 2"], Sequence(Chain([1, 1, 1, 1], [1, 1, 1, 1]), PrunerKind.StructuredMagnitude));
        Assert.Equal(["a 0", "a 1", "a 2"], Sequence(Chain([0, 0, 0, 0], [1, 2, 3, 4]), PrunerKind.StructuredMagnitude).Where(unit => unit[0] == 'a'));
    }

    [Fact]
    public void Of_two_results_the_one_nearer_to_the_ratio_is_taken()
    {
        // 8 units of 5 parameters each and 2 that stay: ratios are reached in steps of 5 / 42.
        var net = new Net(2);
        var pruner = Pruner.Create(net.Model(net.Linear(net.Linear("x", "a", 2, 8), "b", 8, 2), 2), new PrunerOptions(PrunerKind.StructuredMagnitude));
        const double Step = 5 / 42.0;
        int Units(double ratio) => pruner.Prune(ratio).Groups.Sum(group => group.Removed.Count);
        Assert.Equal([0, 0, 1, 1, 2, 7], new[] { 0, 0.49 * Step, 0.51 * Step, 1.49 * Step, 1.51 * Step, 7 * Step }.Select(Units));
        Assert.Equal(3 * Step, pruner.Prune(0.36).Achieved, 1e-12);
        Assert.Equal(0.36, pruner.Prune(0.36).Requested);
    }

    /// <summary>x [1] -> 4 hidden units a -> 4 hidden units b -> 1; only a and the diagonal biases of b are not zero.</summary>
    private static OnnxModel Chain(float[] a, float[] b)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 1);
        graph.Output("z", null, 1);
        graph.Initializer("a", a, 1, 4);
        graph.Initializer("w", new float[16], 4, 4);
        graph.Initializer("b", b, 4);
        graph.Initializer("v", new float[4], 4, 1);
        graph.Initializer("none", new float[4], 4);
        graph.Initializer("last", [1f], 1);
        graph.Node("Gemm", ["x", "a", "none"], "one");
        graph.Node("Gemm", ["one", "w", "b"], "two");
        graph.Node("Gemm", ["two", "v", "last"], "z");
        return OnnxModel.Load(graph.ToBytes());
    }

    /// <summary>The units in the order in which they disappear as the ratio rises.</summary>
    private static List<string> Sequence(OnnxModel model, PrunerKind kind)
    {
        var pruner = Pruner.Create(model, new PrunerOptions(kind));
        var order = new List<string>();
        for (var ratio = 0.0; ratio <= pruner.MaxRatio; ratio += 0.02)
        {
            var groups = pruner.Prune(ratio).Groups;
            var gone = groups.SelectMany(group => group.Removed.Select(unit => $"{(group.Name.StartsWith('a') ? 'a' : 'b')} {unit}"));
            order.AddRange(gone.Where(unit => !order.Contains(unit)));
        }

        return order;
    }
}
