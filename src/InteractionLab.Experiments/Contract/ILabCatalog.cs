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

    /// <summary>The most forward passes one job may ask for.</summary>
    long MaxForwardPasses { get; }
}

/// <summary>A registered model.</summary>
public sealed record CatalogModel(string Id, string Name, string Sha256, string Path, ModelSummary Summary);

/// <summary>A registered dataset: <paramref name="Folder"/> is what <see cref="DatasetReader.Open"/> takes.</summary>
public sealed record CatalogDataset(string Id, string Name, string Folder, DatasetSummary Summary);
