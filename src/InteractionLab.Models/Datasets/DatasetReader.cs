namespace InteractionLab.Models.Datasets;

/// <summary>Opens what <see cref="DatasetImporter"/> wrote.</summary>
public static class DatasetReader
{
    /// <summary>Opens a dataset folder.</summary>
    /// <exception cref="InvalidDataException">The folder holds no dataset, or a damaged one.</exception>
    public static IDataset Open(string folder) => StoredDataset.Open(folder);
}
