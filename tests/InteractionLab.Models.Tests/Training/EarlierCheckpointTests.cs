using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Training;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Training;

/// <summary>
/// Trainings begun on libtorch 1.13 go on: the fixtures are checkpoints and snapshots after epoch 3 of 6 that the lab wrote
/// then, with what it measured in epoch 4.
/// </summary>
public sealed class EarlierCheckpointTests
{
    [Theory]
    [InlineData("mlp", """{"name": "mlp", "depth": 3, "width": 16}""", 0.38808114098178015, 0.30570048093795776, 0.9)]
    [InlineData("resnet", """{"name": "resnet", "depth": 8, "width": 4}""", 0.3352073066764408, 0.8831703662872314, 0.4166666666666667)]
    public void A_training_goes_on_from_a_checkpoint_of_libtorch_1_13(string name, string architecture, double trainLoss, double testLoss, double accuracy)
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(name == "mlp" ? data.Rows() : data.Pictures());
        var settings = new TrainingSettings { Epochs = 6, BatchSize = 16, Optimizer = new() { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 1e-4 }, Seed = 5, Device = DeviceKind.Cpu };
        using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, architecture), train, test, settings);
        var fixtures = Path.Combine(Repository.Root, "tests", "InteractionLab.Models.Tests", "Training", "Fixtures", name);
        var folder = data.Folder("checkpoints");
        File.Copy(Path.Combine(fixtures, "epoch-000003.npz"), Path.Combine(folder, "epoch-000003.npz"));
        Assert.True(trainer.RestoreCheckpoint(folder, 3, Assert.Fail));

        // The snapshot of that epoch has the same weights, to the byte.
        var snapshot = File.ReadAllBytes(Path.Combine(fixtures, "snapshot.onnx"));
        Assert.Equal(OnnxModel.Load(snapshot).ToBytes(), trainer.Snapshot().ToBytes());

        // Another version sums in another order: the last bits differ.
        var epoch = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
        Assert.Equal(4, epoch.Epoch);
        Assert.Equal(trainLoss, epoch.TrainLoss, 1e-4);
        Assert.Equal(testLoss, epoch.TestLoss, 1e-3);
        Assert.Equal(accuracy, epoch.TestAccuracy, 0.05);
    }
}
