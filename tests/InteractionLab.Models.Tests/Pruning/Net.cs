using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Small graphs with random weights, and what must be found in them.</summary>
internal sealed class Net
{
    private readonly Random random = new(17);
    private readonly GraphProto proto = new() { Name = "net" };
    private readonly GraphBuilder graph;

    public Net(params long?[] input)
    {
        graph = new GraphBuilder(proto);
        graph.Input("x", [null, .. input]);
    }

    public string Weights(string name, params long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (product, size) => product * size);
        return graph.Initializer(name, Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1).ToArray(), shape);
    }

    public string Integers(string name, params long[] values) => graph.Initializer(name, values, values.Length);

    public string Integer(string name, long value) => graph.Initializer(name, [value]);

    public string Number(string name, float value) => graph.Initializer(name, [value]);

    /// <summary>Splits an axis into outputs of the given sizes, named <c>x.0</c>, <c>x.1</c>, ...</summary>
    public string[] Split(string x, long axis, params long[] sizes)
    {
        var node = new NodeProto { OpType = "Split", Name = x + ".split" };
        node.Input.Add([x, Integers(x + ".sizes", sizes)]);
        node.Output.Add(sizes.Select((_, i) => $"{x}.{i}"));
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = axis });
        proto.Node.Add(node);
        return [.. node.Output];
    }

    public string Node(string op, string output, string[] inputs, params ReadOnlySpan<(string, object)> attributes) => graph.Node(op, inputs, output, attributes);

    /// <summary>A convolution of 3x3 (1x1) kernels named <paramref name="name"/> with a bias <c>name.b</c>.</summary>
    public string Conv(string x, string name, long channels, long filters, long groups = 1, long kernel = 3) =>
        Node("Conv", "y." + name, [x, Weights(name, filters, channels / groups, kernel, kernel), Weights(name + ".b", filters)], ("group", groups), ("pads", new[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }));

    /// <summary>A linear layer with weights [rows, columns] and a bias <c>name.b</c>, on any leading axes.</summary>
    public string Linear(string x, string name, long rows, long columns) =>
        Node("Add", "y." + name, [Node("MatMul", "m." + name, [x, Weights(name, rows, columns)]), Weights(name + ".b", columns)]);

    public string Relu(string x) => Node("Relu", x + ".relu", [x]);

    public string Flatten(string x) => Node("Flatten", x + ".flat", [x]);

    public string Reshape(string x, string output, params long[] shape) => Node("Reshape", output, [x, Integers(output + ".shape", shape)]);

    public string Transpose(string x, string output, params long[] order) => Node("Transpose", output, [x], ("perm", order));

    /// <summary>Mean over a picture.</summary>
    public string Pool(string x) => Node("ReduceMean", x + ".mean", [x], ("axes", new long[] { 2, 3 }), ("keepdims", 0));

    public OnnxModel Model(string output, params long?[] shape)
    {
        graph.Output(output, [null, .. shape]);
        return OnnxModel.Load(graph.ToBytes());
    }

    /// <summary>
    /// The groups, as <c>name:channels</c>, in any order; and for four ratios and both rankings, the pruned model is the
    /// zeroed one, and ratios nest.
    /// </summary>
    public static PrunedModel Expect(OnnxModel model, params string[] groups)
    {
        PrunedModel? most = null;
        foreach (var kind in new[] { PrunerKind.StructuredMagnitude, PrunerKind.StructuredIsomorphic })
        {
            var pruner = Pruner.Create(model, new PrunerOptions(kind));
            PrunedModel? last = null;
            for (var step = 1; step <= 4; step++)
            {
                most = pruner.Prune(pruner.MaxRatio * step / 4);
                Equivalence.Check(model, most, seed: step);
                Assert.All(most.Groups.Zip(last?.Groups ?? most.Groups), pair => Assert.Superset(pair.Second.Removed.ToHashSet(), pair.First.Removed.ToHashSet()));
                Assert.True(most.Achieved >= (last?.Achieved ?? 0));
                last = most;
            }

            Assert.Equal(groups.Order(StringComparer.Ordinal), most!.Groups.Select(group => $"{group.Name}:{group.Channels}").Order(StringComparer.Ordinal));
            Assert.All(most.Groups, group => Assert.Equal(group.Channels - 1, group.Removed.Count));
        }

        return most!;
    }

    /// <summary>Nothing can be removed.</summary>
    public static void Frozen(OnnxModel model)
    {
        var fault = Assert.Throws<ModelRejectedException>(() => Pruner.Create(model, new PrunerOptions(PrunerKind.StructuredMagnitude)));
        Assert.Contains("No channel can be removed", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>The shape of a stored tensor.</summary>
    public static string Shape(PrunedModel pruned, string name) =>
        string.Join('x', Stored.All(pruned.Model.CopyProto().Graph).Single(pair => pair.Name == name).Tensor.Dims);
}
