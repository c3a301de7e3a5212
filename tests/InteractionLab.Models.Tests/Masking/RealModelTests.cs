using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>The masked model against masking done outside of it, on the models that users bring.</summary>
public sealed class RealModelTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string, ValueKind> Cases()
    {
        var cases = new TheoryData<string, ValueKind>();
        foreach (var model in new[] { "mnist", "cifar_resnet8_e12", "cifar_vit", "adult_mlp5" })
        {
            foreach (var value in Enum.GetValues<ValueKind>())
            {
                cases.Add(model, value);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_equal_masking_done_outside(string name, ValueKind value)
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", name + ".onnx"));
        var (shape, sample, layout) = Case(name);
        var random = new Random(7);
        var baseline = sample.Select(_ => (float)((random.NextDouble() - 0.5) * 0.3)).ToArray();

        // Masks out of order and with repeats: the answer follows the order asked for. 101 rows leave a partial batch.
        var masks = Enumerable.Range(0, 101).Select(_ => (uint)random.Next(1 << layout.Players)).ToArray();
        var found = new double[masks.Length];
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(value, Device: DeviceKind.Cpu));
        for (var target = 0; target < masked.Classes; target += 1 + (masked.Classes / 3))
        {
            var expected = Truth.Values(onnx, shape, sample, baseline, layout, target, value, masks);
            masked.Evaluate(sample, baseline, layout, target, masks, found);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("cifar_resnet8_e12")]
    [InlineData("cifar_vit")]
    [InlineData("adult_mlp5")]
    public void Logits_are_those_of_the_file(string name)
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", name + ".onnx"));
        var (shape, sample, _) = Case(name);
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx);
        using var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu));
        var expected = Truth.Logits(session, shape, sample);
        var found = masked.Logits(sample);
        Assert.Equal(expected.Length, masked.Classes);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
    }

    [Fact]
    public void Values_of_large_logits_are_computed_in_double()
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", "mnist.onnx"));
        var (shape, sample, layout) = Case("mnist");
        var baseline = new float[sample.Length];
        uint[] masks = [.. Enumerable.Range(0, 1 << layout.Players).Select(mask => (uint)mask)];
        var options = new MaskedModelOptions(ValueKind.Logit, Device: DeviceKind.Cpu, Batch: 1);
        var logits = new float[masks.Length][];
        using (var masked = MaskedModel.Build(OnnxModel.Load(onnx), shape, options))
        {
            for (var target = 0; target < masked.Classes; target++)
            {
                var column = new double[masks.Length];
                masked.Evaluate(sample, baseline, layout, target, masks, column);
                for (var mask = 0; mask < masks.Length; mask++)
                {
                    (logits[mask] ??= new float[masked.Classes])[target] = (float)column[mask];
                    Assert.Equal(logits[mask][target], column[mask]);
                }
            }
        }

        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx);
        using var odds = MaskedModel.Build(OnnxModel.Load(onnx), shape, options with { Value = ValueKind.LogOdds });
        var found = new double[masks.Length];
        var identical = 0;
        odds.Evaluate(sample, baseline, layout, 3, masks, found);
        foreach (var mask in masks)
        {
            // The masked graph's own logits, and wherever the file run plainly gives the same bits.
            var expected = Truth.Value(logits[mask], 3, ValueKind.LogOdds);
            Assert.Equal(expected, found[mask], 1e-9 * Math.Max(1, Math.Abs(expected)));
            identical += Truth.Logits(session, shape, Truth.Masked(sample, baseline, layout, mask)).AsSpan().SequenceEqual(logits[mask]) ? 1 : 0;
        }

        Assert.True(found.Max(Math.Abs) > 500);
        Assert.True(identical > masks.Length / 2, $"{identical} of {masks.Length} rows of logits are those of the plain file");
    }

    [Fact]
    public void A_batch_of_one_is_relaxed_and_says_so()
    {
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", "mnist.onnx")));
        using var masked = MaskedModel.Build(model, [1, 28, 28], new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: 16));
        Assert.Equal(16, masked.BatchSize);
        Assert.Contains("batch dimension was freed", Assert.Single(masked.Notes), StringComparison.Ordinal);
    }

    /// <summary>Players, cells that stay and cells that are always absent, and for mnist a layout that varies by cell.</summary>
    private static (int[] Shape, float[] Sample, PlayerLayout Layout) Case(string name)
    {
        var random = new Random(11);
        switch (name)
        {
            case "adult_mlp5":
                var row = Enumerable.Range(0, 12).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
                return ([12], row, new PlayerLayout(9, [0, 1, 2, PlayerLayout.Keep, 3, 4, 5, 6, PlayerLayout.Absent, 7, 8, 8]));
            case "mnist":
                var digit = Enumerable.Range(0, 28 * 28).Select(i => Math.Abs((i % 28) - 14) < 3 && i / 28 is > 4 and < 24 ? 255f : (float)random.Next(20)).ToArray();
                return ([1, 28, 28], digit, new PlayerLayout(10, [.. Enumerable.Range(0, 28 * 28).Select(_ => random.Next(-2, 10))]));
            default:
                var grid = Pictures.Grid(3, 32, 32, 8, [9, 18, 19, 20, 27, 28, 35, 36, 43, 44]);
                return ([3, 32, 32], Pictures.Cifar(5, out _), grid with { PlayerOf = [.. grid.PlayerOf.Select((player, cell) => cell % 1024 > 1000 ? PlayerLayout.Absent : player)] });
        }
    }
}
