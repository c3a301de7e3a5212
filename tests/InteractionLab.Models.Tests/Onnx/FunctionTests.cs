using System.Diagnostics;
using Google.Protobuf;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Tests.Training;
using InteractionLab.Models.Training;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Functions of a model's own are inlined for everything that looks at its graph; the file stays as it is.</summary>
public sealed class FunctionTests
{
    private static readonly float[] Samples = [.. Enumerable.Range(0, 30).Select(i => (float)Math.Sin(1.7 * i))];

    [Theory]
    [InlineData(NetworkExecutor.OnnxRuntime)]
    [InlineData(NetworkExecutor.Torch)]
    public void Layers_that_are_functions_are_masked_by_both_executors(NetworkExecutor executor)
    {
        if (executor == NetworkExecutor.Torch)
        {
            TorchLibrary.Require();
        }

        var proto = Functions.Layers();
        using var masked = MaskedModel.Build(OnnxModel.Load(proto.ToByteArray()), [6], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: executor));
        var values = new double[64];
        masked.Evaluate(Samples.AsSpan(0, 6), new float[6], new PlayerLayout(6, [0, 1, 2, 3, 4, 5]), 1, [.. Enumerable.Range(0, 64).Select(mask => (uint)mask)], values);
        for (var mask = 0; mask < 64; mask++)
        {
            var expected = Functions.Logits(proto, [.. Enumerable.Range(0, 6).Select(i => (mask >> i & 1) == 1 ? Samples[i] : 0)]);
            Assert.Equal(expected[1], values[mask], 1e-5);
        }
    }

    [Fact]
    public void The_file_stays_and_the_nodes_are_those_of_the_bodies()
    {
        var bytes = Functions.Layers().ToByteArray();
        var model = OnnxModel.Load(bytes);
        Assert.Equal(bytes, model.ToBytes());
        Assert.Equal(["Gemm", "Constant", "Mul", "Tanh", "Gemm", "Constant", "Mul", "Tanh", "Gemm"], model.Nodes.Select(node => node.OpType));
        Assert.Equal(model.Nodes.Count, model.Nodes.Select(node => node.Name).Distinct().Count());
        Assert.All(model.Nodes.Where(node => node.OpType != "Constant"), node => Assert.NotNull(node.OutputShape));
        Assert.NotEmpty(ModelCuts.Suggest(model));
        Assert.Empty(model.Notes);
    }

    [Theory]
    [InlineData(PrunerKind.MagnitudeGlobal)]
    [InlineData(PrunerKind.StructuredMagnitude)]
    public void Pruners_see_the_weights_that_are_passed_to_functions(PrunerKind kind)
    {
        var pruned = Pruner.Create(OnnxModel.Load(Functions.Layers().ToByteArray()), new PrunerOptions(kind)).Prune(0.3);
        Assert.Equal(0.3, pruned.Achieved, 0.06);
    }

    [Fact]
    public void Training_goes_through_functions()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        using var trainer = Trainer.Create(OnnxModel.Load(Functions.Layers().ToByteArray()), train, test, new TrainingSettings { Epochs = 8, BatchSize = 16, Device = DeviceKind.Cpu, Optimizer = new() { LearningRate = 0.2 } });
        var before = trainer.EvaluateInitial(null, TestContext.Current.CancellationToken);
        var after = before;
        for (var epoch = 0; epoch < 8; epoch++)
        {
            after = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        }

        Assert.True(after.TrainLoss < 0.7 * before.TrainLoss, $"{before.TrainLoss} to {after.TrainLoss}");
    }

    [Theory]
    [InlineData("layers", 15, 15)]
    [InlineData("odd", 15, 15)]
    [InlineData("odd", 17, 15)]
    [InlineData("odd", 15, 17)]
    public void OnnxRuntime_gives_the_same_before_and_after(string kind, long opset, long functionOpset)
    {
        var proto = kind == "layers" ? Functions.Layers(opset) : Functions.Odd(opset, functionOpset, plain: true);
        var flat = OnnxModel.Load(proto.ToByteArray()).CopyProto();
        Assert.Empty(flat.Functions);
        Assert.DoesNotContain(flat.OpsetImport, import => import.Domain == Functions.Domain);
        Assert.Equal(Run(proto), Run(flat));
    }

    [Theory]
    [InlineData(15, 15)]
    [InlineData(17, 15)]
    [InlineData(15, 17)]
    public void The_odd_model_is_its_formula(long opset, long functionOpset)
    {
        var shift = new[] { 0.25f, -1, 2, 0.5f, 3, -2 };
        var found = Run(OnnxModel.Load(Functions.Odd(opset, functionOpset).ToByteArray()).CopyProto());
        for (var i = 0; i < Samples.Length; i++)
        {
            var (x, inner) = (Samples[i], -Samples[i]);
            Assert.Equal(Math.Exp(-x) + shift[i % 6] + (inner < 0 ? 0.3 * inner : inner), found[i], 1e-5);
        }
    }

    [Fact]
    public void Nodes_without_names_get_names_of_their_own()
    {
        var proto = Functions.Layers();
        foreach (var node in proto.Graph.Node.Concat(proto.Functions.SelectMany(function => function.Node)))
        {
            node.Name = "";
        }

        var model = OnnxModel.Load(proto.ToByteArray());
        Assert.Equal(model.Nodes.Count, model.Nodes.Select(node => node.Name).Distinct().Count());
        Assert.Equal(Run(proto), Run(model.CopyProto()));
    }

    [Fact]
    public void An_operator_that_changed_between_the_operator_sets_is_named()
    {
        var proto = Functions.Layers(17);
        var block = proto.Functions.Single(function => function.Name == "Block");
        block.OpsetImport[0].Version = 12;
        block.Node[^1].OpType = "Softmax";
        var fault = Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(proto.ToByteArray()));
        Assert.Contains("operator sets 12 and 17", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'Softmax' in its function 'Block'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attribute_out_of_range_is_found_where_the_function_uses_it()
    {
        var proto = Functions.Layers();
        var pool = Functions.Node("MaxPool", ["h"], ["p"]);
        pool.Attribute.Add(new AttributeProto { Name = "strides", RefAttrName = "strides", Type = AttributeProto.Types.AttributeType.Ints });
        var block = proto.Functions.Single(function => function.Name == "Block");
        block.Attribute.Add("strides");
        block.Node.Insert(1, pool);
        var given = new AttributeProto { Name = "strides", Type = AttributeProto.Types.AttributeType.Ints };
        given.Ints.Add(0);
        proto.Graph.Node[0].Attribute.Add(given);
        Assert.Contains("'strides' out of range", Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(proto.ToByteArray())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(40)]
    public void Functions_that_double_are_refused_quickly(int depth)
    {
        var started = Stopwatch.GetTimestamp();
        var fault = Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(Functions.Doubling(depth).ToByteArray()));
        Assert.Contains("functions make", fault.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 2);
    }

    [Fact]
    public void Functions_that_double_a_little_are_inlined()
    {
        var model = OnnxModel.Load(Functions.Doubling(6).ToByteArray());
        Assert.Equal(64, model.Nodes.Count);
    }

    private static float[] Run(ModelProto model)
    {
        using var session = new InferenceSession(model.ToByteArray());
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(Samples, [5, 6]))]);
        return [.. results[0].AsTensor<float>()];
    }
}
