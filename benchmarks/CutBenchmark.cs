using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

namespace InteractionLab.Benchmarks;

/// <summary>
/// What a cut is worth: players at the suggested cut that is nearest to the first third of the work, against players at the
/// input. The share of work behind the cut promises a speed-up; the row is how much of it is reached, the head's run
/// included. Samples take turns, so the head runs once for each 1,024 masks. Options: --model NAME (default:
/// cifar_resnet8_e12 and cifar_vit of ../shared/models), --repetitions N (15), --threads N (the lab's share of the processors).
/// </summary>
internal static class CutBenchmark
{
    private const double Target = 0.9;
    private const double ShareBehind = 2.0 / 3;
    private static readonly int[] BatchSizes = [8, 16, 32, 64, 128, 256];

    public static BenchmarkReport Run(string[] args)
    {
        var models = Options.Text(args, "--model") is { } one ? new[] { one } : ["cifar_resnet8_e12", "cifar_vit"];
        var measured = models.Select(model => Measure(new MaskedGame(model), Options.Number(args, "--repetitions", 15), Options.Optional(args, "--threads"))).ToList();
        return new("cut", [.. measured.SelectMany(model => model.Rows)], new { processors = ProcessorShare.Processors, threads = Options.Optional(args, "--threads") ?? ProcessorShare.Threads, models = measured.Select(model => model.Details) });
    }

    private static (IReadOnlyList<BenchmarkRow> Rows, object Details) Measure(MaskedGame game, int repetitions, int? threads)
    {
        var cut = ModelCuts.Suggest(game.Model).MinBy(suggested => Math.Abs(suggested.ShareBehind - ShareBehind))
            ?? throw new InvalidOperationException($"{game.Name} has no clean cut.");
        using var whole = new Side(game, null, game.Shape, threads);
        using var behind = new Side(game, cut.Tensor, cut.Shape, threads);
        var (wholeBatch, cutBatch) = (Rounds.Fastest(BatchSizes, whole.Run), Rounds.Fastest(BatchSizes, behind.Run));
        var runs = Rounds.Run(repetitions, () => whole.Run(wholeBatch), () => behind.Run(cutBatch));
        var (reached, promised) = (Rounds.Ratio(runs[0], runs[1]), 1 / cut.ShareBehind);
        return (
            [
                new($"cut {game.Name} at {cut.Tensor}, speed-up reached of that promised", reached / promised, AtLeast: Target),
                new($"cut {game.Name} at {cut.Tensor}, the same in processor time", runs[0].Processor() / runs[1].Processor() / promised),
            ],
            new
            {
                model = game.Name,
                cut = cut.Tensor,
                shape = cut.Shape,
                shareBehind = cut.ShareBehind,
                promised,
                reached,
                repetitions,
                whole = new { batch = wholeBatch, seconds = runs[0].Seconds(), processorSeconds = runs[0].Processor() },
                behind = new { batch = cutBatch, seconds = runs[1].Seconds(), processorSeconds = runs[1].Processor() },
            });
    }

    /// <summary>A model masked at its input or at a cut, one for each batch size.</summary>
    private sealed class Side(MaskedGame game, string? cut, IReadOnlyList<int> shape, int? threads) : IDisposable
    {
        private readonly Dictionary<int, MaskedModel> models = [];
        private readonly PlayerLayout layout = MaskedGame.LayoutOf(shape, new Random(1));
        private readonly float[] baseline = new float[shape.Aggregate(1, (product, size) => product * size)];
        private readonly float[] other = [.. game.Sample.Select(cell => -cell)];
        private readonly double[] values = new double[game.Masks.Length];
        private bool turn;

        public void Run(int batch)
        {
            if (!models.TryGetValue(batch, out var masked))
            {
                models[batch] = masked = MaskedModel.Build(game.Model, game.Shape, new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu, batch, threads));
            }

            turn = !turn;
            masked.Evaluate(turn ? game.Sample : other, baseline, layout, MaskedGame.Target, game.Masks, values);
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
