using System.Globalization;

namespace InteractionLab.Benchmarks.Jobs;

/// <summary>
/// How whole jobs grow: samples 1 to 1,000 (8 players), players 8 to 16 (one sample), ratios of a sweep 1 to 20. The time a
/// mask is that of what a larger job has more than the next smaller one, so that starting a job (about a tenth of a second)
/// is not counted as masks; the row is the largest of them over the smallest. Nothing is cached. Along the players the
/// interactions are those of the solver half, since the iterations of the certified one grow with n whatever runs the
/// network; a row of its own says what they add at the largest n. The network is
/// cifar_resnet8 (about 0.2 ms a row on two processors); a larger one only makes what is not inference smaller beside it.
/// Options: --samples N (1000), --players N (16), --ratios N (20), --rounds N (5: each time is their median, not their least, since
/// only a short job can lie wholly in a fast moment of the machine).
/// </summary>
internal static class GrowthBenchmark
{
    private const double Target = 1.2;

    public static BenchmarkReport Run(string[] args) => RunAsync(args).GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync(string[] args)
    {
        var rounds = Options.Number(args, "--rounds", 5);
        await using var lab = await LabHost.StartAsync("--Lab:CacheBytes=0");
        var dataset = await lab.AddCifarAsync();
        var (model, reference) = (await lab.AddModelAsync("cifar_resnet8_e12"), await lab.AddModelAsync("cifar_resnet8_reference"));
        await lab.WarmAsync("masked-samples", Specs.Masked(model, dataset, 60, 8));
        await lab.WarmAsync("pruning-sweep", Specs.Sweep(model, reference, dataset, 2, 10, 2, 100));

        // Small jobs are over in less time than a clock can tell: the axes begin where they last some tenths of a second.
        var samples = await AxisAsync("samples", [1, 30, 100, Options.Number(args, "--samples", 1000)], k => (long)k << 8, rounds, k => lab.RunAsync("masked-samples", Specs.Masked(model, dataset, k, 8)));
        var players = await AxisAsync("players", [8, 12, 14, Options.Number(args, "--players", 16)], n => 1L << n, rounds, n => lab.RunAsync("masked-samples", Specs.Masked(model, dataset, 1, n, "half")));
        var certified = (await lab.RunAsync("masked-samples", Specs.Masked(model, dataset, 1, players.To))).Seconds;
        var ratios = await AxisAsync("ratios", [1, 5, 10, Options.Number(args, "--ratios", 20)], k => k * 4L << 10, rounds, k => lab.RunAsync("pruning-sweep", Specs.Sweep(model, reference, dataset, 4, 10, k, 100)));
        Axis[] axes = [samples, players, ratios];
        return new(
            "growth",
            [.. axes.Select(axis => new BenchmarkRow($"growth, {axis.Name} {axis.From} to {axis.To}: time a mask, largest over smallest", axis.Spread, AtMost: Target)),
                new($"growth, {players.To} players solved to a certified gap, against the network and storing alone", certified / players.Seconds[^1]),
                new("growth, memory at most", axes.Max(axis => axis.PeakMebibytes), Unit: "MiB")],
            axes);
    }

    private static async Task<Axis> AxisAsync(string name, int[] values, Func<int, long> masks, int rounds, Func<int, Task<RunJob>> run)
    {
        var times = values.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var k = 0; k < values.Length; k++)
            {
                times[k].Add((await run(values[k])).Seconds);
            }
        }

        double[] seconds = [.. times.Select(Rounds.Median)];
        var steps = Enumerable.Range(1, values.Length - 1).Select(k => (seconds[k] - seconds[k - 1]) / (masks(values[k]) - masks(values[k - 1])) * 1e6).ToArray();

        // A larger job that took less time than a smaller one says that the machine was busy with something else.
        var spread = steps.Min() > 0 ? steps.Max() / steps.Min() : double.PositiveInfinity;
        return new Axis(name, values[0], values[^1], values, seconds, steps, spread, PeakMebibytes());
    }

    /// <summary>The most memory that the process held by now, as the system counts it.</summary>
    private static double PeakMebibytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private sealed record Axis(string Name, int From, int To, int[] Values, double[] Seconds, double[] MicrosecondsAMask, double Spread, double PeakMebibytes);
}
