using Google.Protobuf;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Quantised weights are refused by what they are; weights that are rounded on their way are pruned exactly.</summary>
public sealed class QuantizedTests
{
    private const float Scale = 0.02f;
    private const byte ZeroPoint = 131;
    private static readonly float[] Weights = [0.5f, -0.3f, 0.04f, -0.9f, 0.7f, 0.02f];

    [Theory]
    [InlineData(PrunerKind.MagnitudeGlobal)]
    [InlineData(PrunerKind.MagnitudeLayer)]
    [InlineData(PrunerKind.Random)]
    [InlineData(PrunerKind.StructuredMagnitude)]
    [InlineData(PrunerKind.StructuredIsomorphic)]
    public void Stored_whole_numbers_are_refused_by_the_node(PrunerKind kind)
    {
        var fault = Assert.Throws<ModelRejectedException>(() => Pruner.Create(OnnxModel.Load(Model(stored: true).ToByteArray()), new PrunerOptions(kind)));
        Assert.Contains("weights are quantised: the node 'numbers' (DequantizeLinear)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_rounded_on_their_way_are_zero_after_it()
    {
        var pruned = Pruner.Create(OnnxModel.Load(Model(stored: false).ToByteArray()), new PrunerOptions(PrunerKind.MagnitudeGlobal)).Prune(0.5);
        Assert.Equal((3, 6), (pruned.Zeroed, pruned.Prunable));
        using var session = new InferenceSession(pruned.Model.ToBytes());
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 1 }, [3, 3]))]);
        float[] expected = [0.5f, 0, 0, -0.9f, 0.7f, 0];
        Assert.All(expected.Zip(results[0].AsTensor<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    private static ModelProto Model(bool stored)
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 3);
        graph.Output("z", null, 2);
        graph.Initializer("scale", [Scale]);
        var model = graph.ToModel();
        var zero = new TensorProto { Name = "zero", DataType = (int)DataType.Uint8, RawData = ByteString.CopyFrom(ZeroPoint) };
        model.Graph.Initializer.Add(zero);
        if (stored)
        {
            var whole = new TensorProto { Name = "whole", DataType = (int)DataType.Uint8, RawData = ByteString.CopyFrom([.. Weights.Select(weight => (byte)(Math.Round(weight / Scale) + ZeroPoint))]) };
            whole.Dims.Add([3, 2]);
            model.Graph.Initializer.Add(whole);
        }
        else
        {
            graph.Initializer("w", Weights, 3, 2);
            graph.Node("QuantizeLinear", ["w", "scale", "zero"], "whole");
        }

        graph.Node("DequantizeLinear", ["whole", "scale", "zero"], "numbers");
        graph.Node("MatMul", ["x", "numbers"], "z");
        return model;
    }
}
