using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Pruning;
using InteractionLab.Models.Tests.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Odd models that the upload check lets pass are pruned or refused; nothing else is thrown.</summary>
public sealed class DamagedModelTests
{
    [Theory]
    [InlineData("mnist.onnx", 11, 150)]
    [InlineData("cifar_resnet8_e12.onnx", 12, 60)]
    [InlineData("cifar_vit.onnx", 13, 40)]
    public void Models_with_awkward_fields_are_pruned_or_refused(string file, int seed, int count)
    {
        var original = ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedData.Path("models", file)));
        var random = new Random(seed);
        var pruned = 0;
        for (var i = 0; i < count; i++)
        {
            try
            {
                var model = OnnxModel.Load(Mutations.Fields(original, random));
                foreach (var kind in new[] { PrunerKind.MagnitudeGlobal, PrunerKind.StructuredMagnitude })
                {
                    var pruner = Pruner.Create(model, new PrunerOptions(kind));
                    Assert.InRange(pruner.Prune(pruner.MaxRatio / 2).Achieved, 0, 1);
                    pruned++;
                }
            }
            catch (ModelRejectedException reason)
            {
                Assert.False(string.IsNullOrWhiteSpace(reason.Message));
            }
        }

        Assert.True(pruned > count / 30, $"only {pruned} of {2 * count} could be pruned");
    }
}
