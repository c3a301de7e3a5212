using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Channels cut out of the models that users bring, at 10 to 90 % wherever the model has as much to give.</summary>
public sealed class StructuredModelTests
{
    public static TheoryData<string, PrunerKind> Cases()
    {
        var cases = new TheoryData<string, PrunerKind>();
        foreach (var model in new[] { "mnist", "cifar_resnet8_e00", "cifar_resnet8_e12", "cifar_vit", "adult_mlp5", "sst2_transformer" })
        {
            cases.Add(model, PrunerKind.StructuredMagnitude);
            cases.Add(model, PrunerKind.StructuredIsomorphic);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cutting_is_zeroing(string name, PrunerKind kind)
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var pruner = Pruner.Create(model, new PrunerOptions(kind));
        Assert.Same(model, pruner.Prune(0).Model);
        for (var ratio = 0.1; ratio < Math.Min(0.91, pruner.MaxRatio); ratio += 0.1)
        {
            var pruned = pruner.Prune(ratio);
            Equivalence.Check(model, pruned, seed: 3);
        }

        var last = pruner.Prune(pruner.MaxRatio);
        Assert.Equal(pruner.MaxRatio, last.Achieved, 1e-12);
        Assert.All(last.Groups, group => Assert.Equal(group.Channels - 1, group.Removed.Count));
        Equivalence.Check(model, last, seed: 4);
    }
}
