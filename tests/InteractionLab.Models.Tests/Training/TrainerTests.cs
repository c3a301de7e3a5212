using System.Runtime.InteropServices;
using System.Security.Cryptography;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Training;
using TorchSharp;

namespace InteractionLab.Models.Tests.Training;

/// <summary>Training of small networks: it learns, it is the same each time, and it goes on where it stopped.</summary>
public sealed class TrainerTests
{
    private const string Mlp = """{"name": "mlp", "depth": 3, "width": 16}""";
    private const string Dropout = """{"name": "mlp", "depth": 3, "width": 16, "dropout": 0.5}""";
    private const string ResNet = """{"name": "resnet", "depth": 8, "width": 4}""";

    private static readonly TrainingSettings Plain = new()
    {
        Epochs = 6,
        BatchSize = 16,
        Optimizer = new() { LearningRate = 0.1, Momentum = 0.9, WeightDecay = 1e-4 },
        Schedule = new() { Type = ScheduleKind.Cosine },
        Seed = 5,
        Device = DeviceKind.Cpu,
    };

    [Fact]
    public void A_network_learns_and_no_tensor_is_left()
    {
        TorchLibrary.Require();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var data = new TrainingData())
        {
            var (train, test) = TrainingData.Split(data.Rows());
            using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, Plain with { Epochs = 20 });
            var first = trainer.EvaluateInitial(null, TestContext.Current.CancellationToken);
            var epochs = Run(trainer, 20);
            Assert.Equal(Enumerable.Range(1, 20), epochs.Select(epoch => epoch.Epoch));
            Assert.True(epochs[^1].TrainLoss < 0.3 * first.TrainLoss, $"{first.TrainLoss} to {epochs[^1].TrainLoss}");
            Assert.InRange(epochs[^1].TestAccuracy, 0.85, 1);
            Assert.Equal(12, epochs[0].Steps);
            Assert.Equal(0.1, epochs[0].LearningRate);
            Assert.Null(first.LearningRate);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public static TheoryData<string, TrainingSettings> Runs => new()
    {
        { Mlp, Plain },
        { Mlp, Plain with { Optimizer = new() { Type = OptimizerKind.Adamw, LearningRate = 0.01, WeightDecay = 0.01, ClipNorm = 1 }, Schedule = new() { Type = ScheduleKind.OneCycle }, LabelSmoothing = 0.1 } },
        { Mlp, Plain with { Epochs = 2, PruneRate = 0.2 } },
        { Dropout, Plain },
        { ResNet, Plain with { Augment = new(2, true) } },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Continued_from_any_epoch_a_run_gives_the_bytes_of_the_whole_one(string architecture, TrainingSettings settings)
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(architecture == ResNet ? data.Pictures() : data.Rows());
        using var whole = Trainer.Create(TrainingData.Network(train.Dataset, architecture), train, test, settings);
        var expected = new List<(EpochMetrics Metrics, byte[] Bytes)>();
        for (var epoch = 1; epoch <= 6; epoch++)
        {
            expected.Add((Run(whole, 1)[0], whole.Snapshot().ToBytes()));
        }

        Assert.Equal(6, expected.Select(epoch => Convert.ToHexString(SHA256.HashData(epoch.Bytes))).Distinct().Count());
        var folder = data.Folder("checkpoints");
        for (var epoch = 1; epoch <= 6; epoch++)
        {
            using var part = Trainer.Create(TrainingData.Network(train.Dataset, architecture), train, test, settings);
            Assert.Equal(epoch > 1, part.RestoreCheckpoint(folder, epoch - 1, Assert.Fail));
            Assert.Equal(epoch - 1, part.Epoch);
            AssertSame(expected[epoch - 1].Metrics, Run(part, 1)[0]);
            Assert.Equal(expected[epoch - 1].Bytes, part.Snapshot().ToBytes());
            part.SaveCheckpoint(folder);
            Assert.InRange(Directory.GetFiles(folder).Length, 1, 2);
        }
    }

