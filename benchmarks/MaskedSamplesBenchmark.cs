using System.Diagnostics;
using System.Globalization;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Benchmarks;

/// <summary>
/// The masked model against a plain ONNX Runtime loop over inputs that were masked beforehand: the same 1,024 masks of
/// 10 players of an 8x8 grid, the same session options, the best batch size for each, repetitions interleaved so that a
/// busy machine slows both. Rates are by the clock; the ratio of processor time is given beside theirs, since it is less
/// disturbed by other programs. Options: --model FILE (default ../shared/models/cifar_resnet8_e12.onnx), --repetitions N
/// (15), --threads N (ONNX Runtime's choice).
/// </summary>
internal static class MaskedSamplesBenchmark
{
    private const int Players = 10;
    private const int Grid = 8;
    private const int Target = 0;
    private static readonly int[] BatchSizes = [8, 16, 32, 64, 128, 256];

    public static object Run(string[] args)
    {
        var file = Option(args, "--model") ?? "../shared/models/cifar_resnet8_e12.onnx";
        var repetitions = int.Parse(Option(args, "--repetitions") ?? "15", CultureInfo.InvariantCulture);
        int? threads = Option(args, "--threads") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : null;
        var onnx = File.ReadAllBytes(file);
        var model = OnnxModel.Load(onnx);
        int[] shape = [.. model.Summary.Inputs[0].Shape.Skip(1).Select(size => (int)(size ?? 1))];
        var random = new Random(1);
        var sample = Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
        var layout = Layout(shape, random);
        var masks = Enumerable.Range(0, 1 << Players).Select(mask => (uint)mask).ToArray();

        var ours = new Masked(model, shape, sample, layout, masks, threads);
        using var plain = new Plain(onnx, shape, sample, layout, masks, threads);
        var difference = ours.Run(32).Zip(plain.Run(32), (one, other) => Math.Abs(one - other)).Max();
        var ourBatch = Best(batch => Measure(() => ours.Run(batch)).Seconds);
        var plainBatch = Best(batch => Measure(() => plain.Run(batch)).Seconds);

        // The order within a pair alternates, so that neither side always runs first.
        List<(double Seconds, double Processor)> masked = [], reference = [], automatic = [];
        for (var turn = 0; turn < repetitions; turn++)
        {
            if (turn % 2 == 0)
            {
                masked.Add(Measure(() => ours.Run(ourBatch)));
                reference.Add(Measure(() => plain.Run(plainBatch)));
            }
            else
            {
                reference.Add(Measure(() => plain.Run(plainBatch)));
                masked.Add(Measure(() => ours.Run(ourBatch)));
            }

            automatic.Add(Measure(() => ours.Run(null)));
        }

        var automaticBatch = ours.AutomaticBatch;
        ours.Dispose();
        return new
        {
            benchmark = "masked-samples",
            model = Path.GetFileName(file),
            masks = masks.Length,
            repetitions,
            processors = Environment.ProcessorCount,
            threads,
            masked = Rate(masked, ourBatch, masks.Length),
            maskedAutomatic = Rate(automatic, automaticBatch, masks.Length),
            plain = Rate(reference, plainBatch, masks.Length),
            ratio = Math.Round(Median(reference.Select(run => run.Seconds)) / Median(masked.Select(run => run.Seconds)), 3),
            ratioOfProcessorTime = Math.Round(Median(reference.Select(run => run.Processor)) / Median(masked.Select(run => run.Processor)), 3),
            largestDifference = difference,
        };
    }

    private static PlayerLayout Layout(int[] shape, Random random)
    {
        var (height, width) = (shape[^2], shape[^1]);
        var cells = Enumerable.Range(0, Grid * Grid).OrderBy(_ => random.Next()).Take(Players).Order().ToList();
        var owners = Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size))
            .Select(i => cells.IndexOf((i / width % height * Grid / height * Grid) + (i % width * Grid / width)));
        return new PlayerLayout(Players, [.. owners.Select(owner => owner < 0 ? PlayerLayout.Keep : owner)]);
    }

    private static int Best(Func<int, double> seconds) =>
        BatchSizes.MinBy(batch => Enumerable.Range(0, 3).Select(_ => seconds(batch)).Min());

    private static (double Seconds, double Processor) Measure(Action action)
    {
        var busy = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        action();
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
    }

    private static object Rate(List<(double Seconds, double Processor)> runs, int batch, int rows) =>
        new { batch, rowsPerSecond = Math.Round(rows / Median(runs.Select(run => run.Seconds)), 1) };

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <summary>The masked model, one for each batch size.</summary>
    private sealed class Masked(OnnxModel model, int[] shape, float[] sample, PlayerLayout layout, uint[] masks, int? threads) : IDisposable
    {
        private readonly Dictionary<int, MaskedModel> models = [];
        private readonly float[] baseline = new float[sample.Length];
        private readonly double[] values = new double[masks.Length];

        public int AutomaticBatch => models[0].BatchSize;

        public double[] Run(int? batch)
        {
            if (!models.TryGetValue(batch ?? 0, out var masked))
            {
                masked = MaskedModel.Build(model, shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: batch, Threads: threads));
                models.Add(batch ?? 0, masked);
            }

            masked.Evaluate(sample, baseline, layout, Target, masks, values);
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

    /// <summary>The file as it is, run over inputs prepared beforehand.</summary>
    private sealed class Plain : IDisposable
    {
        private readonly InferenceSession session;
        private readonly float[] inputs;
        private readonly int[] shape;
        private readonly int count;

        public Plain(byte[] onnx, int[] shape, float[] sample, PlayerLayout layout, uint[] masks, int? threads)
        {
            (this.shape, count) = (shape, masks.Length);
            using var options = NetworkSession.Options(DeviceKind.Cpu, threads);
            session = new InferenceSession(onnx, options);
            inputs = new float[masks.Length * sample.Length];
            for (var row = 0; row < masks.Length; row++)
            {
                for (var cell = 0; cell < sample.Length; cell++)
                {
                    var player = layout.PlayerOf[cell];
                    inputs[(row * sample.Length) + cell] = player < 0 || ((masks[row] >> player) & 1) == 1 ? sample[cell] : 0;
                }
            }
        }

        public double[] Run(int batch)
        {
            var values = new double[count];
            var cells = inputs.Length / count;
            using var options = new RunOptions();
            for (var row = 0; row < count; row += batch)
            {
                var rows = Math.Min(batch, count - row);
                using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, inputs.AsMemory(row * cells, rows * cells), [rows, .. shape.Select(size => (long)size)]);
                using var outputs = session.Run(options, session.InputNames, [input], session.OutputNames);
                var logits = outputs[0].GetTensorDataAsSpan<float>();
                for (var i = 0; i < rows; i++)
                {
                    values[row + i] = LogOdds(logits.Slice(i * (logits.Length / rows), logits.Length / rows));
                }
            }

            return values;
        }

        public void Dispose() => session.Dispose();

        private static double LogOdds(ReadOnlySpan<float> logits)
        {
            double most = double.NegativeInfinity, sum = 0;
            for (var k = 0; k < logits.Length; k++)
            {
                most = k == Target ? most : Math.Max(most, logits[k]);
            }

            for (var k = 0; k < logits.Length; k++)
            {
                sum += k == Target ? 0 : Math.Exp(logits[k] - most);
            }

            return logits[Target] - most - Math.Log(sum);
        }
    }
}
