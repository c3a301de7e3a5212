using InteractionLab.Experiments.Cells;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>
/// The arrays of a job for NumPy, from which every number of the result can be computed again. T snapshots, K references,
/// S samples (training samples first), n players, masks in numeric order.
/// </summary>
internal static class DynamicsArtifacts
{
    private const string Npz = "application/x-npz";

    /// <summary>
    /// <c>values.npz</c>: <c>v</c> [T, S, 2^n], <c>reference_v</c> [K, S, 2^n].
    /// <c>interactions.npz</c>: <c>and</c>, <c>or</c>, <c>delta</c> like v, <c>threshold</c> [T, S] (τ), and the same with
    /// <c>reference_</c>. Both: <c>epoch</c> [T], <c>index</c> [S] (in its dataset), <c>train</c> [S] (1 for training
    /// samples, 0 for testing samples), <c>target</c> [S] (the class y; it is the sample's, not the network's), <c>players</c> [S, n].
    /// </summary>
    public static IReadOnlyList<ResultArtifact> Of(DynamicsReport report, DynamicsLayout layout) =>
    [
        new("values.npz", Npz, (output, cancellation) => Task.Run(() => new Writer(report, layout, output, cancellation).Values(), cancellation)),
        new("interactions.npz", Npz, (output, cancellation) => Task.Run(() => new Writer(report, layout, output, cancellation).Interactions(), cancellation)),
    ];

    private sealed class Writer(DynamicsReport report, DynamicsLayout layout, Stream output, CancellationToken cancellation)
    {
        private readonly IReadOnlyList<NetworkTable> _snapshots = [.. report.Snapshots.Select(snapshot => snapshot.Table)];

        public void Values()
        {
            using var npz = new NpzWriter(output, leaveOpen: true);
            Tables(npz, "v", game => game.V);
            Describe(npz);
            npz.Complete();
        }

        public void Interactions()
        {
            using var npz = new NpzWriter(output, leaveOpen: true);
            Tables(npz, "and", game => game.And);
            Tables(npz, "or", game => game.Or);
            Tables(npz, "delta", game => game.Delta);
            npz.Write<double>("threshold", [.. _snapshots.SelectMany(table => table.Thresholds)], _snapshots.Count, layout.Samples);
            npz.Write<double>("reference_threshold", [.. report.References.SelectMany(table => table.Thresholds)], report.References.Count, layout.Samples);
            Describe(npz);
            npz.Complete();
        }

        private void Tables(NpzWriter npz, string name, Func<GameCell, double[]> part)
        {
            Table(npz, name, _snapshots, part);
            Table(npz, "reference_" + name, report.References, part);
        }

        private void Table(NpzWriter npz, string name, IReadOnlyList<NetworkTable> networks, Func<GameCell, double[]> part)
        {
            var table = npz.Add<double>(name, networks.Count, layout.Samples, 1L << layout.Players);
            foreach (var network in networks)
            {
                for (var block = 0; block < layout.Blocks; block++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    foreach (var game in network.Read(block))
                    {
                        table.Write(part(game));
                    }
                }
            }
        }

        private void Describe(NpzWriter npz)
        {
            var headers = report.References[0].Headers;
            npz.Write<long>("epoch", [.. report.Snapshots.Select(snapshot => (long)snapshot.Epoch)]);
            npz.Write<long>("index", [.. headers.Select(game => (long)game.Index)]);
            npz.Write<long>("train", [.. headers.Select((_, i) => layout.IsTrain(i) ? 1L : 0L)]);
            npz.Write<long>("target", [.. headers.Select(game => (long)(game.Target ?? -1))]);
            npz.Write<long>("players", [.. headers.SelectMany(game => game.Players.Select(player => (long)player))], headers.Count, layout.Players);
        }
    }
}
