using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Training;

/// <summary>Training on real data reaches what it should. The pictures take about a minute and a half on two cores.</summary>
[Trait("speed", "slow")]
public sealed class RealDataTests
{
    public RealDataTests() => Libtorch.Require();

    [Fact]
    public async Task A_perceptron_learns_the_census()
    {
        using var lab = new Lab();
        lab.AddDataset("adult", "csv", """{"label": "label"}""", SharedData.Path("data", "adult.csv"));
        var job = await Job.Run(lab, "training", """
            {"architecture": {"name": "mlp", "depth": 3, "width": 100},
             "train": {"dataset": "adult", "samples": {"from": 0, "to": 24000}}, "test": {"dataset": "adult", "samples": {"from": 24000, "to": 30162}},
             "epochs": 10, "batchSize": 256, "optimizer": {"type": "adamw", "learningRate": 0.01}, "schedule": {"type": "one-cycle"},
             "snapshots": [10], "seed": 1, "device": "cpu"}
            """);
        var result = await job.Result<TrainingResult>();
        Assert.InRange(result.Epochs[^1].TestAccuracy, 0.85, 0.88);
        Assert.InRange(result.Epochs[0].TestAccuracy, 0.2, 0.8);
    }

    [Fact]
    public async Task A_residual_network_learns_pictures()
    {
        const string Options = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";
        using var lab = new Lab();
        lab.AddDataset("train", "cifar10", Options, SharedData.Path("data", "cifar10", "data_batch_1.bin"));
        lab.AddDataset("test", "cifar10", Options, SharedData.Path("data", "cifar10", "test_batch.bin"));
        var job = await Job.Run(lab, "training", """
            {"architecture": {"name": "resnet", "depth": 8}, "train": {"dataset": "train"}, "test": {"dataset": "test"},
             "epochs": 8, "batchSize": 64, "optimizer": {"type": "sgd", "learningRate": 0.2, "momentum": 0.9, "weightDecay": 5e-4},
             "schedule": {"type": "one-cycle"}, "augment": {"flip": true}, "snapshots": [8], "seed": 1, "device": "cpu"}
            """);
        var result = await job.Result<TrainingResult>();
        Assert.InRange(result.Epochs[^1].TestAccuracy, 0.6, 0.75);
        Assert.InRange(result.Epochs[0].TestAccuracy, 0.05, 0.2);
    }
}
