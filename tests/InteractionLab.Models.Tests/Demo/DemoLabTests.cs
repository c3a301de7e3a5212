using System.Diagnostics;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Demo;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Datasets;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Tests.Demo;

public class DemoLabTests
{
    [Fact]
    public void The_network_is_good_the_bytes_are_always_the_same_and_the_importer_takes_them()
    {
        var reports = new List<double>();
        var watch = Stopwatch.StartNew();
        var demo = DemoLab.Create(7, new Collect(reports), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"accuracy {demo.Accuracy:F4}, {watch.Elapsed.TotalSeconds:F1} s, onnx {demo.Onnx.Length} bytes, dataset {demo.Dataset.Length} bytes");
        Assert.InRange(demo.Accuracy, 0.93, 0.999);
        Assert.Equal(1, reports[^1]);

        var again = DemoLab.Create(7, null, TestContext.Current.CancellationToken);
        Assert.Equal(demo.Onnx, again.Onnx);
        Assert.Equal(demo.Dataset, again.Dataset);

        using var upload = new Upload();
        using var dataset = upload.Add(demo.DatasetFileName, demo.Dataset).Open(demo.DatasetFormat, demo.DatasetOptions);
        Assert.Equal(demo.ClassNames, dataset.Summary.ClassNames);
        Assert.Equal((240, SampleKind.Image), (dataset.Summary.Count, dataset.Summary.Kind));
        Assert.Equal([3, 16, 16], dataset.Summary.SampleShape);

        var summary = OnnxModel.Load(demo.Onnx).Summary;
        Assert.Equal([null, 3, 16, 16], Assert.Single(summary.Inputs).Shape);
        using var session = new InferenceSession(demo.Onnx);
        var right = Enumerable.Range(0, 240).Count(i => Logits(session, dataset.Get(i).Values) is var z && Array.IndexOf(z, z.Max()) == dataset.Labels![i]);
        // 240 pictures: three standard errors at 95 % are 4 %.
        Assert.InRange(right / 240.0, demo.Accuracy - 0.05, 1);
    }

    [Fact]
    public void The_file_computes_what_the_training_loop_computed()
    {
        // Weights need not be good for this, so they are left as they were drawn.
        var network = new ShapeNetwork(new Random(3));
        using var session = new InferenceSession(ShapeNetworkExport.ToOnnx(network));
        var pictures = new ShapePictures(4);
        var picture = new byte[ShapePictures.Size];
        var input = new float[ShapePictures.Size];
        for (var i = 0; i < 20; i++)
        {
            pictures.Draw(i % 4, picture);
            ShapePictures.Normalise(picture, input);
            var planar = new float[input.Length];
            for (var k = 0; k < planar.Length; k++)
            {
                planar[k] = input[(k % 256 * 3) + (k / 256)];
            }

            var expected = network.Forward(picture).ToArray();
            var actual = Logits(session, planar);
            Assert.Equal(expected.Length, actual.Length);
            for (var c = 0; c < expected.Length; c++)
            {
                Assert.Equal(expected[c], actual[c], 1e-4f);
            }
        }
    }

    [Fact]
    public void Gradients_equal_difference_quotients()
    {
        var network = new ShapeNetwork(new Random(5));
        var picture = new byte[ShapePictures.Size];
        new ShapePictures(6).Draw(2, picture);
        network.Refresh();
        network.Forward(picture);
        network.Backward(2);

        var worst = new List<double>();
        var random = new Random(1);
        foreach (var parameter in network.Parameters)
        {
            for (var trial = 0; trial < 12; trial++)
            {
                var i = random.Next(parameter.Values.Length);
                const float Step = 5e-4f;
                var value = parameter.Values[i];
                parameter.Values[i] = value + Step;
                var up = Loss();
                parameter.Values[i] = value - Step;
                var down = Loss();
                parameter.Values[i] = value;
                worst.Add(Math.Abs(((up - down) / (2 * Step)) - parameter.Gradient[i]) / (0.1 + Math.Abs(parameter.Gradient[i])));
            }
        }

        // A step may carry a maximum or a ReLU over its kink, where the two differ; nearly all do not.
        worst.Sort();
        Assert.InRange(worst[worst.Count * 9 / 10], 0, 1e-2);
        Assert.InRange(worst[^1], 0, 0.3);

        double Loss()
        {
            var logits = network.Forward(picture).ToArray();
            return Math.Log(logits.Sum(z => Math.Exp(z - logits[2])));
        }
    }

    [Fact]
    public void It_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => DemoLab.Create(1, null, new CancellationToken(true)));

    private static float[] Logits(InferenceSession session, float[] values)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(values, [1, 3, 16, 16]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["input"], [input], ["logits"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private sealed class Collect(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
