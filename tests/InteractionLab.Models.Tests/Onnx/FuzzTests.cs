using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Damaged files are refused or accepted; they never bring the process down or throw anything else.</summary>
[Trait("speed", "slow")]
public sealed class FuzzTests
{
    [Theory]
    [InlineData("mnist.onnx", 1, 800)]
    [InlineData("cifar_resnet8_e12.onnx", 2, 200)]
    public void Files_with_damaged_bytes_are_refused_or_accepted(string file, int seed, int count)
    {
        var original = File.ReadAllBytes(SharedData.Path("models", file));
        var random = new Random(seed);
        Try(count, i => Mutations.Bytes(original, random));
    }

    [Theory]
    [InlineData("mnist.onnx", 3, 800)]
    [InlineData("cifar_resnet8_e12.onnx", 4, 200)]
    [InlineData("cifar_vit.onnx", 5, 60)]
    public void Files_with_awkward_fields_are_refused_or_accepted(string file, int seed, int count)
    {
        var original = ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedData.Path("models", file)));
        var random = new Random(seed);
        Try(count, i => Mutations.Fields(original, random));
    }

    private static void Try(int count, Func<int, byte[]> mutate)
    {
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var bytes = mutate(i);
            try
            {
                var model = OnnxModel.Load(bytes);
                Assert.NotNull(model.Nodes);
            }
            catch (ModelRejectedException reason)
            {
                refused++;
                Assert.False(string.IsNullOrWhiteSpace(reason.Message));
                Assert.DoesNotContain("/onnxruntime", reason.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(refused, count / 4, count);
    }
}