    [Fact]
    public void What_others_draw_from_torch_meanwhile_changes_nothing()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        byte[] Train(IProgress<double>? beside)
        {
            using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Dropout), train, test, Plain);
            trainer.RunEpoch(beside, TestContext.Current.CancellationToken);
            return trainer.Snapshot().ToBytes();
        }

        var alone = Train(null);
        Assert.Equal(alone, Train(new Draws()));
        Assert.Equal(alone, Train(null));
    }

    [Fact]
    public void Another_seed_gives_another_network()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        var model = TrainingData.Network(train.Dataset, Mlp);
        byte[] Train(long seed)
        {
            using var trainer = Trainer.Create(model, train, test, Plain with { Seed = seed });
            Run(trainer, 1);
            return trainer.Snapshot().ToBytes();
        }

        Assert.Equal(Train(1), Train(1));
        Assert.NotEqual(Train(1), Train(2));
    }

    [Fact]
    public void Pruned_weights_stay_zero_and_follow_the_ladder()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, Plain with { Epochs = 2, PruneRate = 0.2 });
        var prunable = (6 * 16) + (16 * 16) + (16 * 3);
        for (var round = 0; round <= 4; round++)
        {
            var epochs = Run(trainer, 2);
            var expected = 1 - Math.Pow(0.8, round);
            Assert.All(epochs, epoch => Assert.Equal(round, epoch.Round));
            Assert.All(epochs, epoch => Assert.Equal(expected, epoch.Sparsity, 0.5 / prunable));
            Assert.Equal(Math.Round(expected * prunable), Zeros(trainer.Snapshot()));
        }
    }

    [Fact]
    public void An_epoch_stopped_in_the_middle_cannot_be_gone_on_from_but_can_be_restored()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        var folder = data.Folder("checkpoints");
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, Plain);
        Run(trainer, 1);
        trainer.SaveCheckpoint(folder);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => trainer.RunEpoch(new Stop(stop), stop.Token));
        Assert.True(trainer.IsTorn);
        Assert.Throws<InvalidOperationException>(() => trainer.RunEpoch(null, TestContext.Current.CancellationToken));
        Assert.True(trainer.RestoreCheckpoint(folder, 1, Assert.Fail));
        Run(trainer, 1);
        var bytes = trainer.Snapshot().ToBytes();
        trainer.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using var whole = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, Plain);
        Run(whole, 2);
        Assert.Equal(whole.Snapshot().ToBytes(), bytes);
    }

    [Fact]
    public void A_network_that_diverges_says_so()
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Rows());
        using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, Mlp), train, test, Plain with { Optimizer = new() { LearningRate = 1e12 } });
        var fault = Assert.Throws<TrainingException>(() => Run(trainer, 6));
        Assert.Contains("not a finite number", fault.Message, StringComparison.Ordinal);
    }

    private static EpochMetrics[] Run(Trainer trainer, int epochs) =>
        [.. Enumerable.Range(0, epochs).Select(_ => trainer.RunEpoch(null, TestContext.Current.CancellationToken))];

    private static void AssertSame(EpochMetrics expected, EpochMetrics actual) =>
        Assert.Equal(expected with { StepTime = default, EvaluationTime = default, Terms = [] }, actual with { StepTime = default, EvaluationTime = default, Terms = expected.Terms.Count == 0 ? [] : actual.Terms });

    private static double Zeros(OnnxModel model) =>
        model.CopyProto().Graph.Initializer.Where(tensor => tensor.Dims.Count == 2).Sum(tensor => MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).Count(0f));

    /// <summary>Seeds and draws from the process's own stream after every step.</summary>
    private sealed class Draws : IProgress<double>
    {
        public void Report(double value)
        {
            torch.manual_seed(9);
            torch.rand(3).Dispose();
        }
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value) => source.Cancel();
    }
}
