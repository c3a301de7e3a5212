using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Training;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Steps a second of the lab's trainer beside the same steps in the PyTorch of Debian's python3-torch, a child process of
/// the same run: same network, initial weights, batches and threads, epochs by turns so that a busy machine slows both.
/// ResNet-8 (16-32-64) on 3x32x32 and a five-layer perceptron on 12 columns; batches of 128, SGD with momentum. The mean
/// losses of both are compared. Options: --network resnet8|mlp5 (both), --epochs N (9), --steps N (by network),
/// --threads N (one a processor; a whole part of the processors), --python FILE (/usr/bin/python3).
/// </summary>
internal static class TrainingBenchmark
{
    private const int BatchSize = 128;
    private const int WarmUp = 1;
    private const double Rate = 0.05;
    private const double Momentum = 0.9;
    private const double Decay = 5e-4;

    public static object Run(string[] args)
    {
        // libtorch has one number of threads a process, which it takes when it is loaded.
        ProcessorShare.Divide(Math.Max(1, ProcessorShare.Processors / Options.Number(args, "--threads", ProcessorShare.Processors)));
        var chosen = Options.Text(args, "--network");
        var results = Workloads.All.Where(work => chosen is null || work.Name == chosen).Select(work => Compare(work, args)).ToArray();
        return new { benchmark = "training", processors = ProcessorShare.Processors, results };
    }

    private static object Compare(Workload work, string[] args)
    {
        var epochs = Options.Number(args, "--epochs", 9) + WarmUp;
        var steps = Options.Number(args, "--steps", work.Steps);
        var threads = ProcessorShare.Threads;
        var model = work.Build();
        using var dataset = new RandomDataset(work, steps * BatchSize);
        var everything = Enumerable.Range(0, dataset.Summary.Count).ToArray();
        var settings = new TrainingSettings
        {
            Epochs = epochs,
            BatchSize = BatchSize,
            Optimizer = new OptimizerSettings { LearningRate = Rate, Momentum = Momentum, WeightDecay = Decay },
            Seed = 1,
            Device = DeviceKind.Cpu,
        };
        using var trainer = Trainer.Create(model, new TrainingSamples(dataset, everything), new TrainingSamples(dataset, [0]), settings);
        var folder = Directory.CreateTempSubdirectory("training-benchmark").FullName;
        try
        {
            Write(folder, dataset, everything, model, epochs);
            using var python = PythonSide.Start(Options.Text(args, "--python") ?? "/usr/bin/python3", work, folder, threads, out var missing);
            var (ours, theirs) = Turns(trainer, python, epochs, steps);
            return Report(work, steps, threads, ours, theirs, python?.Version, missing);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static (List<Epoch> Ours, List<Epoch> Theirs) Turns(Trainer trainer, PythonSide? python, int epochs, int steps)
    {
        List<Epoch> ours = [], theirs = [];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            // The order within a pair alternates, so that neither side always runs first.
            if (epoch % 2 == 1 && python is not null)
            {
                theirs.Add(python.Epoch());
            }

            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            var metrics = trainer.RunEpoch(null, CancellationToken.None);
            ours.Add(new Epoch(metrics.StepTime.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds, metrics.TrainLoss));
            if (epoch % 2 == 0 && python is not null)
            {
                theirs.Add(python.Epoch());
            }

            Console.Error.WriteLine($"epoch {epoch}: lab {steps / ours[^1].Seconds:F1} steps/s{(theirs.Count > 0 ? $", PyTorch {steps / theirs[^1].Seconds:F1}" : "")}");
        }

        return (ours, theirs);
    }

    private static object Report(Workload work, int steps, int threads, List<Epoch> ours, List<Epoch> theirs, string? version, string? missing)
    {
        double Steps(List<Epoch> epochs) => steps / Rounds.Median(epochs.Skip(WarmUp).Select(epoch => epoch.Seconds));
        double Processor(List<Epoch> epochs) => Rounds.Median(epochs.Skip(WarmUp).Select(epoch => epoch.Processor)) / steps * 1e3;
        var compared = theirs.Count > 0;
        return new
        {
            network = work.Name,
            batch = BatchSize,
            steps,
            threads,
            labStepsPerSecond = Math.Round(Steps(ours), 2),
            labProcessorMsPerStep = Math.Round(Processor(ours), 3),
            pytorch = version,
            pytorchMissing = missing,
            pytorchStepsPerSecond = compared ? Math.Round(Steps(theirs), 2) : (double?)null,
            pytorchProcessorMsPerStep = compared ? Math.Round(Processor(theirs), 3) : (double?)null,
            ratio = compared ? Math.Round(Steps(ours) / Steps(theirs), 3) : (double?)null,
            ratioOfProcessorTime = compared ? Math.Round(Processor(theirs) / Processor(ours), 3) : (double?)null,
            largestLossDifference = compared ? ours.Zip(theirs, (one, other) => Math.Abs(one.Loss - other.Loss)).Max() : (double?)null,
        };
    }

