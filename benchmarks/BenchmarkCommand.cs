using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Benchmarks.Jobs;

namespace InteractionLab.Benchmarks;

/// <summary>Runs the benchmark named on the command line and prints its measurements as one JSON document.</summary>
internal static class BenchmarkCommand
{
    private static readonly Dictionary<string, Func<string[], object>> Benchmarks = new(StringComparer.Ordinal)
    {
        ["masked-samples"] = MaskedSamplesBenchmark.Run,
        ["cut"] = CutBenchmark.Run,
        ["python"] = PythonBenchmark.Run,
        ["transforms"] = TransformBenchmark.Run,
        ["solver"] = SolverBenchmark.Run,
        ["training"] = TrainingBenchmark.Run,
        ["job"] = JobBenchmark.Run,
        ["second-run"] = SecondRunBenchmark.Run,
        ["growth"] = GrowthBenchmark.Run,
        ["bottleneck"] = BottleneckBenchmark.Run,
    };

    // A figure that could not be had is infinite.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static int Run(string[] args)
    {
        if (args is ["all", ..])
        {
            AllBenchmarks.Run(args[1..], Benchmarks, Console.Out);
            return 0;
        }

        if (args.Length == 0 || !Benchmarks.TryGetValue(args[0], out var benchmark))
        {
            Console.Error.WriteLine($"usage: benchmarks NAME [options]; names: all, {string.Join(", ", Benchmarks.Keys)}");
            return 2;
        }

        Console.WriteLine(JsonSerializer.Serialize(benchmark(args[1..]), Json));
        return 0;
    }
}
