using System.Diagnostics;
using System.Text.Json;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Masked models against the same masking in eager PyTorch without gradients (masked_rows.py): the same masks, weights and
/// threads, each at its best batch size, rounds interleaved, one side waiting while the other runs. Options: --model NAME
/// (default: cifar_resnet8_e12 and cifar_vit of ../shared/models), --repetitions N (15), --threads N (the lab's share of the
/// processors), --python FILE (/usr/bin/python3, Debian's, with python3-torch and python3-onnx).
/// </summary>
internal static class PythonBenchmark
{
    // Both compute in float32, in another order.
    private const double Tolerance = 1e-3;
    private static readonly int[] BatchSizes = [8, 16, 32, 64, 128, 256];

    public static BenchmarkReport Run(string[] args)
    {
        var models = Options.Text(args, "--model") is { } one ? new[] { one } : ["cifar_resnet8_e12", "cifar_vit"];
        var threads = Options.Number(args, "--threads", ProcessorShare.Threads);
        var measured = models.Select(model => Measure(new MaskedGame(model), Options.Text(args, "--python") ?? "/usr/bin/python3", Options.Number(args, "--repetitions", 15), threads)).ToList();
        return new("python", [.. measured.SelectMany(model => model.Rows)], new { processors = ProcessorShare.Processors, threads, models = measured.Select(model => model.Details) });
    }

    private static (IReadOnlyList<BenchmarkRow> Rows, object Details) Measure(MaskedGame game, string python, int repetitions, int threads)
    {
        using var other = new PythonRows(python, game, threads);
        var values = new double[game.Masks.Length];
        var baseline = new float[game.Sample.Length];
        Dictionary<int, MaskedModel> opened = [];
        try
        {
            var batch = Rounds.Fastest(BatchSizes, Evaluate);
            var difference = values.Zip(other.First.Values, (ours, theirs) => Math.Abs(ours - theirs)).Max();
            if (!(difference <= Tolerance))
            {
                throw new InvalidOperationException($"PyTorch's values of {game.Name} differ by {difference}.");
            }

            List<Elapsed> ours = [], theirs = [];
            for (var round = 0; round < repetitions; round++)
            {
                // Who begins alternates.
                if (round % 2 == 0)
                {
                    ours.Add(Elapsed.Of(() => Evaluate(batch)));
                    theirs.Add(other.Run());
                }
                else
                {
                    theirs.Add(other.Run());
                    ours.Add(Elapsed.Of(() => Evaluate(batch)));
                }
            }

            return (
                [
                    new($"{game.Name}, masks a second to those of PyTorch {other.First.Version}", Rounds.Ratio(theirs, ours)),
                    new($"{game.Name}, the same in processor time", theirs.Processor() / ours.Processor()),
                ],
                new { model = game.Name, repetitions, lab = new { batch, seconds = ours.Seconds(), processorSeconds = ours.Processor() }, pytorch = new { other.First.Version, other.First.Batch, seconds = theirs.Seconds(), processorSeconds = theirs.Processor() }, largestDifference = difference });
        }
        finally
        {
            foreach (var masked in opened.Values)
            {
                masked.Dispose();
            }
        }

        void Evaluate(int batch)
        {
            if (!opened.TryGetValue(batch, out var masked))
            {
                opened[batch] = masked = MaskedModel.Build(game.Model, game.Shape, new MaskedModelOptions(ValueKind.LogOdds, Device: DeviceKind.Cpu, Batch: batch, Threads: threads));
            }

            masked.Evaluate(game.Sample, baseline, game.Layout, MaskedGame.Target, game.Masks, values);
        }
    }

    /// <summary>What the script says first.</summary>
    private sealed record Answer(string Version, int Batch, double[] Values);

    /// <summary>The script as a child process.</summary>
    private sealed class PythonRows : IDisposable
    {
        private readonly Process process;
        private readonly string folder = Directory.CreateTempSubdirectory("lab-benchmark-").FullName;

        public PythonRows(string python, MaskedGame game, int threads)
        {
            var (model, setting) = (Path.Combine(folder, "model.onnx"), Path.Combine(folder, "setting.json"));
            File.WriteAllBytes(model, game.Onnx);
            var pixels = game.Shape[^1] * game.Shape[^2];
            File.WriteAllText(setting, JsonSerializer.Serialize(new
            {
                threads,
                shape = game.Shape,
                sample = game.Sample,
                players = MaskedGame.Players,
                owner = game.Layout.PlayerOf.Take(pixels).Select(player => player < 0 ? MaskedGame.Players : player),
                masks = game.Masks,
                classes = game.Model.Summary.Outputs[0].Shape[^1],
                target = MaskedGame.Target,
                batches = BatchSizes,
            }));
            process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "masked_rows.py"), model, setting]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            First = Read<Answer>();
        }

        public Answer First { get; }

        public Elapsed Run()
        {
            process.StandardInput.WriteLine();
            process.StandardInput.Flush();
            return Read<Elapsed>();
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        private T Read<T>() => process.StandardOutput.ReadLine() is { } line
            ? JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException("PyTorch ended (its message stands above); 'apt-get install python3-torch python3-onnx' brings what the comparison needs.");
    }
}
