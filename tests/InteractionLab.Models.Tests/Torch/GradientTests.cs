using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;
using InteractionLab.Testing;
using TorchSharp;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>Gradients of v against finite differences in double and closed forms.</summary>
public sealed class GradientTests
{
    private static readonly float[] Weights = [2, -1, 0.5f, 3, -4, 0.25f];

    [Fact]
    public void Integrated_gradients_of_a_linear_model_are_weight_times_change()
    {
        TorchLibrary.Require();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = DifferentiableModel.Open(Linear(), [3], DeviceKind.Cpu, inDouble: true))
        {
            double[] sample = [0.7, -1.2, 2], baseline = [0.1, 0.3, -1];
            var found = model.IntegratedGradients(sample, baseline, 1, ValueKind.Logit);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(Weights[(2 * i) + 1] * (sample[i] - baseline[i]), found.Values[i], 1e-12);
            }

            Assert.Equal(0, found.ConvergenceDelta, 1e-12);
            Assert.Equal([3L], found.Shape);
            Assert.Equal(Weights[1], model.Gradient(sample, 1, ValueKind.Logit).Values[0], 1e-12);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void An_attack_on_a_linear_model_goes_by_the_sign_to_the_bound()
    {
        TorchLibrary.Require();
        using var model = DifferentiableModel.Open(Linear(), [3], DeviceKind.Cpu);
        float[][] samples = [[0.5f, 0, 1], [-1, 2, 0.25f]];
        int[] labels = [0, 1];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (var seed in new long?[] { null, 5 })
        {
            var found = model.Attack(samples, labels, new AttackOptions(0.1, 30, 0.01, seed));
            for (var row = 0; row < 2; row++)
            {
                for (var i = 0; i < 3; i++)
                {
                    // Cross-entropy of two classes falls along w_y - w_other.
                    var direction = Math.Sign(Weights[(2 * i) + 1 - labels[row]] - Weights[(2 * i) + labels[row]]);
                    Assert.Equal(samples[row][i] + (0.1 * direction), found[row][i], 1e-6);
                }
            }
        }

        var limited = model.Attack(samples, labels, new AttackOptions(0.1, 20, 0.01, null, [0.45f, -0.02f, 0.95f], [0.55f, 2, 1.05f]));
        Assert.All(limited[0].Zip((float[])[0.45f, -0.02f, 0.95f], (value, low) => value - low), margin => Assert.InRange(margin, -1e-6, 2));
        Assert.InRange(limited[0][0], 0.45f - 1e-6, 0.55f + 1e-6);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_random_start_is_named_by_its_seed_and_stays_within_the_bound()
    {
        TorchLibrary.Require();
        using var model = DifferentiableModel.Open(Linear(), [3], DeviceKind.Cpu);
        float[][] samples = [[0.5f, 0, 1], [0.5f, 0, 1]];
        float[][] Attacked(long seed) => model.Attack(samples, [0, 0], new AttackOptions(0.5, 1, 0.01, seed));
        var first = Attacked(3);
        Assert.Equal(first[0], Attacked(3)[0]);
        Assert.NotEqual(first[0], Attacked(4)[0]);
        Assert.NotEqual(first[0], first[1]);
        Assert.All(first.SelectMany(row => row.Zip(samples[0])), pair => Assert.InRange(pair.First - pair.Second, -0.5 - 1e-6, 0.5 + 1e-6));
    }

    [Theory]
    [InlineData("cifar_resnet8_e12.onnx", ValueKind.LogOdds, null)]
    [InlineData("cifar_resnet8_e12.onnx", ValueKind.LogOdds, "/l1/c1/Conv_output_0")]
    [InlineData("cifar_vit.onnx", ValueKind.Probability, null)]
    [InlineData("adult_mlp5.onnx", ValueKind.Logit, null)]
    public void Gradients_of_real_models_are_finite_differences(string file, ValueKind value, string? tensor)
    {
        TorchLibrary.Require();
        var onnx = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        int[] shape = [.. onnx.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)size!)];
        var cells = shape.Aggregate(1, (product, size) => product * size);
        var random = new Random(5);
        double[] sample = [.. Enumerable.Range(0, cells).Select(_ => (2 * random.NextDouble()) - 1)];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var model = DifferentiableModel.Open(onnx, shape, DeviceKind.Cpu, inDouble: true))
        {
            var gradient = model.Gradient(sample, 1, value, tensor);
            var point = tensor is null ? sample : model.Activations(sample, tensor);
            Assert.Equal(point.Length, gradient.Values.Count);
            const double Step = 1e-6;
            var largest = gradient.Values.Max(Math.Abs);
            for (var k = 0; k < 12; k++)
            {
                var cell = random.Next(point.Length);
                var (up, down) = ((double[])point.Clone(), (double[])point.Clone());
                up[cell] += Step;
                down[cell] -= Step;
                var difference = (model.ValueAt(sample, up, 1, value, tensor) - model.ValueAt(sample, down, 1, value, tensor)) / (2 * Step);
                Assert.InRange(gradient.Values[cell], difference - (1e-5 * largest), difference + (1e-5 * largest));
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("cifar_resnet8_e12.onnx", null)]
    [InlineData("cifar_resnet8_e12.onnx", "/l1/c1/Conv_output_0")]
    [InlineData("cifar_vit.onnx", null)]
    [InlineData("mnist.onnx", null)]
    public void Integrated_gradients_add_up_to_the_change_of_v(string file, string? tensor)
    {
        TorchLibrary.Require();
        var onnx = OnnxModel.Load(File.ReadAllBytes(SharedData.Path("models", file)));
        int[] shape = [.. onnx.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)size!)];
        var cells = shape.Aggregate(1, (product, size) => product * size);
        var random = new Random(6);
        double[] sample = [.. Enumerable.Range(0, cells).Select(_ => (2 * random.NextDouble()) - 1)];
        using var model = DifferentiableModel.Open(onnx, shape, DeviceKind.Cpu);
        var found = model.IntegratedGradients(sample, new double[cells], 2, ValueKind.LogOdds, tensor);
        Assert.Equal(found.Values.Sum(), found.VSample - found.VBaseline + found.ConvergenceDelta, 1e-9);
        Assert.InRange(Math.Abs(found.ConvergenceDelta), 0, 0.05 * Math.Max(1, Math.Abs(found.VSample - found.VBaseline)));
    }

    [Fact]
    public void Quadrature_is_exact_for_polynomials()
    {
        var (nodes, weights) = Quadrature.GaussLegendre(5);
        Assert.Equal(1, weights.Sum(), 1e-14);
        for (var degree = 0; degree < 10; degree++)
        {
            Assert.Equal(1.0 / (degree + 1), nodes.Zip(weights, (x, w) => w * Math.Pow(x, degree)).Sum(), 1e-14);
        }

        Assert.Equal(nodes.Order(), nodes);
        Assert.NotEqual(1.0 / 11, nodes.Zip(weights, (x, w) => w * Math.Pow(x, 10)).Sum(), 1e-9);
    }

    /// <summary>Logits x W of three columns and two classes.</summary>
    private static OnnxModel Linear()
    {
        var graph = new GraphBuilder();
        graph.Input("x", null, 3);
        graph.Initializer("w", Weights, 3, 2);
        graph.Node("MatMul", ["x", "w"], "logits");
        graph.Output("logits", null, 2);
        return OnnxModel.Load(graph.ToBytes());
    }
}
