using System.Diagnostics;
using InteractionLab.Interactions;
using InteractionLab.Models.Execution;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Times the solvers, one thread: <c>solver [--games 50] [--players 10] [--noise 0.02] [--gap 0.001] [--repeats 5] [--synthetic] [--no-growth] [--no-paper]</c>.
/// Each game's time is the least of the repeats; processor time is
/// that of the thread, which a busy machine disturbs less than the clock on the wall.
/// </summary>
internal static class SolverBenchmark
{
    private static readonly (string Model, int Share)[] Models =
        [("cifar_resnet8_e12", 2), ("cifar_resnet8_e04", 1), ("cifar_resnet8_reference", 1), ("cifar_vit", 1)];

    public static object Run(string[] args)
    {
        var count = Options.Number(args, "--games", 50);
        var repeats = Options.Number(args, "--repeats", 5);
        var options = new DecompositionOptions
        {
            Noise = double.Parse(Options.Text(args, "--noise") ?? "0.02", System.Globalization.CultureInfo.InvariantCulture),
            Gap = double.Parse(Options.Text(args, "--gap") ?? "0.001", System.Globalization.CultureInfo.InvariantCulture),
        };
        var shared = args.Contains("--synthetic") ? null : RealGames.Folder();
        var players = Options.Number(args, "--players", 10);
        var games = Games(shared, players, count);
        Warm(games, options);
        return new
        {
            benchmark = "solver",
            games = shared is null ? "seeded random ReLU networks" : "CIFAR-10 test images; " + string.Join(", ", Models.Select(m => m.Model)),
            options.Noise,
            options.Gap,
            threads = 1,
            players,
            single = new { alone = Measure(games, options, repeats), batch = Batch(games, options, repeats), half = new { objectiveRatio = Median([.. games.Select(g => AndOrSolver.Solve(g, options)).Select(d => d.HalfL1 / d.Objective)]) } },
            growth = args.Contains("--no-growth") ? null : Growth(shared, options),
            paper = args.Contains("--no-paper") ? null : Paper(games, options),
        };
    }

    private static double[][] Games(string? shared, int players, int count)
    {
        if (shared is null)
        {
            return SyntheticGames.Create(players, count, players);
        }

        var shares = Models.Sum(m => m.Share);
        var (games, first) = (new List<double[]>(), 0);
        for (var i = 0; i < Models.Length && games.Count < count; i++)
        {
            var part = Math.Min(count - games.Count, Math.Max(1, count * Models[i].Share / shares));
            games.AddRange(RealGames.Create(shared, Models[i].Model, players, first, part, i + 1));
            first += part;
        }

        return [.. games];
    }

