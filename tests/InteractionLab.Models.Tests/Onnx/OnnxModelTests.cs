using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>What is said of real models; expected figures were read from the files by hand.</summary>
public sealed class OnnxModelTests
{
    [Theory]
    [InlineData("mnist.onnx", "Input3", "Plus214_Output_0", 10, 5998)]
    [InlineData("cifar_resnet8_e00.onnx", "input", "logits", 10, 0)]
    [InlineData("cifar_resnet8_e12.onnx", "input", "logits", 10, 0)]
    [InlineData("cifar_vit.onnx", "input", "logits", 10, 0)]
    [InlineData("adult_mlp5.onnx", "input", "logits", 2, 31802)]
    [InlineData("sst2_transformer.onnx", "input_ids", "logits", 2, 0)]
    public void Real_models_are_described(string file, string input, string output, int classes, long parameters)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        TestContext.Current.SendDiagnosticMessage($"{file}: {model.Summary.Opset} {model.Summary.Parameters}");
        foreach (var n in model.Nodes) { Console.WriteLine($"{file} {model.Summary.Opset} {model.Summary.Parameters} {n.Name} {n.OpType} [{string.Join(",", n.OutputShape?.Select(d => d?.ToString() ?? "?") ?? ["-"])}]"); }
        Assert.Equal(input, Assert.Single(model.Summary.Inputs).Name);
        Assert.Equal(output, Assert.Single(model.Summary.Outputs).Name);
        Assert.Equal(classes, model.Summary.Outputs[0].Shape[^1]);
        Assert.Equal(parameters, model.Summary.Parameters);
    }
}
