using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using InteractionLab.Testing;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Which weights become zero, against enumerations made here.</summary>
public sealed class UnstructuredPrunerTests
{
    public static TheoryData<string, PrunerKind> RealModels()
    {
        var cases = new TheoryData<string, PrunerKind>();
        foreach (var model in new[] { "mnist", "cifar_resnet8_e00", "cifar_resnet8_e12", "cifar_vit", "adult_mlp5", "sst2_transformer" })
        {
            foreach (var kind in new[] { PrunerKind.MagnitudeGlobal, PrunerKind.MagnitudeLayer, PrunerKind.Random })
            {
                cases.Add(model, kind);
            }
        }

        return cases;
    }

    [Fact]
    public void Only_weights_of_products_and_convolutions_are_touched()
    {
        var pruner = Pruner.Create(Mixed(), new PrunerOptions(PrunerKind.MagnitudeGlobal));
        var pruned = pruner.Prune(1);
        var tensors = Stored.Tensors(pruned.Model);
        Assert.All(["kernel", "table", "flat", "shared"], name => Assert.All(tensors[name], value => Assert.Equal(0, value)));
        Assert.All(["bias", "scale", "position", "embedding"], name => Assert.DoesNotContain(0, tensors[name]));

        // 2x1x1x1 kernel, 2x3 and 3x4 matrices and one 4x4 matrix that two nodes read.
        Assert.Equal(2 + 6 + 12 + 16, pruned.Prunable);
        Assert.Equal(pruned.Prunable, pruned.Zeroed);
        Assert.Equal(1, pruned.Achieved);
        Assert.Equal(pruned.ParametersBefore, pruned.ParametersAfter);
        Assert.Empty(pruned.Groups);
    }

