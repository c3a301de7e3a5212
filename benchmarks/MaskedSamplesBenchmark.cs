using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Masked models against ONNX Runtime alone (<see cref="RawLoop"/>): the same 1,024 masks of 10 players, the same session
/// options, each at the batch size that is best for it, rounds interleaved; and at the batch size that the lab measures by
/// itself. ONNX Runtime has all threads for one run after another, which is what it does by itself, or one for each of as
/// many loops side by side, which is what the lab does: against the latter is what masking and v cost. Options: --model NAME (default: cifar_resnet8_e12 and cifar_vit of ../shared/models), --repetitions N (25),
/// --threads N (the lab's share of the processors).
/// </summary>
internal static class MaskedSamplesBenchmark
{
    private const double Target = 0.97;
    private static readonly int[] BatchSizes = [8, 16, 32, 64, 128, 256];

    public static BenchmarkReport Run(string[] args)
    {
        var models = Options.Text(args, "--model") is { } one ? new[] { one } : ["cifar_resnet8_e12", "cifar_vit"];
        var measured = models.Select(model => Measure(new MaskedGame(model), Options.Number(args, "--repetitions", 25), Options.Optional(args, "--threads"))).ToList();
        return new("masked-samples", [.. measured.SelectMany(model => model.Rows)], new { processors = ProcessorShare.Processors, threads = Options.Optional(args, "--threads") ?? ProcessorShare.Threads, models = measured.Select(model => model.Details) });
    }

    private static (IReadOnlyList<BenchmarkRow> Rows, object Details) Measure(MaskedGame game, int repetitions, int? threads)
    {
        using var masked = new Masked(game, threads);
        using var raw = new RawLoop(game, threads);
        using var loops = new RawLoop(game, threads, sideBySide: true);
        raw.Run(32);
        var difference = masked.Run(32).Zip(raw.Values(), (ours, theirs) => Math.Abs(ours - theirs)).Max();
        var ourBatch = Rounds.Fastest(BatchSizes, batch => masked.Run(batch));
        var rawBatch = Rounds.Fastest(BatchSizes, raw.Run);
        var loopsBatch = Rounds.Fastest(BatchSizes, loops.Run);
        masked.Run(null);
        var runs = Rounds.Run(repetitions, () => masked.Run(ourBatch), () => raw.Run(rawBatch), () => masked.Run(null), () => loops.Run(loopsBatch));
        var count = game.Masks.Length;
        return (
            [
                new($"masked-samples {game.Name}, of ONNX Runtime alone", Rounds.Ratio(runs[1], runs[0]), AtLeast: Target),
                new($"masked-samples {game.Name}, batch measured by the lab", Rounds.Ratio(runs[1], runs[2]), AtLeast: Target),
                new($"masked-samples {game.Name}, of ONNX Runtime alone in processor time", runs[1].Processor() / runs[0].Processor()),
                new($"masked-samples {game.Name}, of ONNX Runtime alone on one thread a run, side by side", Rounds.Ratio(runs[3], runs[0])),
                new($"masked-samples {game.Name}, the same in processor time", runs[3].Processor() / runs[0].Processor()),
                new($"masked-samples {game.Name}", count / runs[0].Seconds(), Unit: "masks/s"),
            ],
            new
            {
                model = game.Name,
                masks = count,
                repetitions,
                masked = new { batch = ourBatch, seconds = runs[0].Seconds(), processorSeconds = runs[0].Processor() },
                raw = new { batch = rawBatch, seconds = runs[1].Seconds(), processorSeconds = runs[1].Processor() },
                sideBySide = new { batch = loopsBatch, seconds = runs[3].Seconds(), processorSeconds = runs[3].Processor() },
                automatic = new { batch = masked.AutomaticBatch, seconds = runs[2].Seconds(), processorSeconds = runs[2].Processor() },
                largestDifference = difference,
            });
    }

    /// <summary>The masked model, one for each batch size.</summary>
    private sealed class Masked(MaskedGame game, int? threads) : IDisposable
    {
        private readonly Dictionary<int, MaskedModel> models = [];
        private readonly SpeedMemory speeds = new();
        private readonly float[] baseline = new float[game.Sample.Length];
        private readonly double[] values = new double[game.Masks.Length];

        public int AutomaticBatch => models[0].BatchSize;

        /// <summary>Runs all masks; null takes the batch size that the lab measures when it opens the model.</summary>
        public double[] Run(int? batch)
        {
            if (!models.TryGetValue(batch ?? 0, out var masked))
            {
                masked = MaskedModel.Build(game.Model, game.Shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: batch, Threads: threads, Speed: speeds));
                models.Add(batch ?? 0, masked);
            }

            masked.Evaluate(game.Sample, baseline, game.Layout, MaskedGame.Target, game.Masks, values);
            return values;
        }

        public void Dispose()
        {
            foreach (var masked in models.Values)
            {
                masked.Dispose();
            }
        }
    }
}
