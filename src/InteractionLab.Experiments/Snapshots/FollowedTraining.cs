using System.Text.Json;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Snapshots;

/// <summary>The snapshots of a training job: which there will be is known from its spec, which there are from its cells.</summary>
internal static class FollowedTraining
{
    /// <summary>The kind of job that is followed.</summary>
    public const string Kind = "training";

    /// <summary>The epochs whose snapshots a training job keeps, rising; null, with faults recorded, where it cannot be followed.</summary>
    public static IReadOnlyList<int>? Epochs(CatalogJob? job, string id, SpecFaults faults)
    {
        const string Field = "trainingJob";
        if (job is null)
        {
            faults.Add(Field, $"there is no job '{id}'");
            return null;
        }

        if (job.Kind != Kind)
        {
            faults.Add(Field, $"job '{id}' is of kind {job.Kind}; only a training job has snapshots");
            return null;
        }

        if (WhyNot(job.Spec) is { } why)
        {
            faults.Add(Field, $"job '{id}' {why}; give the snapshots of one round as snapshots");
            return null;
        }

        return EpochsOf(job.Spec);
    }

    /// <summary>Why the job of a spec of kind training cannot be followed, after its name; null where it can.</summary>
    public static string? WhyNot(JsonElement spec) =>
        Read(spec).Prune is null ? null : "trains in rounds of pruning";

    /// <summary>The epochs whose snapshots a spec of kind training without pruning keeps, rising.</summary>
    public static IReadOnlyList<int> EpochsOf(JsonElement spec)
    {
        var training = Read(spec);
        return [.. Enumerable.Range(0, training.Epochs + 1).Where(training.IsSnapshot)];
    }

    /// <summary>Ids of the models it has made by now, by epoch.</summary>
    public static IReadOnlyDictionary<int, string> Snapshots(CatalogJob job)
    {
        var models = new Dictionary<int, string>();
        for (var i = 0; i < job.Finished.Count; i++)
        {
            using var stream = job.Finished.Open(i);
            if (stream is not null && CellFile.Named(i, () => CellFile.ReadContent<EpochCell>(stream)).Snapshot is { } snapshot)
            {
                models[snapshot.Epoch] = snapshot.Model;
            }
        }

        return models;
    }

    private static TrainingSpec Read(JsonElement spec) => spec.Deserialize<TrainingSpec>(LabJson.Options)!;

    /// <summary>The part of a training cell that matters here.</summary>
    private sealed record EpochCell(SnapshotResult? Snapshot);
}
