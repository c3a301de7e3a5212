using System.Security.Cryptography;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Tests.Torch;
using InteractionLab.Models.Tests.Torch.Memory;
using InteractionLab.Models.Training;
using TorchSharp;

namespace InteractionLab.Models.Tests.Training;

/// <summary>
/// The same training again and again in one process, each time in memory that held NaN and lies elsewhere: finite, and the
/// same bytes. LAB_FULL=1 runs each 200 times; OMP_NUM_THREADS says with how many threads.
/// </summary>
[Trait("speed", "slow")]
public sealed class EqualBitsTests
{
    private static readonly int Times = Environment.GetEnvironmentVariable("LAB_FULL") == "1" ? 200 : 6;

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(24)]
    public void Equal_trainings_give_equal_bytes_whatever_lay_in_memory(int width)
    {
        TorchLibrary.Require();
        using var data = new TrainingData();
        var (train, test) = TrainingData.Split(data.Pictures());
        var settings = new TrainingSettings
        {
            Epochs = 2,
            BatchSize = 16,
            Optimizer = new() { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 1e-4 },
            Augment = new(2, true),
            Seed = 5,
            Device = DeviceKind.Cpu,
        };
        var random = new Random(1);
        var seen = new HashSet<string>();
        for (var time = 0; time < Times; time++)
        {
            PoisonedMemory.Prepare();
            using var elsewhere = torch.full([random.Next(1, 5000)], double.NaN);
            using var trainer = Trainer.Create(TrainingData.Network(train.Dataset, $$"""{"name": "resnet", "depth": 8, "width": {{width}}}"""), train, test, settings);
            for (var epoch = 0; epoch < settings.Epochs; epoch++)
            {
                var metrics = trainer.RunEpoch(null, TestContext.Current.CancellationToken);
                Assert.True(double.IsFinite(metrics.TrainLoss) && double.IsFinite(metrics.TestLoss), $"run {time}");
            }

            seen.Add(Convert.ToHexString(SHA256.HashData(trainer.Snapshot().ToBytes())));
        }

        Assert.Single(seen);
    }
}
