using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Models cut at a tensor between against masking done by hand in two plain sessions.</summary>
[Trait("speed", "slow")]
public sealed class CutTests
{
    private const double Tolerance = 1e-4;

    /// <summary>Clean cuts, and some that residual connections and padding masks lead round.</summary>
    public static TheoryData<string, string, bool> Cuts() => new()
    {
        { "cifar_resnet8_e12", "/Relu_output_0", false },
        { "cifar_resnet8_e12", "/stem/Conv_output_0", false },
        { "cifar_resnet8_e12", "/l1/Relu_1_output_0", false },
        { "cifar_resnet8_e12", "/l2/Relu_1_output_0", false },
        { "cifar_resnet8_e12", "/l1/Relu_output_0", true },
        { "cifar_resnet8_e12", "/l2/c2/Conv_output_0", true },
        { "cifar_vit", "/p/Conv_output_0", false },
        { "cifar_vit", "/Add_output_0", false },
        { "cifar_vit", "/e.0/Add_2_output_0", false },
        { "cifar_vit", "/e.2/Add_output_0", false },
        { "cifar_vit", "/e.1/n1/Add_1_output_0", true },
        { "cifar_vit", "/e.0/MatMul_1_output_0", true },
        { "cifar_vit", "/e.0/qkv/Add_output_0", true },
        { "sst2_transformer", "/emb/Gather_output_0", false },
        { "sst2_transformer", "/Add_output_0", false },
        { "sst2_transformer", "/e.0/Add_3_output_0", false },
        { "sst2_transformer", "/e.0/f1/Add_output_0", true },
        { "mnist", "ReLU32_Output_0", false },
        { "mnist", "Pooling66_Output_0", false },
        { "mnist", "Pooling160_Output_0", false },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Values_equal_masking_done_by_hand(string name, string cut, bool leaks)
    {
        var (onnx, shape, sample, other) = Case(name);
        using var truth = new CutTruth(onnx, shape, cut);
        var (feature, cutShape) = truth.Feature(sample);
        var baseline = truth.Feature(other).Values;
        var (layout, masks) = Game(feature.Length, 101);
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu));
        Assert.Equal(cutShape, masked.MaskedShape);
        Assert.Equal(leaks, masked.Notes.Any(note => note.Contains("round the cut", StringComparison.Ordinal)));
        var head = masked.Feature(sample);
        Assert.All(feature.Zip(head), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));

        var found = new double[masks.Length];
        foreach (var target in (int[])[0, masked.Classes - 1])
        {
            var expected = truth.Values(sample, baseline, layout, target, ValueKind.LogOdds, masks);
            masked.Evaluate(sample, baseline, layout, target, masks, found);
            Assert.True(expected.Max() - expected.Min() > 0.01, "the masks make no difference");
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Torch_gives_what_ONNX_Runtime_gives(string name, string cut, bool leaks)
    {
        if (NetworkDevice.Missing(NetworkExecutor.Torch) is { } missing)
        {
            Assert.Skip(missing);
        }

        var (onnx, shape, sample, other) = Case(name);
        var options = new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu);
        using var runtime = MaskedModel.Build(OnnxModel.Load(onnx), shape, options);
        using var torch = MaskedModel.Build(OnnxModel.Load(onnx), shape, options with { Executor = NetworkExecutor.Torch });
        var baseline = runtime.Feature(other);
        var (layout, masks) = Game(baseline.Length, 40);
        var (expected, found) = (new double[masks.Length], new double[masks.Length]);
        runtime.Evaluate(sample, baseline, layout, 1, masks, expected);
        torch.Evaluate(sample, baseline, layout, 1, masks, found);
        Assert.Equal(runtime.Notes, torch.Notes);
        Assert.Equal(leaks, torch.Notes.Any(note => note.Contains("round the cut", StringComparison.Ordinal)));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
    }

    [Theory]
    [InlineData("cifar_resnet8_e12", "/Relu_output_0")]
    [InlineData("cifar_resnet8_e12", "/l1/Relu_output_0")]
    [InlineData("sst2_transformer", "/emb/Gather_output_0")]
    public void Integrated_gradients_at_a_cut_add_up_to_the_span_of_its_game(string name, string cut)
    {
        if (NetworkDevice.Missing(NetworkExecutor.Torch) is { } missing)
        {
            Assert.Skip(missing);
        }

        var (onnx, shape, sample, other) = Case(name);
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu));
        using var gradients = DifferentiableModel.Open(OnnxModel.Load(onnx), shape, DeviceKind.Cpu);
        var baseline = masked.Feature(other);
        var v = new double[2];
        masked.Evaluate(sample, baseline, new PlayerLayout(1, new int[baseline.Length]), 1, [0, 1], v);
        var found = gradients.IntegratedGradientsFrom([.. sample.Select(cell => (double)cell)], [.. baseline.Select(cell => (double)cell)], 1, ValueKind.LogOdds, cut);
        Assert.Equal(v[0], found.VBaseline, 1e-4 * Math.Max(1, Math.Abs(v[0])));
        Assert.Equal(v[1], found.VSample, 1e-4 * Math.Max(1, Math.Abs(v[1])));
        Assert.Equal(v[1] - v[0], found.Values.Sum(), 0.02 * Math.Abs(v[1] - v[0]));
    }

    [Theory]
    [InlineData("adult_mlp5")]
    [InlineData("cifar_resnet8_e12")]
    public void A_cut_at_the_input_is_no_cut(string name)
    {
        var (onnx, shape, sample, other) = Case(name);
        var model = OnnxModel.Load(onnx);
        var options = new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu);
        using var plain = MaskedModel.Build(model, shape, options);
        using var cut = MaskedModel.Build(model, shape, options with { Cut = model.Summary.Inputs[0].Name });
        var (layout, masks) = Game(sample.Length, 101);
        var (expected, found) = (new double[masks.Length], new double[masks.Length]);
        plain.Evaluate(sample, other, layout, 1, masks, expected);
        cut.Evaluate(sample, other, layout, 1, masks, found);
        Assert.Equal(shape, cut.MaskedShape);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Everything_present_is_the_sample_and_a_head_serves_any_sample()
    {
        var (onnx, shape, sample, other) = Case("cifar_resnet8_e12");
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.Logit, "/l1/Relu_output_0", DeviceKind.Cpu, Batch: 3));
        var (layout, _) = Game(masked.Feature(sample).Length, 1);
        var v = new double[1];
        foreach (var given in (float[][])[sample, other, sample])
        {
            masked.Evaluate(given, new float[layout.PlayerOf.Count], layout with { PlayerOf = [.. layout.PlayerOf.Select(player => Math.Max(player, 0))] }, 4, [(1u << layout.Players) - 1], v);
            Assert.Equal(masked.Logits(given)[4], v[0], 1e-4);
        }
    }

    [Theory]
    [InlineData("cifar_resnet8_e12", "/Relu_output_1", "no tensor '/Relu_output_1'")]
    [InlineData("cifar_resnet8_e12", "/Relu_output_1", "Close ones are '/Relu_output_0'")]
    [InlineData("cifar_resnet8_e12", "logits", "the output itself")]
    [InlineData("cifar_resnet8_e12", "fc.weight", "is a weight")]
    [InlineData("cifar_vit", "/Shape_output_0", "does not depend on the input but for its shape")]
    [InlineData("cifar_vit", "/e.0/Constant_output_0", "does not depend on the input")]
    [InlineData("cifar_vit", "/e.0/Split_output_0", "first dimension is not the batch")]
    [InlineData("sst2_transformer", "/Equal_output_0", "holds bool; only floating-point")]
    public void A_tensor_that_cannot_be_cut_is_refused(string name, string cut, string why)
    {
        var (onnx, shape, _, _) = Case(name);
        var refusal = Assert.Throws<ModelRejectedException>(() => MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu)));
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Baseline_and_layout_have_the_shape_of_the_cut()
    {
        var (onnx, shape, sample, _) = Case("cifar_resnet8_e12");
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.LogOdds, "/l3/Relu_output_0", DeviceKind.Cpu));
        Assert.Equal([64, 8, 8], masked.MaskedShape);
        var (layout, masks) = Game(4096, 2);
        Assert.Throws<ArgumentException>("baseline", () => masked.Evaluate(sample, sample, layout, 0, masks, new double[2]));
        Assert.Throws<ArgumentException>("layout", () => masked.Evaluate(sample, new float[4096], layout with { PlayerOf = new int[sample.Length] }, 0, masks, new double[2]));
    }

    private static (byte[] Onnx, int[] Shape, float[] Sample, float[] Other) Case(string name)
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", name + ".onnx"));
        var random = new Random(11);
        float[] Noise(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * scale))];
        return name switch
        {
            "adult_mlp5" => (onnx, [12], Noise(12, 4), Noise(12, 1)),
            "mnist" => (onnx, [1, 28, 28], [.. Enumerable.Range(0, 784).Select(i => Math.Abs((i % 28) - 14) < 3 && i / 28 is > 4 and < 24 ? 255f : random.Next(20))], new float[784]),
            "sst2_transformer" => (onnx, [48], Text(random, 19), Text(random, 30)),
            _ => (onnx, [3, 32, 32], Pictures.Cifar(5, out _), Noise(3 * 1024, 0.3)),
        };
    }

    private static float[] Text(Random random, int words) => [.. Enumerable.Range(0, 48).Select(i => i < words ? random.Next(3, 900) : 0f)];

    /// <summary>Players over single cells, cells that stay and cells that are always absent.</summary>
    private static (PlayerLayout Layout, uint[] Masks) Game(int cells, int masks)
    {
        var random = new Random(7);
        var layout = new PlayerLayout(9, [.. Enumerable.Range(0, cells).Select(_ => random.Next(-2, 9))]);
        return (layout, [.. Enumerable.Range(0, masks).Select(_ => (uint)random.Next(1 << 9))]);
    }
}
