using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Speeds;

/// <summary>Decompositions as work: of a game alone, or of two together.</summary>
internal static class SolverWork
{
    // Larger games are timed on this many players and scaled by the length of their transforms.
    private const int MostTimed = 12;
    private const int Terms = 40;

    // Iterations of the certified solver with each further player: medians of 990, 2,200 and 3,960 at 10, 12 and 14 (docs/solver.md).
    private const double IterationGrowth = 1.45;
    private const int Seed = 7;

    /// <summary>Which measurements answer for which decompositions.</summary>
    public static string Key(InteractionsSpec spec, int players, bool joint, int together = 1) => string.Create(
        CultureInfo.InvariantCulture, $"{(joint ? "solve-pair" : "solve")} {spec.Solver} {spec.Noise} {spec.Gap} {spec.Iterations} {players}{(together == 1 ? "" : $" by {together}")}");

    /// <summary>Adds decompositions, of games one by one or of some together.</summary>
    public static Workload AddSolves(this Workload work, InteractionsSpec spec, int players, double games, bool joint = false, int together = 1) =>
        work.Add(Key(spec, players, joint, together), games, new Gauge(run => TimeMadeUp(run, Key(spec, players, joint, together), spec, players, joint, together)));

    /// <summary>Solves, on the calling thread, and notes what it took.</summary>
    /// <param name="rates">Where it is noted.</param>
    /// <param name="key">Which kind of work it is.</param>
    /// <param name="games">How many games are solved.</param>
    /// <param name="solve">Solves them.</param>
    public static T Timed<T>(RateMemory rates, string key, double games, Func<T> solve)
    {
        var started = ThreadClock.Now;
        var solved = solve();
        rates.Record(key, games, ThreadClock.Now - started);
        return solved;
    }

    /// <summary>Which measurements answer for multi-order interactions of a game.</summary>
    public static string MultiOrderKey(int players) => string.Create(CultureInfo.InvariantCulture, $"multi-order {players}");

    /// <summary>Adds multi-order interactions of games.</summary>
    public static Workload AddMultiOrder(this Workload work, int players, double games) => work.Add(MultiOrderKey(players), games, new Gauge(run =>
    {
        var timed = Math.Min(players, MostTimed);
        var game = Game(timed, Seed);
        MultiOrderInteractions.Of(game);
        var started = ThreadClock.Now;
        MultiOrderInteractions.Of(game);
        var scale = players * players * Math.Pow(2, players) / (timed * timed * Math.Pow(2, timed));
        run.Note(MultiOrderKey(players), 1, (ThreadClock.Now - started) * scale);
    }));

    /// <summary>Times decompositions of games made up for it, where there are no real ones.</summary>
    public static void TimeMadeUp(GaugeRun run, string key, InteractionsSpec spec, int players, bool joint = false, int together = 1)
    {
        var timed = Math.Min(players, MostTimed);
        double[][] games = [.. Enumerable.Range(0, joint ? 2 : together).Select(k => Game(timed, Seed + k))];
        Time(run, key, spec, players, games, together, joint
            ? () => AndOrSolver.SolveJoint(games[0], games[1], spec.Options, run.Cancellation)
            : () => AndOrSolver.SolveBatch(games, spec.Options, run.Cancellation));
    }

    /// <summary>Notes how long a decomposition takes, from games of as many players or fewer.</summary>
    /// <param name="run">Where it is noted.</param>
    /// <param name="key">Under which name.</param>
    /// <param name="spec">How they are decomposed.</param>
    /// <param name="players">The players of the job's games.</param>
    /// <param name="games">The games at hand, all of the same players.</param>
    /// <param name="units">How many decompositions <paramref name="solve"/> makes.</param>
    /// <param name="solve">Decomposes them.</param>
    public static void Time(GaugeRun run, string key, InteractionsSpec spec, int players, double[][] games, int units, Action solve)
    {
        // The first time the code is compiled.
        solve();
        var started = ThreadClock.Now;
        solve();
        var timed = int.Log2(games[0].Length);
        var iterations = spec.Solver == SolverKind.Certified ? Math.Pow(IterationGrowth, players - timed) : 1;
        run.Note(key, units, (ThreadClock.Now - started) * (iterations * players * Math.Pow(2, players) / (timed * Math.Pow(2, timed))));
    }

    /// <summary>A game like a network's: a few strong interactions of all orders, and a little of everything else.</summary>
    private static double[] Game(int players, int seed)
    {
        var random = new Random(seed);
        var v = new double[1 << players];
        for (var k = 0; k < Terms; k++)
        {
            // The same sets for every seed: networks of one task share most of what they do.
            var set = new Random(k).Next(1, v.Length);
            var effect = (random.NextDouble() - 0.4) * Math.Pow(0.9, k);
            var isOr = k % 3 == 0;
            for (var mask = 0; mask < v.Length; mask++)
            {
                v[mask] += (isOr ? (mask & set) != 0 : (mask & set) == set) ? effect : 0;
            }
        }

        for (var mask = 1; mask < v.Length; mask++)
        {
            v[mask] += 0.05 * (random.NextDouble() - 0.5);
        }

        return v;
    }
}
