using Google.Protobuf;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Torch.Gradients;
using AttributeType = InteractionLab.Models.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Graphs exported in training mode give what the network gives in inference, for both executors and every use; random ones are refused.</summary>
public sealed class InferenceModeTests
{
    private static readonly float[] Weights = [.. Enumerable.Range(0, 12).Select(i => (float)Math.Cos(i))];
    private static readonly float[] Mean = [0.5f, -1, 2];
    private static readonly float[] Variance = [4, 0.25f, 1];
    private static readonly float[] Sample = [1, -2, 3, 0.5f];

    public static TheoryData<string, NetworkExecutor> Graphs
    {
        get
        {
            var data = new TheoryData<string, NetworkExecutor>();
            foreach (var kind in new[] { "dropout", "dropout by input", "dropout mask read", "dropout in a function", "norm", "norm with outputs", "norm of opset 13 with outputs", "norm whose statistics are outputs" })
            {
                data.Add(kind, NetworkExecutor.OnnxRuntime);
                data.Add(kind, NetworkExecutor.Torch);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_graph_in_training_mode_gives_the_values_of_inference_and_says_so(string kind, NetworkExecutor executor)
    {
        if (executor == NetworkExecutor.Torch)
        {
            TorchLibrary.Require();
        }

        var model = OnnxModel.Load(Trained(kind).ToByteArray());
        using var masked = MaskedModel.Build(model, [4], new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Executor: executor));
        var values = new double[16];
        masked.Evaluate(Sample, new float[4], new PlayerLayout(4, [0, 1, 2, 3]), 1, [.. Enumerable.Range(0, 16).Select(mask => (uint)mask)], values);
        for (var mask = 0; mask < 16; mask++)
        {
            var present = mask;
            Assert.Equal(Logit([.. Sample.Select((x, i) => (present >> i & 1) == 1 ? x : 0.0)], kind), values[mask], 1e-5);
        }

        Assert.Contains(masked.Notes, note => note.Contains("training mode", StringComparison.Ordinal) && note.Contains("'layer", StringComparison.Ordinal));
        Assert.DoesNotContain(masked.Notes, note => note.Contains("one row at a time", StringComparison.Ordinal));
    }

    [Fact]
    public void Gradients_classification_and_training_see_the_same_network()
    {
        TorchLibrary.Require();
        var model = OnnxModel.Load(Trained("norm").ToByteArray());
        var expected = Logit([.. Sample.Select(x => (double)x)], "norm");
        using var gradients = DifferentiableModel.Open(model, [4], DeviceKind.Cpu);
        Assert.Equal(expected, gradients.Logits([.. Sample.Select(x => (double)x)])[1], 1e-5);
        Assert.Contains(gradients.Notes, note => note.Contains("training mode", StringComparison.Ordinal));
        using var classifier = Classifier.Open(model, [4], DeviceKind.Cpu);
        Assert.Equal(expected, classifier.Logits([Sample, Sample])[1][1], 1e-5);
        Assert.Contains(classifier.Notes, note => note.Contains("training mode", StringComparison.Ordinal));
        Assert.Null(DifferentiableModel.WhyNot(model));
    }

    [Fact]
    public void The_file_stays_and_a_graph_in_inference_mode_is_left_alone()
    {
        var bytes = Trained("norm").ToByteArray();
        Assert.Equal(bytes, OnnxModel.Load(bytes).ToBytes());
        var plain = OnnxModel.Load(Trained("dropout switched off").ToByteArray());
        Assert.Empty(plain.Notes);
        Assert.Equal(plain.ToBytes(), plain.CopyProto().ToByteArray());
    }

    [Theory]
    [InlineData("norm whose statistics are read", "'layer' (BatchNormalization) was exported in training mode, and its statistics of the batch are read")]
    [InlineData("norm never trained", "'layer' (BatchNormalization) was exported in training mode: it normalises by the statistics of the batch")]
    public void Normalisation_that_cannot_be_exact_is_refused_by_name(string kind, string expected) =>
        Assert.Contains(expected, Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(Trained(kind).ToByteArray())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("RandomNormal")]
    [InlineData("RandomUniform")]
    [InlineData("RandomNormalLike")]
    [InlineData("RandomUniformLike")]
    [InlineData("Bernoulli")]
    [InlineData("Multinomial")]
    public void Random_operators_are_refused_by_name(string operation)
    {
        foreach (var place in new[] { "graph", "function", "subgraph" })
        {
            var fault = Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(Noisy(operation, place).ToByteArray()));
            Assert.Contains($"noise' ({operation}) draws random numbers", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_random_operator_that_no_output_depends_on_is_none()
    {
        var model = Noisy("RandomNormalLike", "graph");
        model.Graph.Node.Single(node => node.OpType == "Add").Input[1] = "h";
        Assert.NotEmpty(OnnxModel.Load(model.ToByteArray()).Nodes);
    }

    private static double Logit(double[] x, string kind)
    {
        var h = Enumerable.Range(0, 3).Select(k => x.Select((value, i) => value * Weights[(i * 3) + k]).Sum()).ToArray();
        return kind.StartsWith("norm", StringComparison.Ordinal)
            ? h.Select((value, k) => ((value - Mean[k]) / Math.Sqrt(Variance[k] + 1e-5) * (k + 1)) + 0.5).ToArray()[1]
            : h[1];
    }

    private static ModelProto Trained(string kind)
    {
        var norm = kind.StartsWith("norm", StringComparison.Ordinal);
        var graph = new GraphBuilder();
        graph.Input("x", null, 4);
        graph.Output("z", null, 3);
        graph.Initializer("w", Weights, 4, 3);
        graph.Initializer("ratio", [0.5f]);
        graph.Initializer("scale", [1f, 2f, 3f], 3);
        graph.Initializer("bias", [0.5f, 0.5f, 0.5f], 3);
        graph.Initializer("mean", kind == "norm never trained" ? [0f, 0f, 0f] : Mean, 3);
        graph.Initializer("var", kind == "norm never trained" ? [1f, 1f, 1f] : Variance, 3);
        graph.Node("MatMul", ["x", "w"], "h");
        var model = graph.ToModel(kind.Contains("opset 13", StringComparison.Ordinal) ? 13 : 15);
        var nodes = model.Graph.Node;
        var layer = norm ? Functions.Node("BatchNormalization", ["h", "scale", "bias", "mean", "var"], ["y"]) : Functions.Node("Dropout", ["h", "ratio", "training"], ["y"]);
        layer.Name = "layer";
        nodes.Add(layer);
        nodes.Add(Functions.Node("Identity", ["y"], ["z"]));
        if (!norm)
        {
            var flag = new TensorProto { Name = "training", DataType = (int)DataType.Bool, RawData = ByteString.CopyFrom(kind == "dropout switched off" ? (byte)0 : (byte)1) };
            switch (kind)
            {
                case "dropout by input": model.Graph.Input.Add(GraphBuilder.ValueInfo("training", DataType.Bool, [])); break;
                default: model.Graph.Initializer.Add(flag); break;
            }
        }
        else if (!kind.Contains("opset 13", StringComparison.Ordinal))
        {
            layer.Attribute.Add(new AttributeProto { Name = "training_mode", Type = AttributeType.Int, I = 1 });
        }

        switch (kind)
        {
            case "dropout mask read":
                layer.Output.Add("kept");
                var cast = Functions.Node("Cast", ["kept"], ["ones"]);
                cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (long)DataType.Float });
                nodes.Insert(2, cast);
                nodes[^1] = Functions.Node("Mul", ["y", "ones"], ["z"]);
                break;
            case "dropout in a function":
                var function = Functions.Function("Drop", ["h", "ratio", "training"], ["y"], 15);
                function.Node.Add(layer.Clone());
                model.Functions.Add(function);
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = Functions.Domain, Version = 1 });
                (layer.OpType, layer.Domain) = ("Drop", Functions.Domain);
                break;
            case "norm with outputs": layer.Output.Add(["new_mean", "new_var"]); break;
            case "norm of opset 13 with outputs": layer.Output.Add(["new_mean", "new_var", "saved_mean", "saved_var"]); break;
            case "norm whose statistics are outputs":
                layer.Output.Add(["new_mean", "new_var"]);
                model.Graph.Output.Add(GraphBuilder.ValueInfo("new_mean", DataType.Float, [3]));
                model.Graph.Output.Add(GraphBuilder.ValueInfo("new_var", DataType.Float, [3]));
                break;
            case "norm whose statistics are read":
                layer.Output.Add(["new_mean", "new_var"]);
                nodes[^1] = Functions.Node("Add", ["y", "new_mean"], ["z"]);
                break;
            default: break;
        }

        return model;
    }

