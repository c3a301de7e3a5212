using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>What must not be cut: each graph hangs its channels on something that needs all of them.</summary>
public sealed class FrozenTests
{
    [Theory]
    [InlineData("output")]
    [InlineData("input")]
    [InlineData("layer norm")]
    [InlineData("softmax over channels")]
    [InlineData("mean over channels")]
    [InlineData("maximum over channels")]
    [InlineData("response normalisation")]
    [InlineData("norm of a row")]
    [InlineData("an operator without a rule")]
    [InlineData("a lookup at computed places")]
    [InlineData("every second channel")]
    [InlineData("the number of channels")]
    [InlineData("a table added at full width")]
    public void Channels_that_something_needs_stay(string what)
    {
        var net = new Net(4);
        if (what is "output" or "input")
        {
            var last = net.Linear("x", "a", 4, 4);
            Net.Frozen(what == "output" ? net.Model(last, 4) : net.Model(net.Node("MatMul", "z", [net.Node("Add", "y", [last, "x"]), net.Weights("fc", 4, 2)]), 2));
            return;
        }

        var wide = net.Linear("x", "a", 4, 6);
        var y = what switch
        {
            "layer norm" => net.Node("LayerNormalization", "y", [wide, net.Weights("g", 6), net.Weights("h", 6)]),
            "softmax over channels" => net.Node("Softmax", "y", [wide], ("axis", 1)),
            "mean over channels" => net.Node("Sub", "y", [wide, net.Node("ReduceMean", "m", [wide], ("axes", new long[] { 1 }))]),
            "maximum over channels" => net.Node("ReduceMax", "y", [wide], ("axes", new long[] { 1 })),
            "response normalisation" => net.Node("LRN", "y", [net.Reshape(wide, "r", 0, 6, 1, 1)], ("size", 3)),
            "norm of a row" => net.Node("LpNormalization", "y", [wide], ("axis", 1)),
            "an operator without a rule" => net.Node("CumSum", "y", [wide, net.Integer("one", 1)]),
            "a lookup at computed places" => net.Node("GatherElements", "y", [wide, net.Node("Cast", "c", [net.Node("Sign", "s", [net.Node("Abs", "p", [wide])])], ("to", (int)DataType.Int64))], ("axis", 1)),
            "every second channel" => net.Node("Slice", "y", [wide, net.Integers("0", 0), net.Integers("6", 6), net.Integers("1", 1), net.Integers("2", 2)]),
            "the number of channels" => net.Node("Mul", "y", [wide, net.Node("Cast", "f", [net.Node("Gather", "n", [net.Node("Shape", "shape", [wide]), net.Integer("at", 1)])], ("to", (int)DataType.Float))]),
            _ => net.Node("Gather", "y", [net.Node("Add", "t", [wide, net.Weights("table", 1, 6)]), net.Integers("order", 3, 1, 0, 2, 5, 4)], ("axis", 1)),
        };
        long left = what is "every second channel" ? 3 : what is "maximum over channels" ? 1 : 6;
        var flat = net.Flatten(y);
        Net.Frozen(net.Model(net.Node("MatMul", "z", [flat, net.Weights("fc", left, 2)]), 2));
    }

    [Fact]
    public void Parameters_that_zeroing_would_divide_by_keep_their_channels()
    {
        // A kernel divided by its norm, as weight normalisation is exported: zero over zero.
        var net = new Net(2, 4, 4);
        var norm = net.Node("Sqrt", "norm", [net.Node("ReduceSumSquare", "square", [net.Weights("v", 3, 2, 3, 3)], ("axes", new long[] { 1, 2, 3 }))]);
        var wide = net.Node("Conv", "wide", ["x", net.Node("Div", "w", ["v", norm])]);
        Net.Expect(net.Model(net.Linear(net.Pool(net.Conv(wide, "two", 3, 4, kernel: 1)), "fc", 4, 2), 2), "two[0]:4");
    }

    [Fact]
    public void A_frozen_width_leaves_the_other_widths_free()
    {
        var net = new Net(4);
        var hidden = net.Relu(net.Linear("x", "a", 4, 5));
        var stream = net.Node("Softmax", "s", [net.Linear(hidden, "b", 5, 6)], ("axis", 1));
        Net.Expect(net.Model(net.Linear(net.Relu(net.Linear(stream, "c", 6, 7)), "d", 7, 2), 2), "a[1]:5", "c[1]:7");
    }

    [Fact]
    public void Ratios_beyond_the_highest_are_refused_with_that_ratio()
    {
        var net = new Net(4);
        var pruner = Pruner.Create(net.Model(net.Linear(net.Relu(net.Linear("x", "a", 4, 10)), "b", 10, 2), 2), new PrunerOptions(PrunerKind.StructuredMagnitude));

        // 72 parameters, of which nine of ten hidden units take 7 each.
        Assert.Equal(63 / 72.0, pruner.MaxRatio);
        Assert.Contains("0..0.875", Assert.Throws<ArgumentOutOfRangeException>("ratio", () => pruner.Prune(0.88)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("ratio", () => pruner.Prune(double.NaN));
    }

    [Fact]
    public void Weights_that_are_not_numbers_are_refused()
    {
        var net = new Net(2);
        var model = net.Model(net.Linear(net.Relu(net.Linear("x", "a", 2, 3)), "b", 3, 2), 2).CopyProto();
        var bytes = new byte[6 * sizeof(float)];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), float.PositiveInfinity);
        model.Graph.Initializer.Single(tensor => tensor.Name == "a").RawData = Google.Protobuf.ByteString.CopyFrom(bytes);
        var fault = Assert.Throws<ModelRejectedException>(() => Pruner.Create(OnnxModel.FromProto(model), new PrunerOptions(PrunerKind.StructuredIsomorphic)));
        Assert.Contains("'a' cannot be ranked: element 1 is Infinity", fault.Message, StringComparison.Ordinal);
    }
}
