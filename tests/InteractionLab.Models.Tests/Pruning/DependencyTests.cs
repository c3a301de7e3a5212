namespace InteractionLab.Models.Tests.Pruning;

/// <summary>One small graph for each kind of dependency between channels of pictures; the groups are worked out by hand.</summary>
public sealed class DependencyTests
{
    [Fact]
    public void A_chain_of_layers_has_a_group_for_each_hidden_width()
    {
        var net = new Net(6);
        var y = net.Linear(net.Relu(net.Linear(net.Relu(net.Linear("x", "a", 6, 5)), "b", 5, 7)), "c", 7, 3);
        var pruned = Net.Expect(net.Model(y, 3), "a[1]:5", "b[1]:7");
        Assert.Equal("1x1", Net.Shape(pruned, "b"));
    }

    [Fact]
    public void What_is_added_goes_together()
    {
        var net = new Net(3, 6, 6);
        var stem = net.Relu(net.Conv("x", "stem", 3, 5));
        var inner = net.Conv(net.Relu(net.Conv(stem, "one", 5, 4)), "two", 4, 5);
        var sum = net.Node("Add", "sum", [inner, stem]);
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(net.Relu(sum)), "fc", 5, 2), 2), "stem[0]:5", "one[0]:4");
        Assert.Equal("1x3x3x3", Net.Shape(pruned, "stem"));
        Assert.Equal("1x1x3x3", Net.Shape(pruned, "two"));
        Assert.Equal("1", Net.Shape(pruned, "two.b"));
        Assert.Equal("1x2", Net.Shape(pruned, "fc"));
    }

    [Fact]
    public void Parts_of_a_concatenation_go_by_themselves()
    {
        var net = new Net(3, 6, 6);
        var joined = net.Node("Concat", "joined", ["x", net.Relu(net.Conv("x", "one", 3, 4)), net.Conv("x", "two", 3, 5)], ("axis", 1));
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(net.Conv(joined, "three", 12, 4)), "fc", 4, 2), 2), "one[0]:4", "two[0]:5", "three[0]:4");

        // The three input channels stay in front of one channel of each part.
        Assert.Equal("1x5x3x3", Net.Shape(pruned, "three"));
    }

    [Fact]
    public void Dense_connections_keep_each_layer_apart()
    {
        var net = new Net(3, 5, 5);
        var one = net.Relu(net.Conv("x", "one", 3, 4));
        var two = net.Relu(net.Conv(one, "two", 4, 3));
        var both = net.Node("Concat", "both", [one, two], ("axis", 1));
        var three = net.Relu(net.Conv(both, "three", 7, 4));
        var all = net.Node("Concat", "all", [both, three], ("axis", 1));
        Net.Expect(net.Model(net.Linear(net.Pool(all), "fc", 11, 2), 2), "one[0]:4", "two[0]:3", "three[0]:4");
    }

    [Fact]
    public void A_depthwise_kernel_follows_its_channel()
    {
        var net = new Net(3, 6, 6);
        var wide = net.Relu(net.Conv("x", "expand", 3, 6, kernel: 1));
        var deep = net.Relu(net.Conv(wide, "depth", 6, 6, groups: 6));
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(net.Conv(deep, "project", 6, 4, kernel: 1)), "fc", 4, 2), 2), "expand[0]:6", "project[0]:4");
        Assert.Equal("1x1x3x3", Net.Shape(pruned, "depth"));
    }

    [Fact]
    public void A_depthwise_kernel_with_a_multiplier_loses_all_its_outputs()
    {
        var net = new Net(3, 6, 6);
        var deep = net.Relu(net.Conv(net.Conv("x", "in", 3, 4), "depth", 4, 8, groups: 4));
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(deep), "fc", 8, 2), 2), "in[0]:4", "depth[0] x4:2");
        Assert.Equal("1x1x3x3", Net.Shape(pruned, "depth"));
        Assert.Equal("1x2", Net.Shape(pruned, "fc"));
    }

    [Fact]
    public void Grouped_convolutions_lose_groups_or_the_same_channel_of_each()
    {
        var net = new Net(3, 6, 6);
        var middle = net.Relu(net.Conv(net.Relu(net.Conv("x", "in", 3, 6)), "grouped", 6, 12, groups: 3));
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(middle), "fc", 12, 2), 2), "in[0] x2:3", "in[0] x3:2", "grouped[0] x3:4");
        Assert.Equal("1x1x3x3", Net.Shape(pruned, "grouped"));
        Assert.Equal("1x2", Net.Shape(pruned, "fc"));
    }

    [Fact]
    public void Transposed_convolutions_have_their_axes_the_other_way()
    {
        var net = new Net(3, 4, 4);
        var small = net.Relu(net.Conv("x", "down", 3, 4));
        var large = net.Node("ConvTranspose", "large", [small, net.Weights("up", 4, 6, 2, 2), net.Weights("up.b", 6)], ("strides", new long[] { 2, 2 }));
        var grouped = net.Node("ConvTranspose", "larger", [net.Relu(large), net.Weights("again", 6, 2, 2, 2), net.Weights("again.b", 6)], ("group", 3));
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(grouped), "fc", 6, 2), 2), "down[0]:4", "up[1] x2:3", "up[1] x3:2", "again[1]:2");
        Assert.Equal("1x1x2x2", Net.Shape(pruned, "again"));
    }

    [Theory]
    [InlineData("Flatten")]
    [InlineData("Reshape -1")]
    [InlineData("Reshape 0")]
    [InlineData("Reshape computed")]
    public void A_flattened_channel_owns_a_column_for_each_pixel(string how)
    {
        var net = new Net(2, 4, 4);
        var small = net.Node("MaxPool", "pooled", [net.Relu(net.Conv("x", "conv", 2, 5))], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        var flat = how switch
        {
            "Flatten" => net.Flatten(small),
            "Reshape -1" => net.Reshape(small, "flat", -1, 20),
            "Reshape 0" => net.Reshape(small, "flat", 0, 20),
            _ => net.Node("Reshape", "flat", [small, net.Node("Concat", "target", [net.Node("Unsqueeze", "rows", [net.Node("Gather", "first", [net.Node("Shape", "size", [small]), net.Integer("zero", 0)], ("axis", 0)), net.Integers("front", 0)]), net.Integers("rest", 20)], ("axis", 0))]),
        };
        var model = net.Model(net.Linear(flat, "fc", 20, 3), 3);
        var pruned = Net.Expect(model, "conv[0]:5");
        Assert.Equal("4x3", Net.Shape(pruned, "fc"));
        Assert.DoesNotContain(pruned.Model.Nodes, node => node.OpType is "Shape" or "Gather");
    }

    [Fact]
    public void Normalisations_by_channel_lose_their_parameters()
    {
        var net = new Net(2, 5, 5);
        var first = net.Node("BatchNormalization", "bn", [net.Conv("x", "one", 2, 4), net.Weights("s", 4), net.Weights("t", 4), net.Weights("mean", 4), net.Node("Exp", "variance", [net.Weights("v", 4)])]);
        var second = net.Node("InstanceNormalization", "in", [net.Conv(net.Node("Sigmoid", "sig", [first]), "two", 4, 3), net.Weights("s2", 3), net.Weights("t2", 3)]);
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(net.Node("Exp", "exp", [second])), "fc", 3, 2), 2), "one[0]:4", "two[0]:3");
        Assert.Equal("1", Net.Shape(pruned, "mean"));
        Assert.Equal("1", Net.Shape(pruned, "t2"));
    }

    [Fact]
    public void Gates_and_scales_follow_the_channels_they_multiply()
    {
        // Squeeze and excitation, and a learned scale per channel.
        var net = new Net(2, 5, 5);
        var wide = net.Relu(net.Conv("x", "wide", 2, 6));
        var squeezed = net.Node("GlobalAveragePool", "squeezed", [wide]);
        var gate = net.Node("Sigmoid", "gate", [net.Conv(net.Relu(net.Conv(squeezed, "down", 6, 3, kernel: 1)), "up", 3, 6, kernel: 1)]);
        var gated = net.Node("Mul", "gated", [net.Node("Mul", "scaled", [wide, net.Weights("scale", 6, 1, 1)]), gate]);
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(gated), "fc", 6, 2), 2), "wide[0]:6", "down[0]:3");
        Assert.Equal("1x1x1", Net.Shape(pruned, "scale"));
        Assert.Equal("1x1x1x1", Net.Shape(pruned, "up"));
    }

    [Fact]
    public void Halves_of_a_gated_unit_go_in_pairs()
    {
        var net = new Net(4);
        var wide = net.Linear("x", "wide", 4, 10);
        net.Node("Slice", "left", [wide, net.Integers("from", 0), net.Integers("middle", 5), net.Integers("axis", 1)]);
        net.Node("Slice", "right", [wide, "middle", net.Integers("end", 1L << 40), "axis"]);
        var gated = net.Node("Mul", "gated", ["left", net.Node("Sigmoid", "gate", ["right"])]);
        var pruned = Net.Expect(net.Model(net.Linear(gated, "out", 5, 2), 2), "wide[1] x2:5");
        Assert.Equal("4x2", Net.Shape(pruned, "wide"));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Padded_channels_go_with_what_they_are_added_to(float value)
    {
        // A shortcut that pads two channels on each side.
        var net = new Net(2, 4, 4);
        var narrow = net.Relu(net.Conv("x", "narrow", 2, 3));
        var padded = net.Node("Pad", "padded", [narrow, net.Integers("pads", 0, 2, 0, 0, 0, 2, 0, 0), net.Number("value", value)]);
        var sum = net.Node("Add", "sum", [padded, net.Conv(narrow, "wide", 3, 7)]);
        var pruned = Net.Expect(net.Model(net.Linear(net.Pool(sum), "fc", 7, 2), 2), "narrow[0]:3", "wide[0]:4");
        Assert.Equal("2x1x3x3", Net.Shape(pruned, "wide"));
        Assert.Equal("2x2", Net.Shape(pruned, "fc"));
    }

    [Fact]
    public void Weights_reached_through_other_nodes_are_cut_once()
    {
        var net = new Net(4);
        net.Weights("shared", 6, 4);
        net.Weights("bias", 6);
        var one = net.Node("MatMul", "one", ["x", net.Node("Transpose", "turned", ["shared"])]);
        var two = net.Node("Gemm", "two", ["x", net.Node("Identity", "same", ["shared"]), "bias"], ("transB", 1));
        var y = net.Node("Gemm", "y", [net.Relu(net.Node("Add", "sum", [one, two])), net.Weights("fc", 6, 2), net.Weights("fc.b", 2)], ("alpha", 0.5f));
        var pruned = Net.Expect(net.Model(y, 2), "shared[0]:6");
        Assert.Equal("1x4", Net.Shape(pruned, "shared"));
    }

    [Fact]
    public void Split_parts_keep_their_own_sizes()
    {
        var net = new Net(3, 4, 4);
        var wide = net.Relu(net.Conv("x", "wide", 3, 7));
        var parts = net.Split(wide, 1, 3, 4);
        var joined = net.Node("Concat", "joined", [net.Pool(parts[0]), net.Node("Abs", "abs", [net.Pool(parts[1])])], ("axis", 1));
        var pruned = Net.Expect(net.Model(net.Linear(joined, "fc", 7, 2), 2), "wide[0]:3", "wide[0]:4");
        Assert.Equal("2x3x3x3", Net.Shape(pruned, "wide"));
    }
}
