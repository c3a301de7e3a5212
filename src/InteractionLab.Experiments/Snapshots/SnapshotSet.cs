using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;

namespace InteractionLab.Experiments.Snapshots;

/// <summary>The snapshots that are followed: given one by one, or made by a training job that may still be at it.</summary>
internal sealed class SnapshotSet
{
    private readonly ILabCatalog _catalog;
    private readonly IReadOnlyDictionary<int, string> _models;
    private readonly CatalogJob? _job;

    private SnapshotSet(ILabCatalog catalog, IReadOnlyList<int> epochs, IReadOnlyDictionary<int, string> models, CatalogJob? job, IReadOnlyList<(string Field, string Id)> named)
    {
        (_catalog, Epochs, _models, _job, Named) = (catalog, epochs, models, job, named);
    }

    /// <summary>Epochs, rising.</summary>
    public IReadOnlyList<int> Epochs { get; }

    /// <summary>The models there were when this was made, and the fields that name them.</summary>
    public IReadOnlyList<(string Field, string Id)> Named { get; }

    /// <summary>Id of the training job; null where the snapshots are given.</summary>
    public string? JobId => _job?.Id;

    /// <summary>The snapshots of a training job, or those given; null where there are neither, or, with faults recorded, where the job cannot be followed.</summary>
    public static async Task<SnapshotSet?> FindAsync(string? trainingJob, IReadOnlyList<SnapshotSpec>? snapshots, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation)
    {
        if (trainingJob is { } id)
        {
            var job = await catalog.FindJobAsync(id, cancellation).ConfigureAwait(false);
            return FollowedTraining.Epochs(job, id, faults) is { } epochs ? Of(catalog, job!, epochs) : null;
        }

        return snapshots is null ? null : Of(catalog, snapshots);
    }

    /// <summary>
    /// Snapshots of one training run take samples of one shape; a network that takes others is named. Weights are not
    /// compared: an exporter may fold a normalisation into some snapshots and not into others.
    /// </summary>
    public static void CheckShapes(IEnumerable<NamedModel> snapshots, SpecFaults faults)
    {
        var found = snapshots.Where(model => model.Input is not null).ToArray();
        foreach (var other in found.Skip(1))
        {
            var (expected, takes) = (Shapes.Show(found[0].Input!.Shape.Skip(1)), Shapes.Show(other.Input!.Shape.Skip(1)));
            if (expected != takes)
            {
                faults.Add(other.Field, $"'{other.Model!.Name}' takes samples of shape {takes}; the snapshot at '{found[0].Field}', '{found[0].Model!.Name}', takes {expected}");
            }
        }
    }

    /// <summary>Snapshots given one by one, in any order.</summary>
    private static SnapshotSet Of(ILabCatalog catalog, IReadOnlyList<SnapshotSpec> snapshots) => new(
        catalog,
        [.. snapshots.Select(snapshot => snapshot.Epoch).Order().Distinct()],
        snapshots.DistinctBy(snapshot => snapshot.Epoch).ToDictionary(snapshot => snapshot.Epoch, snapshot => snapshot.Model),
        null,
        [.. snapshots.Select((snapshot, i) => (string.Create(CultureInfo.InvariantCulture, $"snapshots[{i}].model"), snapshot.Model))]);

    /// <summary>The snapshots of a training job.</summary>
    private static SnapshotSet Of(ILabCatalog catalog, CatalogJob job, IReadOnlyList<int> epochs)
    {
        var models = FollowedTraining.Snapshots(job);
        return new(catalog, epochs, models, job, [.. models.Values.Distinct().Select(id => ("trainingJob", id))]);
    }

    /// <summary>The model of a snapshot.</summary>
    /// <exception cref="NotReadyException">The training job has not come to it yet.</exception>
    /// <exception cref="ExperimentException">The training job ended without it, or the model was deleted.</exception>
    public async Task<CatalogModel> FindAsync(int epoch, CancellationToken cancellation)
    {
        var id = _models.TryGetValue(epoch, out var known) ? known : await FindInJobAsync(epoch, cancellation).ConfigureAwait(false);
        return await _catalog.FindModelAsync(id, cancellation).ConfigureAwait(false)
            ?? throw new ExperimentException($"The model '{id}' of epoch {epoch} was deleted.");
    }

    private async Task<string> FindInJobAsync(int epoch, CancellationToken cancellation)
    {
        var job = await _catalog.FindJobAsync(_job!.Id, cancellation).ConfigureAwait(false) ?? throw new ExperimentException($"The training job '{_job.Id}' was deleted before epoch {epoch}.");
        var models = FollowedTraining.Snapshots(job);
        if (models.TryGetValue(epoch, out var id))
        {
            return id;
        }

        throw job.State switch
        {
            CatalogJobState.Unfinished => new NotReadyException($"waits for epoch {epoch} of '{job.Name}' (job {job.Id})", JobWait.Cell),
            CatalogJobState.Succeeded => new ExperimentException($"The training job '{job.Name}' ({job.Id}) kept no snapshot of epoch {epoch}."),
            var state => new ExperimentException(
                $"The training job '{job.Name}' ({job.Id}) {(state is CatalogJobState.Failed ? "failed" : "was cancelled")} before epoch {epoch}. Its {models.Count} snapshots are analysed and stand in the partial result; retry it, and then this job, for the rest."),
        };
    }
}
