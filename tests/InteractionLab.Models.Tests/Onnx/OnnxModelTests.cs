using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>What is said of real models; expected figures were read from the files by hand.</summary>
public sealed class OnnxModelTests
{
    [Theory]
    [InlineData("mnist.onnx", 8, "Input3", "Plus214_Output_0", 10, (8 * 25) + 8 + (16 * 8 * 25) + 16 + 2560 + 10)]
    [InlineData("cifar_resnet8_e12.onnx", 13, "input", "logits", 10, 448 + 4640 + 14432 + 57536 + 650)]
    [InlineData("cifar_vit.onnx", 13, "input", "logits", 10, 3136 + 4096 + (4 * 33472) + 128 + 650)]
    [InlineData("adult_mlp5.onnx", 13, "input", "logits", 2, 1300 + (3 * 10100) + 202)]
    [InlineData("sst2_transformer.onnx", 13, "input_ids", "logits", 2, (8003 * 64) + 3072 + (2 * 33472) + 128 + 130)]
    public void Real_models_are_described(string file, long opset, string input, string output, int classes, long parameters)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        Assert.Equal(opset, model.Summary.Opset);
        Assert.Equal(input, Assert.Single(model.Summary.Inputs).Name);
        Assert.Equal(output, Assert.Single(model.Summary.Outputs).Name);
        Assert.Equal(classes, model.Summary.Outputs[0].Shape[^1]);
        Assert.Equal(parameters, model.Summary.Parameters);
    }

    [Fact]
    public void Shapes_and_types_are_those_of_the_file()
    {
        var mnist = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "mnist.onnx"))).Summary;
        Assert.Equal("float32", mnist.Inputs[0].Type);
        Assert.Equal([1L, 1, 28, 28], mnist.Inputs[0].Shape);
        var resnet = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "cifar_resnet8_e12.onnx"))).Summary;
        Assert.Equal([null, 3L, 32, 32], resnet.Inputs[0].Shape);
        Assert.Equal([null, 10L], resnet.Outputs[0].Shape);
        var text = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "sst2_transformer.onnx"))).Summary;
        Assert.Equal("int64", text.Inputs[0].Type);
    }

    [Theory]
    [InlineData("mnist.onnx")]
    [InlineData("cifar_resnet8_e00.onnx")]
    [InlineData("cifar_resnet8_e12.onnx")]
    [InlineData("cifar_vit.onnx")]
    [InlineData("adult_mlp5.onnx")]
    [InlineData("sst2_transformer.onnx")]
    public void Nodes_come_in_topological_order_each_with_its_shape(string file)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        var produced = model.Nodes.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in model.Nodes)
        {
            Assert.All(node.Inputs, input => Assert.True(!produced.Contains(input) || seen.Contains(input)));
            seen.UnionWith(node.Outputs);
            Assert.NotNull(node.OutputShape);
        }

        Assert.Equal(model.Summary.Outputs[0].Shape, model.Nodes[^1].OutputShape);
    }

    [Fact]
    public void A_model_survives_the_round_trip()
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "cifar_vit.onnx")));
        var again = OnnxModel.Load(model.ToBytes());
        Assert.Equal(model.ToBytes(), again.ToBytes());
        Assert.Equal(model.Summary.Parameters, again.Summary.Parameters);
        Assert.Equal(model.Nodes.Select(node => node.Name), again.Nodes.Select(node => node.Name));
    }
}
