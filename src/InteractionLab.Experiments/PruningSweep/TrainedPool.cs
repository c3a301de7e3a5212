using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>The sparse models that a training job in rounds of pruning left.</summary>
internal static class TrainedPool
{
    private const string Field = "trainingJob";

    /// <summary>The last model of each round, by rising sparsity; null, with faults recorded, where the job has none to give.</summary>
    public static IReadOnlyList<PoolModel>? Find(CatalogJob? job, string id, SpecFaults faults)
    {
        var fault = job switch
        {
            null => $"there is no job '{id}'",
            { Kind: not "training" } => $"job '{id}' is of kind {job.Kind}; only a training job leaves sparse models",
            _ when job.Spec.Deserialize<TrainingSpec>(LabJson.Options)!.Prune is null => $"job '{id}' trains without rounds of pruning, so it leaves no sparse models",
            { State: not CatalogJobState.Succeeded } => $"job '{id}' has not succeeded yet; its models are swept when all are there",
            _ => null,
        };
        if (fault is not null)
        {
            faults.Add(Field, fault);
            return null;
        }

        return [.. Snapshots(job!.Finished).GroupBy(snapshot => snapshot.Round).Select(round => round.MaxBy(snapshot => snapshot.Epoch)!).OrderBy(snapshot => snapshot.Sparsity).Select(snapshot => new PoolModel(snapshot.Sparsity!.Value, snapshot.Model))];
    }

    private static IEnumerable<SnapshotResult> Snapshots(ICellSource cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            using var stream = cells.Open(i);
            if (stream is not null && CellFile.Named(i, () => CellFile.ReadContent<EpochCell>(stream)).Snapshot is { Sparsity: not null } snapshot)
            {
                yield return snapshot;
            }
        }
    }

    /// <summary>The part of a training cell that matters here.</summary>
    private sealed record EpochCell(SnapshotResult? Snapshot);
}