    private static ModelProto Noisy(string operation, string place)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 4);
        graph.Output("z", null, 3);
        graph.Initializer("w", Weights, 4, 3);
        graph.Node("MatMul", ["x", "w"], "h");
        var model = graph.ToModel(15);
        var draws = operation is "RandomNormal" or "RandomUniform";
        var noise = Functions.Node(operation, draws ? [] : ["h"], ["n"]);
        noise.Name = "noise";
        if (draws)
        {
            var shape = new AttributeProto { Name = "shape", Type = AttributeType.Ints };
            shape.Ints.Add([1, 3]);
            noise.Attribute.Add(shape);
        }

        var nodes = model.Graph.Node;
        if (operation == "Multinomial")
        {
            // It gives whole numbers.
            noise.Output[0] = "drawn";
            var cast = Functions.Node("Cast", ["drawn"], ["n"]);
            cast.Attribute.Add(new AttributeProto { Name = "to", Type = AttributeType.Int, I = (long)DataType.Float });
            nodes.Add([noise, cast]);
        }
        else
        {
            nodes.Add(noise);
        }

        nodes.Add(Functions.Node("Add", ["h", "n"], ["z"]));
        if (place == "function")
        {
            var function = Functions.Function("Noise", ["h"], ["z"], 15);
            function.Node.Add(nodes.Skip(1).ToList());
            while (nodes.Count > 1)
            {
                nodes.RemoveAt(1);
            }

            nodes.Add(Functions.Node("Noise", ["h"], ["z"], Functions.Domain));
            model.Functions.Add(function);
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Functions.Domain, Version = 1 });
        }
        else if (place == "subgraph")
        {
            var then = new GraphProto { Name = "then" };
            then.Node.Add(nodes.Skip(1).Select(node => node.Clone()));
            then.Node[^1].Output[0] = "inside";
            then.Output.Add(new ValueInfoProto { Name = "inside" });
            var otherwise = new GraphProto { Name = "else" };
            otherwise.Node.Add(Functions.Node("Identity", ["h"], ["plain"]));
            otherwise.Output.Add(new ValueInfoProto { Name = "plain" });
            while (nodes.Count > 1)
            {
                nodes.RemoveAt(1);
            }

            model.Graph.Initializer.Add(new TensorProto { Name = "yes", DataType = (int)DataType.Bool, RawData = ByteString.CopyFrom(1) });
            var branch = Functions.Node("If", ["yes"], ["z"]);
            branch.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = then });
            branch.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = otherwise });
            nodes.Add(branch);
        }

        return model;
    }
}
