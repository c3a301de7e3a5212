using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>What the seconds of a training study are made of: the sum of its jobs, on networks as fast as the one to be trained.</summary>
internal static class StudyWork
{
    private const int SamplesACell = 16;

    public static Workload Of(
        TrainingStudySpec spec, StudySplits splits, StudyPasses passes, TrainingPlan target, TrainingPlan reference, TrainingDynamicsSpec analysis, TrainingDynamicsExperiment.CheckedGames games, int snapshots)
    {
        var network = target.Network();

        // A pass of the training with the penalty is taken to last as long as one without.
        var work = new Workload()
            .Add(target.Work(), 1 + ((double)(passes.Penalty ?? 0) / passes.Plain))
            .Add(reference.Work(), spec.References);
        double followed = spec.Penalty is null ? 1 : 2;
        AddGames(work, games, network, analysis, followed * (spec.References + snapshots));
        if (spec.Pruned is { } pruned)
        {
            AddPlayed(work, games.Test, network, analysis, followed * (2 + pruned.Ratios.Count(ratio => ratio > 0)));
            var (data, settings) = (splits.Test.Dataset, games.Test.Spec);
            work.AddClassified(
                data,
                [.. splits.Test.Indices],
                RateKeys.Of(network, settings, data.Summary.SampleShape),
                () => LabelledRows.Open(network, settings, data.Summary.SampleShape),
                followed * pruned.Ratios.Count * splits.Test.Indices.Count,
                followed * pruned.Ratios.Count);
        }

        return work;
    }

    private static void AddGames(Workload work, TrainingDynamicsExperiment.CheckedGames games, NetworkFile network, TrainingDynamicsSpec analysis, double networks)
    {
        AddPlayed(work, games.Train, network, analysis, networks);
        AddPlayed(work, games.Test, network, analysis, networks);
    }

    private static void AddPlayed(Workload work, NetworkGames games, NetworkFile network, TrainingDynamicsSpec analysis, double networks)
    {
        var samples = networks * games.Samples.Keys.Count;
        work.AddPipelined(
                (long)Math.Ceiling(samples / SamplesACell),
                first => first.AddNetwork(games, network, networks * games.Rows, samples, networks),
                rest => rest.AddSolves(games, network, analysis.Interactions, samples, isTrained: false),
                CellsAhead.Of(games.PlayerCount, SamplesACell))
            .AddStorage(TrainingDynamicsExperiment.KindName, samples / SamplesACell);
    }
}
