using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Testing;
using TorchSharp;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>Masked models on both executors: the same v over all masks.</summary>
public sealed class MaskedExecutorTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("cifar_resnet8_e12.onnx", ValueKind.LogOdds)]
    [InlineData("cifar_vit.onnx", ValueKind.LogOdds)]
    [InlineData("cifar_vit.onnx", ValueKind.Probability)]
    [InlineData("mnist.onnx", ValueKind.Logit)]
    [InlineData("adult_mlp5.onnx", ValueKind.LogOdds)]
    [InlineData("sst2_transformer.onnx", ValueKind.LogOdds)]
    public void Tables_of_v_agree(string file, ValueKind value)
    {
        TorchLibrary.Require();
        var model = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        int[] shape = [.. model.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)size!)];
        var cells = shape.Aggregate(1, (product, size) => product * size);
        var random = new Random(11);
        var tokens = model.Summary.Inputs[0].Type == "int64";
        var sample = tokens ? [.. Enumerable.Range(0, cells).Select(i => i > 30 ? 0f : random.Next(3, 2000))] : Numbers(cells, random);
        var baseline = tokens ? [.. sample.Select(token => token == 0 ? 0f : 2)] : Numbers(cells, random);
        const int Players = 8;
        var layout = new PlayerLayout(Players, [.. Enumerable.Range(0, cells).Select(cell => cell * Players / cells)]);
        var masks = Enumerable.Range(0, 1 << Players).Select(mask => (uint)mask).ToArray();

        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var tables = new List<double[]>();
        foreach (var executor in new[] { NetworkExecutor.OnnxRuntime, NetworkExecutor.Torch })
        {
            using var masked = MaskedModel.Build(model, shape, new MaskedModelOptions(value, Device: DeviceKind.Cpu, Executor: executor));
            var v = new double[masks.Length];
            masked.Evaluate(sample, baseline, layout, 1, masks, v);
            tables.Add(v);
        }

        for (var mask = 0; mask < masks.Length; mask++)
        {
            Assert.InRange(tables[1][mask], tables[0][mask] - Tolerance, tables[0][mask] + Tolerance);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static float[] Numbers(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
}
