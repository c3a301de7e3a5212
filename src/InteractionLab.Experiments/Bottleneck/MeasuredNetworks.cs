using System.Globalization;
using InteractionLab.Experiments.Snapshots;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The networks of a job: models given, or the snapshots of a training run, of which some may not be there yet.</summary>
internal sealed class MeasuredNetworks
{
    // Beyond this many, networks take turns: each is opened once.
    private const int MostOpen = 8;
    private readonly IReadOnlyList<CatalogModel> _models;
    private readonly SnapshotSet? _snapshots;

    private MeasuredNetworks(IReadOnlyList<CatalogModel> models, SnapshotSet? snapshots, int count)
    {
        (_models, _snapshots, Count) = (models, snapshots, count);
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>The epochs, rising; null where models are given.</summary>
    public IReadOnlyList<int>? Epochs => _snapshots?.Epochs;

    /// <summary>Whether a network measures all samples before the next one measures any: so that a snapshot is done before its successor is trained, and few networks are open at once.</summary>
    public bool OneAfterAnother => _snapshots is not null || Count > MostOpen;

    /// <summary>What is known of them when the job is laid out.</summary>
    public IReadOnlyList<CatalogModel> Known => _models;

    /// <summary>Id of the training job that is followed.</summary>
    public string? JobId => _snapshots?.JobId;

    /// <summary>Models given.</summary>
    public static MeasuredNetworks Of(IReadOnlyList<CatalogModel> models) => new(models, null, models.Count);

    /// <summary>Snapshots, with the models there are.</summary>
    public static MeasuredNetworks Of(SnapshotSet snapshots, IReadOnlyList<CatalogModel> known) => new(known, snapshots, snapshots.Epochs.Count);

    /// <summary>So many networks that are not there yet, for a job that is only estimated.</summary>
    public static MeasuredNetworks ToCome(int count) => new([], null, count);

    /// <summary>What a network is called in keys of cells.</summary>
    public string Key(int network) => Epochs is { } epochs ? string.Create(CultureInfo.InvariantCulture, $"epoch/{epochs[network]}") : string.Create(CultureInfo.InvariantCulture, $"model/{network}");

    /// <summary>A network.</summary>
    /// <exception cref="NotReadyException">It is not trained yet.</exception>
    /// <exception cref="ExperimentException">Its training ended without it, or it was deleted.</exception>
    public Task<CatalogModel> FindAsync(int network, CancellationToken cancellation) =>
        _snapshots is null ? Task.FromResult(_models[network]) : _snapshots.FindAsync(_snapshots.Epochs[network], cancellation);
}