    [Fact]
    public void Global_magnitude_takes_the_smallest_and_breaks_ties_by_position()
    {
        var model = TwoLayers([4, -1, 0.5f, 3, -2, 1], [1, -6, 0.25f]);
        Assert.Equal([4, -1, 0.5, 3, -2, 1, 1, -6, 0], Layers(model, PrunerKind.MagnitudeGlobal, 1 / 9.0));
        Assert.Equal([4, 0, 0, 3, -2, 1, 1, -6, 0], Layers(model, PrunerKind.MagnitudeGlobal, 3 / 9.0));
        Assert.Equal([4, 0, 0, 3, -2, 0, 1, -6, 0], Layers(model, PrunerKind.MagnitudeGlobal, 4 / 9.0));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, -6, 0], Layers(model, PrunerKind.MagnitudeGlobal, 8 / 9.0));
    }

    [Fact]
    public void Layer_magnitude_takes_the_same_share_of_every_tensor()
    {
        var model = TwoLayers([4, -1, 0.5f, 3, -2, 1], [1, -6, 0.25f]);
        Assert.Equal([4, 0, 0, 3, -2, 1, 1, -6, 0], Layers(model, PrunerKind.MagnitudeLayer, 1 / 3.0));
        Assert.Equal([4, 0, 0, 3, 0, 0, 0, -6, 0], Layers(model, PrunerKind.MagnitudeLayer, 2 / 3.0));

        // 0.25 of 6 is 1.5 and of 3 is 0.75: counts round to the nearest, halves up.
        var pruned = Pruner.Create(model, new PrunerOptions(PrunerKind.MagnitudeLayer)).Prune(0.25);
        Assert.Equal(3, pruned.Zeroed);
        Assert.Equal(3 / 9.0, pruned.Achieved);
    }

    [Fact]
    public void Weights_that_are_zero_already_count_and_go_first()
    {
        var model = TwoLayers([0, -1, 0, 3, -2, 1], [0, -6, 0.25f]);
        foreach (var kind in new[] { PrunerKind.MagnitudeGlobal, PrunerKind.Random })
        {
            var pruner = Pruner.Create(model, new PrunerOptions(kind));
            Assert.Equal(3, pruner.Prune(0).Zeroed);
            Assert.Same(model, pruner.Prune(0.2).Model);
            Assert.Equal(3 / 9.0, pruner.Prune(0.2).Achieved);
            Assert.Equal(4, pruner.Prune(4 / 9.0).Zeroed);
            Assert.Equal(4, Zeros(pruner.Prune(4 / 9.0).Model, ["a", "b"]));
        }
    }

    [Fact]
    public void The_seed_alone_decides_what_is_drawn()
    {
        var random = new Random(3);
        var model = TwoLayers([.. Enumerable.Range(0, 600).Select(_ => 1 + random.NextSingle())], [.. Enumerable.Range(0, 300).Select(_ => 2 + random.NextSingle())]);
        byte[] Draw(ulong seed) => Pruner.Create(model, new PrunerOptions(PrunerKind.Random, seed)).Prune(0.5).Model.ToBytes();
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));

        // A draw takes each layer about equally; magnitudes play no part. 150 +- 5 standard deviations (5.8).
        var tensors = Stored.Tensors(Pruner.Create(model, new PrunerOptions(PrunerKind.Random, 7)).Prune(0.5).Model);
        Assert.InRange(tensors["b"].Count(value => value == 0), 121, 179);
    }

    [Theory]
    [MemberData(nameof(RealModels))]
    public void Achieved_counts_are_those_of_the_file_and_ratios_nest(string name, PrunerKind kind)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var before = Stored.Tensors(model);
        var pruner = Pruner.Create(model, new PrunerOptions(kind, 5));
        Assert.Equal(1, pruner.MaxRatio);
        var last = new Dictionary<string, HashSet<int>>();
        foreach (var ratio in new[] { 0, 0.1, 0.3, 0.55, 0.9, 0.99 })
        {
            var pruned = pruner.Prune(ratio);
            var after = Stored.Tensors(pruned.Model);
            long zeroed = 0, prunable = 0;
            foreach (var (tensor, values) in after)
            {
                // Matrices and kernels but not tables that are looked up or added: in these files told by rank and name.
                var weights = tensor is not ("pos" or "emb.weight" or "Parameter194") && Stored.Rank(model, tensor) >= 2;
                var gone = Enumerable.Range(0, values.Length).Where(i => values[i] == 0 && before[tensor][i] != 0).ToHashSet();
                Assert.True(weights || gone.Count == 0, tensor);
                Assert.Superset(last.GetValueOrDefault(tensor, []), gone);
                Assert.All(Enumerable.Range(0, values.Length).Where(i => !gone.Contains(i)), i => Assert.True(values[i] == before[tensor][i]));
                last[tensor] = gone;
                prunable += weights ? values.Length : 0;
                zeroed += weights ? values.Count(value => value == 0) : 0;
            }

            Assert.Equal(prunable, pruned.Prunable);
            Assert.Equal(zeroed, pruned.Zeroed);
            Assert.Equal((double)zeroed / prunable, pruned.Achieved);
            Assert.Equal(ratio, pruned.Requested);
            Assert.Equal(ratio, pruned.Achieved, kind == PrunerKind.MagnitudeLayer ? 12.0 / prunable : 0.5 / prunable);
            Assert.Equal(model.Summary.Parameters, pruned.Model.Summary.Parameters);
        }
    }

    [Theory]
    [InlineData("mnist", PrunerKind.MagnitudeGlobal)]
    [InlineData("mnist", PrunerKind.MagnitudeLayer)]
    [InlineData("cifar_vit", PrunerKind.MagnitudeGlobal)]
    [InlineData("cifar_vit", PrunerKind.MagnitudeLayer)]
    public void Magnitude_keeps_nothing_smaller_than_what_it_takes(string name, PrunerKind kind)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var before = Stored.Tensors(model);
        var after = Stored.Tensors(Pruner.Create(model, new PrunerOptions(kind)).Prune(0.4).Model);
        var touched = before.Keys.Where(tensor => !before[tensor].SequenceEqual(after[tensor])).ToList();
        Assert.NotEmpty(touched);
        foreach (var set in kind == PrunerKind.MagnitudeGlobal ? [touched] : touched.Select(tensor => new List<string> { tensor }))
        {
            var taken = set.SelectMany(tensor => before[tensor].Where((_, i) => after[tensor][i] == 0)).Max(Math.Abs);
            var kept = set.SelectMany(tensor => after[tensor].Where(value => value != 0)).Min(Math.Abs);
            Assert.True(taken <= kept, $"{taken} was taken and {kept} was kept");
        }
    }

    [Theory]
    [InlineData((int)DataType.Float16)]
    [InlineData((int)DataType.Double)]
    public void Other_precisions_are_ranked_exactly(int type)
    {
        var graph = new GraphBuilder();
        graph.Input("x", (DataType)type, [null, 4]);
        graph.Output("z", (DataType)type, [null, 1]);
        graph.Initializer("w", [3.0, -1e-3, 2.0, -1.0], 4, 1);
        graph.Node("MatMul", ["x", "w"], "z");
        var proto = graph.ToModel();
        if ((DataType)type == DataType.Float16)
        {
            // Bits of 3, -0.001, 2 and -1 in the typed field, as exporters of half precision write them.
            proto.Graph.Initializer[0].DataType = type;
            proto.Graph.Initializer[0].ClearRawData();
            proto.Graph.Initializer[0].Int32Data.Add([0x4200, 0x9419, 0x4000, 0xBC00]);
        }

        var pruned = Pruner.Create(OnnxModel.FromProto(proto), new PrunerOptions(PrunerKind.MagnitudeGlobal)).Prune(0.5);
        Assert.Equal([3, 0, 2, 0], Stored.Tensors(pruned.Model)["w"]);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void Ratios_out_of_range_are_refused(double ratio)
    {
        var pruner = Pruner.Create(TwoLayers([1, 2, 3, 4, 5, 6], [1, 2, 3]), new PrunerOptions(PrunerKind.Random));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(ratio), () => pruner.Prune(ratio));
    }

    [Fact]
    public void Models_that_cannot_be_ranked_are_refused_with_the_reason()
    {
        var odd = TwoLayers([1, 2, float.NaN, 4, 5, 6], [1, 2, 3]);
        var fault = Assert.Throws<ModelRejectedException>(() => Pruner.Create(odd, new PrunerOptions(PrunerKind.MagnitudeGlobal)));
        Assert.Contains("'a' cannot be ranked: element 2 is NaN", fault.Message, StringComparison.Ordinal);
        var graph = new GraphBuilder();
        graph.Input("x", null, 2);
        graph.Output("z", null, 2);
        graph.Node("Relu", ["x"], "z");
        fault = Assert.Throws<ModelRejectedException>(() => Pruner.Create(OnnxModel.Load(graph.ToBytes()), new PrunerOptions(PrunerKind.Random)));
        Assert.Contains("no weights to prune", fault.Message, StringComparison.Ordinal);
    }

    private static double[] Layers(OnnxModel model, PrunerKind kind, double ratio)
    {
        var tensors = Stored.Tensors(Pruner.Create(model, new PrunerOptions(kind)).Prune(ratio).Model);
        return [.. tensors["a"], .. tensors["b"]];
    }

    private static int Zeros(OnnxModel model, string[] names) => names.Sum(name => Stored.Tensors(model)[name].Count(value => value == 0));

    /// <summary>x [?, rows(a)] · a [rows, 3] · b [3, rows(b)], biases of the value 9.</summary>
    private static OnnxModel TwoLayers(float[] a, float[] b)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, a.Length / 3);
        graph.Output("z", null, b.Length / 3);
        graph.Initializer("a", a, a.Length / 3, 3);
        graph.Initializer("c", [9f, 9, 9], 3);
        graph.Initializer("b", b, 3, b.Length / 3);
        graph.Node("Gemm", ["x", "a", "c"], "h");
        graph.Node("MatMul", ["h", "b"], "z");
        return OnnxModel.Load(graph.ToBytes());
    }

    /// <summary>Weights reached through a Constant node, a Transpose, an Identity and by two nodes; and parameters that are no weights.</summary>
    private static OnnxModel Mixed()
    {
        static float[] Ones(int count) => [.. Enumerable.Range(1, count).Select(i => (float)i)];
        var graph = new GraphBuilder();
        graph.Input("x", null, 1, 2, 2);
        graph.Input("ids", DataType.Int64, [null]);
        graph.Output("z", null, 4);
        graph.Initializer("kernel", Ones(2), 2, 1, 1, 1);
        graph.Initializer("bias", Ones(2), 2);
        graph.Initializer("flat", Ones(12), 12);
        graph.Initializer("shared", Ones(16), 4, 4);
        graph.Initializer("scale", Ones(4), 4);
        graph.Initializer("position", Ones(4), 1, 4);
        graph.Initializer("embedding", Ones(20), 5, 4);
        graph.Initializer("square", [4L, 3], 2);
        graph.Node("Conv", ["x", "kernel", "bias"], "conv");
        graph.Node("ReduceMean", ["conv"], "mean", ("axes", new long[] { 2, 3 }), ("keepdims", 0));
        var table = new GraphBuilder();
        table.Initializer("", Ones(6), 2, 3);
        graph.Node("Constant", [], "table", ("value", table.ToModel().Graph.Initializer[0]));
        graph.Node("MatMul", ["mean", "table"], "three");
        graph.Node("Reshape", ["flat", "square"], "tall");
        graph.Node("Transpose", ["tall"], "wide");
        graph.Node("MatMul", ["three", "wide"], "four");
        graph.Node("Identity", ["shared"], "alias");
        graph.Node("MatMul", ["four", "shared"], "once");
        graph.Node("MatMul", ["once", "alias"], "twice");
        graph.Node("Mul", ["twice", "scale"], "scaled");
        graph.Node("Add", ["scaled", "position"], "placed");
        graph.Node("Gather", ["embedding", "ids"], "looked");
        graph.Node("Add", ["placed", "looked"], "z");
        return OnnxModel.Load(graph.ToBytes());
    }
}