    private static void Write(string folder, RandomDataset dataset, int[] everything, OnnxModel model, int epochs)
    {
        Put("data.bin", MemoryMarshal.AsBytes(dataset.Values.AsSpan()));
        Put("labels.bin", MemoryMarshal.AsBytes<long>(dataset.Labels!.Select(label => (long)label).ToArray()));
        var batches = new TrainingBatches(dataset, everything, BatchSize, Augmentation.None, 1);
        Put("orders.bin", MemoryMarshal.AsBytes<int>(Enumerable.Range(0, epochs).SelectMany(epoch => batches.Epoch(epoch).SelectMany(batch => batch.Indices[..batch.Count])).ToArray()));
        using var network = TorchNetwork.Load(model, new TorchOptions());
        File.WriteAllLines(Path.Combine(folder, "parameters.txt"), network.Parameters.Select(pair => $"{pair.Key} {string.Join(' ', pair.Value.shape)}"));
        Put("parameters.bin", MemoryMarshal.AsBytes<float>(network.Parameters.Values.SelectMany(tensor => tensor.data<float>().ToArray()).ToArray()));

        void Put(string name, ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    /// <summary>One epoch of steps.</summary>
    private sealed record Epoch(double Seconds, double Processor, double Loss);

    /// <summary>What is trained on what.</summary>
    private sealed record Workload(string Name, string Architecture, SampleKind Kind, int[] Shape, int Classes, int Steps)
    {
        public OnnxModel Build()
        {
            using var json = JsonDocument.Parse(Architecture);
            var architecture = ModelZoo.Read(json.RootElement, (field, why) => throw new ArgumentException($"{field}: {why}"))!;
            return ModelZoo.Build(architecture, new ZooInput(Kind, Shape, Classes), 1);
        }
    }

    private static class Workloads
    {
        public static readonly Workload[] All =
        [
            new("resnet8", """{"name":"resnet","depth":8}""", SampleKind.Image, [3, 32, 32], 10, 10),
            new("mlp5", """{"name":"mlp","depth":5,"width":100}""", SampleKind.Tabular, [12], 2, 400),
        ];
    }

    /// <summary>Numbers and labels at random.</summary>
    private sealed class RandomDataset : IDataset
    {
        private readonly int _cells;
        private readonly int[] _labels;

        public RandomDataset(Workload work, int count)
        {
            var random = new Random(1);
            _cells = work.Shape.Aggregate(1, (product, side) => product * side);
            Values = [.. Enumerable.Range(0, count * _cells).Select(_ => (float)((random.NextDouble() * 4) - 2))];
            _labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(work.Classes))];
            Summary = new DatasetSummary(work.Kind, "npz", count, work.Shape, work.Classes, null, null, default);
        }

        public float[] Values { get; }

        public DatasetSummary Summary { get; }

        public IReadOnlyList<int>? Labels => _labels;

        public IReadOnlyList<string>? Words => null;

        public float[] Mean => new float[_cells];

        public Sample Get(int index) => new(index, _labels[index], Values[(index * _cells)..((index + 1) * _cells)]);

        public byte[]? Png(int index) => null;

        public double[] Game(int index) => throw new InvalidOperationException("The dataset holds no games.");

        public void Dispose()
        {
        }
    }

    /// <summary>The child process that trains with PyTorch.</summary>
    private sealed class PythonSide : IDisposable
    {
        private readonly Process _process;

        private PythonSide(Process process, string version) => (_process, Version) = (process, version);

        public string Version { get; }

        public static PythonSide? Start(string python, Workload work, string folder, int threads, out string? missing)
        {
            missing = null;
            if (!File.Exists(python))
            {
                missing = $"{python} is absent.";
                return null;
            }

            var setting = JsonSerializer.Serialize(new { folder, network = work.Name, shape = work.Shape, classes = work.Classes, batch = BatchSize, rate = Rate, momentum = Momentum, decay = Decay, threads });
            var script = Path.Combine(AppContext.BaseDirectory, "training_step.py");
            var start = new ProcessStartInfo(python, [script, setting]) { RedirectStandardInput = true, RedirectStandardOutput = true };

            // The lab keeps freed memory for the next step (docs/throughput.md); so may the other side.
            start.Environment["MALLOC_MMAP_THRESHOLD_"] = "1073741824";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "2147483647";
            start.Environment["MALLOC_TOP_PAD_"] = "67108864";
            var process = Process.Start(start)!;
            if (process.StandardOutput.ReadLine() is not { } line)
            {
                process.WaitForExit();
                missing = $"{python} cannot run the comparison (its message stands above); 'apt-get install python3-torch' brings what it needs.";
                process.Dispose();
                return null;
            }

            return new PythonSide(process, JsonDocument.Parse(line).RootElement.GetProperty("version").GetString()!);
        }

        public Epoch Epoch()
        {
            _process.StandardInput.WriteLine();
            _process.StandardInput.Flush();
            var answer = JsonDocument.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PyTorch's side ended early.")).RootElement;
            return new Epoch(answer.GetProperty("seconds").GetDouble(), answer.GetProperty("processor").GetDouble(), answer.GetProperty("loss").GetDouble());
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
