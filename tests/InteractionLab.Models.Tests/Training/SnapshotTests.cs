using System.Diagnostics;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Masking;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Training;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Training;

/// <summary>A trained network is an ordinary ONNX file: ONNX Runtime gives its logits, and ONNX's own checker takes it.</summary>
public sealed class SnapshotTests
{
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData("""{"name": "mlp", "depth": 3, "width": 16}""", false)]
    [InlineData("""{"name": "resnet", "depth": 8, "width": 4}""", true)]
    [InlineData("""{"name": "vit", "patch": 4, "width": 16, "depth": 1, "heads": 2}""", true)]
    public void A_snapshot_gives_the_logits_of_the_network_in_ONNX_Runtime(string architecture, bool pictures)
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var dataset = pictures ? data.Pictures() : data.Rows();
        using var network = TorchNetwork.Load(Trained(dataset, architecture), new TorchOptions());
        using var session = new InferenceSession(network.Export().ToBytes());
        for (var index = 0; index < 5; index++)
        {
            using var scope = NewDisposeScope();
            var sample = dataset.Get(index);
            int[] shape = [.. dataset.Summary.SampleShape];
            using var logits = network.Logits(tensor(sample.Values, [1L, .. shape.Select(side => (long)side)]), ForwardMode.Inference);
            var expected = logits.detach().data<float>().ToArray();
            var actual = Truth.Logits(session, shape, sample.Values);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public void Snapshots_pass_the_checker_of_ONNX()
    {
        TorchLibrary.Require();
        Assert.SkipUnless(File.Exists(Python) && Run("import onnx").Code == 0, "Python's onnx package (Debian: python3-onnx) is not installed.");
        using var data = new TrainingData();
        foreach (var (dataset, architecture) in new[] { (data.Rows(), """{"name": "mlp"}"""), (data.Pictures(), """{"name": "resnet", "depth": 8, "width": 4}""") })
        {
            var path = Path.Combine(data.Folder("checked"), "snapshot.onnx");
            File.WriteAllBytes(path, Trained(dataset, architecture).ToBytes());
            var (code, output) = Run($"import onnx; m = onnx.load('{path}'); onnx.checker.check_model(m, full_check=True); print(len(m.graph.node))");
            Assert.True(code == 0, output);
        }

        // The checker does find faults: a file cut short is one.
        var broken = Path.Combine(data.Folder("checked"), "broken.onnx");
        File.WriteAllBytes(broken, Trained(data.Rows(), """{"name": "mlp"}""").ToBytes()[..^100]);
        Assert.NotEqual(0, Run($"import onnx; onnx.checker.check_model(onnx.load('{broken}'), full_check=True)").Code);
    }

    private static OnnxModel Trained(IDataset dataset, string architecture)
    {
        var (train, test) = TrainingData.Split(dataset);
        using var trainer = Trainer.Create(
            TrainingData.Network(dataset, architecture), train, test, new() { Epochs = 1, BatchSize = 16, Optimizer = new() { LearningRate = 0.05 }, Device = DeviceKind.Cpu });
        trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        return trainer.Snapshot();
    }

    private static (int Code, string Output) Run(string script)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.GetAwaiter().GetResult() + errors);
    }
}