    /// <summary>Lets the just-in-time compiler finish before anything is timed.</summary>
    private static void Warm(double[][] games, DecompositionOptions options)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(3);)
        {
            AndOrSolver.SolveBatch([.. games.Take(16)], options);
            AndOrSolver.Solve(games[0], options);
        }
    }

    private static object Measure(double[][] games, DecompositionOptions options, int repeats)
    {
        var times = new double[games.Length];
        var processor = new double[games.Length];
        var results = new Decomposition[games.Length];
        for (var i = 0; i < games.Length; i++)
        {
            times[i] = processor[i] = double.PositiveInfinity;
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                var start = Stopwatch.GetTimestamp();
                var startOfThread = ThreadClock.Now.TotalMilliseconds;
                results[i] = AndOrSolver.Solve(games[i], options);
                processor[i] = Math.Min(processor[i], ThreadClock.Now.TotalMilliseconds - startOfThread);
                times[i] = Math.Min(times[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return new
        {
            count = games.Length,
            meanMs = times.Average(),
            medianMs = Median(times),
            p90Ms = Quantile(times, 0.9),
            maxMs = times.Max(),
            meanProcessorMs = processor.Average(),
            medianProcessorMs = Median(processor),
            p90ProcessorMs = Quantile(processor, 0.9),
            maxProcessorMs = processor.Max(),
            medianIterations = Median([.. results.Select(r => (double)r.Iterations)]),
            processorMicrosecondsAnIteration = 1000 * processor.Sum() / Math.Max(1, results.Sum(r => r.Iterations)),
            maxGap = results.Max(r => r.Gap),
            converged = results.Count(r => r.Converged),
            maxMatchError = results.Max(r => r.MatchError),
        };
    }

    /// <summary>
    /// The same games one by one and in one batch, in turns. All figures are milliseconds of processor time a game unless they say
    /// otherwise; the ratios are of the medians of the turns.
    /// </summary>
    private static object Batch(double[][] games, DecompositionOptions options, int repeats)
    {
        var (alone, batch, aloneClock, batchClock) = (new double[repeats], new double[repeats], new double[repeats], new double[repeats]);
        Decomposition[] singles = [], together = [];
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            (alone[repeat], aloneClock[repeat]) = Time(games.Length, () => singles = [.. games.Select(game => AndOrSolver.Solve(game, options))]);
            (batch[repeat], batchClock[repeat]) = Time(games.Length, () => together = AndOrSolver.SolveBatch(games, options));
        }

        return new
        {
            count = games.Length,
            turns = repeats,
            meanMsAlone = Median(alone),
            meanMsBatch = Median(batch),
            ratio = Median(batch) / Median(alone),
            clock = new { meanMsAlone = Median(aloneClock), meanMsBatch = Median(batchClock), ratio = Median(batchClock) / Median(aloneClock) },
            meanIterationsAlone = singles.Average(r => r.Iterations),
            meanIterationsBatch = together.Average(r => r.Iterations),
            maxIterationsBatch = together.Max(r => r.Iterations),
            converged = together.Count(r => r.Converged),
            maxGap = together.Max(r => r.Gap),
            maxMatchError = together.Max(r => r.MatchError),
            maxObjectiveDifference = singles.Zip(together, (one, other) => Math.Abs(other.Objective - one.Objective) / one.Objective).Max(),
        };
    }

    private static (double Processor, double Clock) Time(int count, Action action)
    {
        var start = Stopwatch.GetTimestamp();
        var startOfThread = ThreadClock.Now.TotalMilliseconds;
        action();
        return ((ThreadClock.Now.TotalMilliseconds - startOfThread) / count, Stopwatch.GetElapsedTime(start).TotalMilliseconds / count);
    }

    private static object[] Growth(string? shared, DecompositionOptions options)
    {
        (int Players, int Count)[] sizes = [(12, 5), (14, 3), (16, 2)];
        return [.. sizes.Select(size => new { n = size.Players, alone = Measure(Games(shared, size.Players, size.Count), options, 1) })];
    }

    private static object Paper(double[][] games, DecompositionOptions options)
    {
        var sample = games.Take(8).ToArray();
        var paper = options with { Solver = SolverKind.Paper };
        var (times, ratios, gaps) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var game in sample)
        {
            var certifiedStart = ThreadClock.Now.TotalMilliseconds;
            var certified = AndOrSolver.Solve(game, options);
            var start = ThreadClock.Now.TotalMilliseconds;
            var result = AndOrSolver.Solve(game, paper);

            // The paper's solver runs the certified one for its bound; that part is not counted.
            times.Add(ThreadClock.Now.TotalMilliseconds - start - (start - certifiedStart));
            ratios.Add(result.Objective / certified.Objective);
            gaps.Add(result.Gap);
        }

        return new { count = sample.Length, medianProcessorMs = Median([.. times]), medianObjectiveRatio = Median([.. ratios]), medianGap = Median([.. gaps]) };
    }

    private static double Median(double[] values) => Quantile(values, 0.5);

    private static double Quantile(double[] values, double share)
    {
        double[] sorted = [.. values.Order()];
        var position = share * (sorted.Length - 1);
        var low = (int)position;
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((position - low) * (sorted[high] - sorted[low]));
    }
}
