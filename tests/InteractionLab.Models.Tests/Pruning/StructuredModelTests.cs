using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Tests.Zoo;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Zoo;
using InteractionLab.Testing;
using TorchSharp;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Pruning;

/// <summary>Channels cut out of the models that users bring, at 10 to 90 % wherever the model has as much to give.</summary>
[Trait("speed", "slow")]
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

    public static TheoryData<string> Networks => new((string[])["mnist", "cifar_resnet8_e12", "cifar_vit", "adult_mlp5", "sst2_transformer", .. ModelZooTests.Small.Select(row => row.Data).Where(json => !json.Contains("\"depth\": 1}", StringComparison.Ordinal))]);

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

    [Theory]
    [MemberData(nameof(ModelZooTests.Small), MemberType = typeof(ModelZooTests))]
    public void Cutting_is_zeroing_for_every_architecture_of_the_zoo(string json)
    {
        var architecture = ZooNetworks.Read(json);
        var model = ModelZoo.Build(architecture, ModelZooTests.InputFor(architecture), 3);
        if (architecture.Name == "mlp" && architecture.Integer("depth") == 1)
        {
            Net.Frozen(model);
            return;
        }

        var pruner = Pruner.Create(model, new PrunerOptions(PrunerKind.StructuredMagnitude));
        foreach (var ratio in new[] { 0.1, 0.3, 0.5, 0.7, 0.9 })
        {
            Equivalence.Check(model, pruner.Prune(Math.Min(ratio, pruner.MaxRatio)), seed: 3);
        }

        pruner = Pruner.Create(model, new PrunerOptions(PrunerKind.StructuredIsomorphic));
        Equivalence.Check(model, pruner.Prune(pruner.MaxRatio / 2), seed: 4);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Both_executors_agree_on_pruned_networks(string name)
    {
        TorchLibrary.Require();
        var model = name[0] == '{'
            ? ModelZoo.Build(ZooNetworks.Read(name), ModelZooTests.InputFor(ZooNetworks.Read(name)), 3)
            : OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        var pruner = Pruner.Create(model, new PrunerOptions(PrunerKind.StructuredMagnitude));
        var feeds = Equivalence.Feeds(model, seed: 5);
        foreach (var ratio in new[] { 0.1, 0.9 })
        {
            var pruned = pruner.Prune(Math.Min(ratio, pruner.MaxRatio)).Model;
            var expected = Equivalence.Run(pruned.ToBytes(), feeds);
            var found = InTorch(pruned, feeds);
            Assert.Equal(expected.Length, found.Length);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Fact]
    public void A_pruned_network_of_fixed_batch_is_still_masked_in_larger_ones()
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "mnist.onnx")));
        var pruned = Pruner.Create(model, new PrunerOptions(PrunerKind.StructuredMagnitude)).Prune(0.5).Model;
        using var masked = MaskedModel.Build(pruned, [1, 28, 28], new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: 16));
        Assert.Equal(16, masked.BatchSize);
        Assert.Equal(10, masked.Logits(new float[28 * 28]).Length);
    }

    private static double[] InTorch(OnnxModel model, Dictionary<string, (long[] Shape, DataType Type, double[] Values)> feeds)
    {
        var (shape, type, values) = Assert.Single(feeds).Value;
        using var network = TorchNetwork.Load(model, new TorchOptions());
        using var gradients = torch.no_grad();
        using var input = type == DataType.Float ? torch.tensor(Array.ConvertAll(values, value => (float)value), shape) : torch.tensor(Array.ConvertAll(values, value => (long)value), shape);
        using var logits = network.Logits(input, ForwardMode.Inference);
        return [.. logits.data<float>().ToArray().Select(value => (double)value)];
    }
}
