using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Benchmarks.Jobs;

namespace InteractionLab.Benchmarks;

/// <summary>Runs the benchmark named on the command line and prints its measurements as one JSON document.</summary>
internal static class BenchmarkCommand
{
    private static readonly Dictionary<string, (Func<string[], object> Run, BenchmarkOption[] Options)> Benchmarks = new(StringComparer.Ordinal)
    {
        ["masked-samples"] = (MaskedSamplesBenchmark.Run, [BenchmarkOption.Model, BenchmarkOption.Number("--repetitions", "rounds of each side (25)"), BenchmarkOption.Threads]),
        ["cut"] = (CutBenchmark.Run, [BenchmarkOption.Model, BenchmarkOption.Number("--repetitions", "rounds of each side (15)"), BenchmarkOption.Threads]),
        ["python"] = (PythonBenchmark.Run, [BenchmarkOption.Model, BenchmarkOption.Number("--repetitions", "rounds of each side (15)"), BenchmarkOption.Threads, BenchmarkOption.Python]),
        ["transforms"] = (TransformBenchmark.Run, [BenchmarkOption.Number("--repeats", "runs of each transform (30)")]),
        ["solver"] = (SolverBenchmark.Run,
        [
            BenchmarkOption.Number("--games", "games (50)"), BenchmarkOption.Number("--repeats", "runs of each (5)"), BenchmarkOption.Number("--players", "n (10)"),
            BenchmarkOption.Real("--noise", "share of the span (0.02)"), BenchmarkOption.Real("--gap", "wanted gap (0.001)"),
            BenchmarkOption.Flag("--synthetic", "games made up"), BenchmarkOption.Flag("--no-growth", "without larger games"), BenchmarkOption.Flag("--no-paper", "without the published descent"),
        ]),
        ["training"] = (TrainingBenchmark.Run,
        [
            BenchmarkOption.Words("--network", "one of the two (both)", ["resnet8", "mlp5"]), BenchmarkOption.Number("--epochs", "epochs timed (9)"),
            BenchmarkOption.Number("--steps", "steps an epoch (by network)"), BenchmarkOption.Threads, BenchmarkOption.Python,
        ]),
        ["job"] = (JobBenchmark.Run, [BenchmarkOption.Model, BenchmarkOption.Number("--samples", "samples (30)"), BenchmarkOption.Number("--rounds", "runs of each side (5)")]),
        ["second-run"] = (SecondRunBenchmark.Run, []),
        ["growth"] = (GrowthBenchmark.Run,
        [
            BenchmarkOption.Number("--samples", "most samples (1000)"), BenchmarkOption.Number("--players", "most players (16)"),
            BenchmarkOption.Number("--ratios", "most ratios (20)"), BenchmarkOption.Number("--rounds", "runs of each (3)"),
        ]),
        ["bottleneck"] = (BottleneckBenchmark.Run,
            [BenchmarkOption.Number("--samples", "samples (2)"), BenchmarkOption.Number("--dense", "pairs close together (1000)"), BenchmarkOption.Number("--sparse", "pairs anywhere (60)")]),
    };

    private static BenchmarkOption[] OfAll { get; } =
    [
        BenchmarkOption.Words("--only", "some of the benchmarks (all)", Benchmarks.Keys, several: true), BenchmarkOption.Flag("--quick", "small settings, to see that it works"),
    ];

    // A figure that could not be had is infinite.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static int Run(string[] args)
    {
        if (args.Length == 0 || args.Any(word => word is "--help" or "-h"))
        {
            Console.Out.Write(Usage());
            return args.Length == 0 ? 2 : 0;
        }

        var known = args[0] == "all" ? OfAll : Benchmarks.TryGetValue(args[0], out var named) ? named.Options : null;
        var fault = known is null ? $"there is no benchmark '{args[0]}'" : Options.Fault(args[1..], known);
        if (fault is not null)
        {
            Console.Error.WriteLine($"benchmarks: {fault}; --help lists what there is");
            return 2;
        }

        try
        {
            Run(args[0], args[1..]);
            return 0;
        }
        catch (Exception missing) when (missing is IOException or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"benchmarks: {missing.Message}");
            return 1;
        }
    }

    private static void Run(string name, string[] args)
    {
        if (name == "all")
        {
            AllBenchmarks.Run(args, Benchmarks.ToDictionary(entry => entry.Key, entry => entry.Value.Run, StringComparer.Ordinal), Console.Out);
        }
        else
        {
            Console.WriteLine(JsonSerializer.Serialize(Benchmarks[name].Run(args), Json));
        }
    }

    private static string Usage()
    {
        var text = new StringBuilder("usage: benchmarks NAME [options]\n");
        foreach (var (name, options) in Benchmarks.Select(entry => (entry.Key, entry.Value.Options)).Prepend(("all", OfAll)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{name}\n");
            foreach (var option in options)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {option.Name + " " + option.Takes,-22}{option.Help}\n");
            }
        }

        return text.ToString();
    }
}
