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
    private const double Seconds = 1;

    /// <summary>Adds decompositions of a network's games, one by one.</summary>
    public static Workload AddSolves(this Workload work, NetworkGames games, NetworkFile network, InteractionsSpec spec, double count)
    {
        var keys = RateKeys.Of(network, games.Spec, games.Dataset.Summary.SampleShape);
        return work.Add(keys.Solve(spec, games.PlayerCount), count, new Gauge(run => Time(run, games, network, spec, keys)));
    }

    private static void Time(GaugeRun run, NetworkGames games, NetworkFile network, InteractionsSpec spec, RateKeys keys)
    {
        var (key, players) = (keys.Solve(spec, games.PlayerCount), games.PlayerCount);
        try
        {
            if (Tables(run, games, network, keys) is { Length: > 0 } tables)
            {
                SolverWork.Time(run, key, spec, players, tables, tables.Length, Solve);
                return;

                void Solve()
                {
                    foreach (var v in tables)
                    {
                        AndOrSolver.Solve(v, spec.Options, run.Cancellation);
                    }
                }
            }
        }
        catch (InvalidGameException)
        {
            // The job will say which sample it is of.
        }

        SolverWork.TimeMadeUp(run, key, spec, players);
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

        using var session = MaskedModel.Build(OnnxModel.Load(network.Read()), games.Dataset.Summary.SampleShape, NetworkWork.OptionsOf(games.Spec, run.Rates));
        uint[] masks = [.. Enumerable.Range(0, 1 << players).Select(mask => (uint)mask)];
        return [.. Enumerable.Range(0, count).Select(Table)];

        double[] Table(int k)
        {
            var (sample, baseline) = NetworkWork.Inputs(games, session.MaskedShape, k);
            var v = new double[masks.Length];
            session.Evaluate(sample.Values, baseline, NetworkWork.LayoutOf(games, sample, session.MaskedShape, network.Name), TargetOf(sample), masks, v, null, run.Cancellation);
            return v;
        }

        // A sample without the label asked for is the job's fault to name; here any class will do.
        int TargetOf(Sample sample) => games.Spec.Value!.ClassOf(sample.Label, () => null) ?? Logits.Predict<float>(session.Logits(sample.Values));
    }
}
