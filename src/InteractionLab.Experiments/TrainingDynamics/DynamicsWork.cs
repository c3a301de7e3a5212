using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>What the seconds of a training-dynamics job are made of.</summary>
internal static class DynamicsWork
{
    /// <summary>The work of a job laid out.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="layout">The cells.</param>
    /// <param name="train">Games of the training samples.</param>
    /// <param name="test">Games of the testing samples.</param>
    /// <param name="networks">References and snapshots, or networks that are as fast.</param>
    public static Workload Of(TrainingDynamicsSpec spec, DynamicsLayout layout, NetworkGames train, NetworkGames test, IReadOnlyList<NetworkFile> networks)
    {
        // A network is opened once for each split.
        var work = new Workload();
        foreach (var network in networks)
        {
            work.AddNetwork(train, network, train.Rows, layout.TrainSamples).AddNetwork(test, network, test.Rows, layout.TestSamples);
        }

        return work
            .AddAttribution(train, layout.TrainSamples)
            .AddAttribution(test, layout.TestSamples)
            .AddSolves(spec.Interactions, layout.Players, (double)layout.Networks * layout.Samples)
            .AddStorage(TrainingDynamicsExperiment.KindName, layout.Networks * layout.Blocks);
    }
}
