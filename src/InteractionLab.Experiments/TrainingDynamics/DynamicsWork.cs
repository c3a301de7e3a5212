using InteractionLab.Experiments.Common;
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
    /// <param name="networks">References and snapshots, as many as there are: those to come are as fast as the last of them. At least one.</param>
    /// <param name="catalog">What earlier jobs left.</param>
    public static Workload Of(TrainingDynamicsSpec spec, DynamicsLayout layout, NetworkGames train, NetworkGames test, IReadOnlyList<NetworkFile> networks, ILabCatalog catalog)
    {
        var cells = layout.Networks * layout.Blocks;
        return new Workload()
            .AddPipelined(cells, Play, rest => rest.AddSolves(test, networks[^1], spec.Interactions, (double)layout.Networks * layout.Samples, together: layout.BlockSize), CellsAhead.Of(layout.Players, layout.BlockSize))
            .AddStorage(TrainingDynamicsExperiment.KindName, cells);

        // A network is opened once for each split.
        void Play(Workload work)
        {
            work.AddGames(train, networks, catalog).AddGames(test, networks, catalog);
            for (var k = networks.Count; k < layout.Networks; k++)
            {
                work.AddNetwork(train, networks[^1], train.Rows, layout.TrainSamples).AddNetwork(test, networks[^1], test.Rows, layout.TestSamples);
            }
        }
    }
}
