using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Testing;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>The models that users bring, on both executors.</summary>
public sealed class RealModelTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("adult_mlp5.onnx")]
    [InlineData("cifar_resnet8_e00.onnx")]
    [InlineData("cifar_resnet8_e12.onnx")]
    [InlineData("cifar_resnet8_reference.onnx")]
    [InlineData("cifar_vit.onnx")]
    [InlineData("mnist.onnx")]
    [InlineData("sst2_transformer.onnx")]
    public void Logits_of_the_two_executors_agree(string file)
    {
        TorchLibrary.Require();
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        var (shape, tokens) = Batch(model);
        var cells = (int)shape.Aggregate(1L, (product, size) => product * size);
        var random = new Random(7);
        var numbers = Enumerable.Range(0, cells).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray();
        var words = Enumerable.Range(0, cells).Select(i => i % shape[^1] > 30 ? 0L : random.NextInt64(3, 2000)).ToArray();

        using var session = NetworkSession.Open(model.CopyProto(), DeviceKind.Cpu, 1);
        using var fed = tokens ? OrtValue.CreateTensorValueFromMemory(words, shape) : OrtValue.CreateTensorValueFromMemory(numbers, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, session.InputNames, [fed], session.OutputNames);
        var expected = outputs[0].GetTensorDataAsSpan<float>().ToArray();

        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = TorchNetwork.Load(model, new TorchOptions()))
        using (torch.no_grad())
        using (var input = tokens ? torch.tensor(words, shape) : torch.tensor(numbers, shape))
        using (var logits = network.Logits(input, ForwardMode.Inference))
        {
            var found = logits.data<float>().ToArray();
            Assert.Equal(expected.Length, found.Length);
            for (var i = 0; i < found.Length; i++)
            {
                Assert.InRange(found[i], expected[i] - Tolerance, expected[i] + Tolerance);
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static (long[] Shape, bool Tokens) Batch(OnnxModel model)
    {
        var input = model.Summary.Inputs[0];
        return ([.. input.Shape.Select((size, axis) => size ?? (axis == 0 ? 5 : 1))], input.Type == "int64");
    }
}
