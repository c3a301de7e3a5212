using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.TrainingDynamics;

/// <summary>
/// Six snapshots of a ResNet-8 on CIFAR-10 and a reference trained on other pictures. A short run by default; with
/// LAB_FULL=1 in the environment the whole one of docs/training-dynamics.md (10 players, 20 samples of each split).
/// </summary>
[Trait("speed", "slow")]
public sealed class RealSnapshotTests : IDisposable
{
    private const string CifarOptions = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";
    private static readonly int[] Epochs = [0, 1, 2, 4, 8, 12];
    private static readonly bool Full = Environment.GetEnvironmentVariable("LAB_FULL") == "1";
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task The_dynamics_of_six_snapshots_can_be_computed_again_from_the_artifacts()
    {
        foreach (var name in Epochs.Select(epoch => $"cifar_resnet8_e{epoch:00}").Append("cifar_resnet8_reference"))
        {
            _lab.AddModel(name, File.ReadAllBytes(SharedData.Path("models", name + ".onnx")));
        }

        _lab.AddDataset("train", "cifar10", CifarOptions, SharedData.Path("data", "cifar10", "data_batch_1.bin"));
        _lab.AddDataset("test", "cifar10", CifarOptions, SharedData.Path("data", "cifar10", "test_batch.bin"));
        var (players, samples) = Full ? (10, 20) : (8, 8);
        var job = await Job.Run(_lab, "training-dynamics", JsonSerializer.Serialize(new
        {
            snapshots = Epochs.Select(epoch => new { epoch, model = $"cifar_resnet8_e{epoch:00}" }),
            references = new[] { "cifar_resnet8_reference" },
            train = new { dataset = "train", samples = new { from = 0, to = samples } },
            test = new { dataset = "test", samples = new { from = 0, to = samples } },
            players = new { type = "grid", rows = 8, columns = 8, select = players, by = "random", seed = 1 },
            device = "cpu",
        }));
        var result = await job.Result<TrainingDynamicsResult>();
        var again = new Recomputed(await job.Artifact("values.npz"), await job.Artifact("interactions.npz"));

        TestContext.Current.SendDiagnosticMessage(JsonSerializer.Serialize(result with { Points = [.. result.Points.Select(point => point with { Orders = [] })] }, LabJson.Options));
        again.Check(result, 1e-9);
        Assert.InRange(again.WorstMatch(), 0, 1e-9);
        Assert.Equal(Epochs, result.Points.Select(point => point.Epoch));
        Assert.All(result.Points, point =>
        {
            Assert.InRange(point.WorstMatchError, 0, 1e-9);

            Assert.InRange(point.WorstGap, 0, 1e-3);
            Assert.Equal(0, point.Unconverged);
            Assert.InRange(point.Generalization!.Value, 0, 1);
            Assert.InRange(point.Count, 2, 2 << players);
            Assert.True(point.TrainLoss > 0 && point.TestLoss > 0 && point.TrainLossRemoved > 0 && point.TestLossRemoved > 0);
        });
        Assert.Contains(result.Phases.T1!.Value, Epochs);

        // Trained networks share more with a trained reference than the initialised one does.
        Assert.True(result.Points[^1].Generalization > result.Points[0].Generalization);
        Assert.True(result.Points[^1].TrainLoss < result.Points[0].TrainLoss);
    }
}
