using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments;

/// <summary>What the lab has: registered models and datasets, by id. Implemented by the server's store.</summary>
public interface ILabCatalog
{
    /// <summary>A model's file and description, or null.</summary>
    Task<CatalogModel?> FindModelAsync(string id, CancellationToken cancellation);

    /// <summary>A dataset's folder and description, or null.</summary>
    Task<CatalogDataset?> FindDatasetAsync(string id, CancellationToken cancellation);

    /// <summary>A job with the cells it has finished by now, or null.</summary>
    Task<CatalogJob?> FindJobAsync(string id, CancellationToken cancellation);

    /// <summary>The most forward passes one job may ask for.</summary>
    long MaxForwardPasses { get; }

    /// <summary>What work took on this machine.</summary>
    RateMemory Rates { get; }

    /// <summary>Outputs of networks that earlier jobs left.</summary>
    IValueCache Values { get; }

    /// <summary>How many jobs run now: what is measured meanwhile is measured on a part of the machine.</summary>
    int RunningJobs { get; }
}

/// <summary>A registered model.</summary>
public sealed record CatalogModel(string Id, string Name, string Sha256, string Path, ModelSummary Summary);

/// <summary>A registered dataset: <paramref name="Folder"/> is what <see cref="DatasetReader.Open"/> takes.</summary>
public sealed record CatalogDataset(string Id, string Name, string Folder, DatasetSummary Summary);

/// <summary>Where a job stands.</summary>
public enum CatalogJobState
{
    /// <summary>It waits or runs.</summary>
    Unfinished,

    /// <summary>It has its result.</summary>
    Succeeded,

    /// <summary>An error stopped it; a retry makes it unfinished again.</summary>
    Failed,

    /// <summary>It was stopped on request; a retry makes it unfinished again.</summary>
    Cancelled,
}

/// <summary>A job at one moment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Its kind of experiment.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Spec">Its spec, defaults filled in.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
/// <param name="Finished">The cells it has finished.</param>
public sealed record CatalogJob(string Id, string Kind, string Name, CatalogJobState State, JsonElement Spec, string? Error, ICellSource Finished);
