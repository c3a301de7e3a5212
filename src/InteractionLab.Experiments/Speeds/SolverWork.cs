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
    private const int Seed = 7;

    /// <summary>Which measurements answer for which decompositions.</summary>
    public static string Key(InteractionsSpec spec, int players, bool joint, int together = 1) => string.Create(
        CultureInfo.InvariantCulture, $"{(joint ? "solve-pair" : "solve")} {spec.Solver} {spec.Noise} {spec.Gap} {spec.Iterations} {players}{(together == 1 ? "" : $" by {together}")}");

    /// <summary>Adds decompositions, of games one by one or of some together.</summary>
    public static Workload AddSolves(this Workload work, InteractionsSpec spec, int players, double games, bool joint = false, int together = 1) =>
        work.Add(Key(spec, players, joint, together), games, new Gauge(run => Time(run, spec, players, joint, together)));

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

    private static void Time(GaugeRun run, InteractionsSpec spec, int players, bool joint, int together)
    {
        var timed = Math.Min(players, MostTimed);
        double[][] games = [.. Enumerable.Range(0, joint ? 2 : together).Select(k => Game(timed, Seed + k))];
        Solve();
        var started = ThreadClock.Now;
        Solve();
        var scale = players * Math.Pow(2, players) / (timed * Math.Pow(2, timed));
        run.Note(Key(spec, players, joint, together), together, (ThreadClock.Now - started) * scale);

        void Solve()
        {
            if (joint)
            {
                AndOrSolver.SolveJoint(games[0], games[1], spec.Options, run.Cancellation);
            }
            else if (together > 1)
            {
                AndOrSolver.SolveBatch(games, spec.Options, run.Cancellation);
            }
            else
            {
                AndOrSolver.Solve(games[0], spec.Options, run.Cancellation);
            }
        }
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
