using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// Decompositions of a network's games as work, timed on games of its own: how many iterations they take differs several
/// times between networks.
/// </summary>
internal static class NetworkSolves
{
    // Games of fewer players say nothing of larger ones, and of more than these are only a part of an estimate's patience.
    private const int LeastPlayers = 8;
    private const int MostPlayers = 12;
    private const int MostGames = 4;
    private const int Few = 64;
    private const double Seconds = 1;

    /// <summary>Adds decompositions of a network's games.</summary>
    /// <param name="work">Where they are added.</param>
    /// <param name="games">The games.</param>
    /// <param name="network">The network, or one of its structure.</param>
    /// <param name="spec">How they are decomposed.</param>
    /// <param name="count">How many decompositions.</param>
    /// <param name="joint">Whether each is of two networks' games of a sample.</param>
    /// <param name="together">How many games are decomposed at once.</param>
    /// <param name="isTrained">Whether the network plays as the job's will; for one that is still to be trained games are made up.</param>
    public static Workload AddSolves(this Workload work, NetworkGames games, NetworkFile network, InteractionsSpec spec, double count, bool joint = false, int together = 1, bool isTrained = true)
    {
        var keys = RateKeys.Of(network, games.Spec, games.Dataset.Summary.SampleShape);
        var key = keys.Solve(spec, games.PlayerCount, joint, together);
        return work.Add(key, count, new Gauge(run =>
        {
            if (!isTrained || !TryTime(run, key, games, network, spec, keys, joint, together))
            {
                SolverWork.TimeMadeUp(run, key, spec, games.PlayerCount, joint, together);
            }
        }));
    }

    private static bool TryTime(GaugeRun run, string key, NetworkGames games, NetworkFile network, InteractionsSpec spec, RateKeys keys, bool joint, int together)
    {
        try
        {
            var tables = Tables(run, games, network, keys);
            if (tables.Length < (joint ? 2 : 1))
            {
                return false;
            }

            // Where fewer games are at hand than are solved at once, they stand in for the others.
            double[][] batch = [.. Enumerable.Range(0, Math.Max(together, tables.Length)).Select(k => tables[k % tables.Length])];
            var units = joint || together == 1 ? tables.Length : batch.Length;
            SolverWork.Time(run, key, spec, games.PlayerCount, tables, units, joint ? Pairs : together == 1 ? Alone : () => AndOrSolver.SolveBatch(batch, spec.Options, run.Cancellation));
            return true;

            void Alone()
            {
                foreach (var v in tables)
                {
                    AndOrSolver.Solve(v, spec.Options, run.Cancellation);
                }
            }

            // Two samples' games are less alike than a sample's before and after pruning, and so a little more work.
            void Pairs()
            {
                for (var k = 0; k < tables.Length; k++)
                {
                    AndOrSolver.SolveJoint(tables[k], tables[(k + 1) % tables.Length], spec.Options, run.Cancellation);
                }
            }
        }
        catch (InvalidGameException)
        {
            // The job will say which sample it is of.
            return false;
        }
    }

    /// <summary>Some games, of as many of their players as about a second of evaluations allows; none where the network is too slow.</summary>
    private static double[][] Tables(GaugeRun run, NetworkGames games, NetworkFile network, RateKeys keys)
    {
        if (run.Rates.Find(keys.Rows)?.SecondsPerUnit is not { } row)
        {
            return [];
        }

        var players = Math.Min(games.PlayerCount, MostPlayers);
        while (players > LeastPlayers && row * (1 << players) > Seconds)
        {
            players--;
        }

        var count = (int)Math.Min(Seconds / (row * (1 << players)), MostGames);
        if (count == 0)
        {
            return [];
        }

        using var session = MaskedModel.Build(network.Open(), games.Dataset.Summary.SampleShape, NetworkWork.OptionsOf(games.Spec, run.Rates));
        uint[] masks = [.. Enumerable.Range(0, 1 << players).Select(mask => (uint)mask)];
        var mean = games is { Cut: not null, Spec.Baseline.Type: BaselineKind.DatasetMean } ? MeanOfFew(games, session, run.Cancellation) : null;
        return [.. Enumerable.Range(0, count).Select(Table)];

        double[] Table(int k)
        {
            var (sample, baseline) = NetworkWork.Inputs(games, session.MaskedShape, k);
            var v = new double[masks.Length];
            session.Evaluate(sample.Values, mean ?? baseline, NetworkWork.LayoutOf(games, sample, session.MaskedShape, network.Name), TargetOf(sample), masks, v, null, run.Cancellation);
            return v;
        }

        // A sample without the label asked for is the job's fault to name; here any class will do.
        int TargetOf(Sample sample) => games.Spec.Value!.ClassOf(sample.Label, () => null) ?? Logits.Predict<float>(session.Logits(sample.Values));
    }

    /// <summary>About what the mean at a cut over the whole dataset would be: games around it are as hard to decompose.</summary>
    private static float[] MeanOfFew(NetworkGames games, MaskedModel session, CancellationToken cancellation)
    {
        using var dataset = DatasetReader.Open(games.BaselineDataset.Folder);
        return session.MeanFeature(Math.Min(Few, dataset.Summary.Count), index => dataset.Get(index).Values, null, cancellation);
    }
}
