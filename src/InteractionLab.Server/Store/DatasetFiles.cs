using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Store;

/// <summary>The files of datasets against the hashes in their manifests.</summary>
internal sealed partial class DatasetFiles(DataDirectory data, Manifests manifests, FileChecks checks, ILogger<DatasetFiles> log)
{
    /// <summary>The file that says which data they are.</summary>
    private const string Values = "x.npy";

    /// <summary>The folder of a dataset, all of whose files are as they were stored. Of one that has no hashes yet they are taken now.</summary>
    /// <exception cref="DamagedException">A file is damaged or missing.</exception>
    public string Require(DatasetRow row)
    {
        var folder = Path.Combine(data.Datasets, row.Id);
        if (!Directory.Exists(folder))
        {
            throw new DamagedException($"The folder of the dataset '{row.Name}' is missing: datasets/{row.Id}. Put it back from a backup, or delete the dataset and upload it again.");
        }

        if (manifests.Dataset(row.Id) is not { Files: { } files })
        {
            LogHashed(log, row.Id);
            manifests.Write(new DatasetManifest(row, FileHashes.OfFolder(folder)));
            return folder;
        }

        foreach (var (name, sha256) in files)
        {
            checks.Require(Path.Combine(folder, name), sha256, $"A file of the dataset '{row.Name}'", "Upload the same data again to mend it.");
        }

        return folder;
    }

    /// <summary>Mends a dataset with the files of the same data: those of its own that are damaged or missing are replaced.</summary>
    /// <param name="row">The dataset.</param>
    /// <param name="folder">The new files; some are moved away.</param>
    /// <param name="hashes">Their hashes.</param>
    /// <returns>Whether it was damaged and is whole now.</returns>
    public bool TryMend(DatasetRow row, string folder, IReadOnlyDictionary<string, string> hashes)
    {
        if (manifests.Dataset(row.Id) is not { Files: { } files } || files.GetValueOrDefault(Values) != hashes[Values])
        {
            return false;
        }

        var own = Path.Combine(data.Datasets, row.Id);
        string[] faulty = [.. files.Where(file => checks.Fault(Path.Combine(own, file.Key), file.Value) is not null).Select(file => file.Key)];
        if (faulty.Length == 0 || faulty.Any(name => hashes.GetValueOrDefault(name) != files[name]))
        {
            return false;
        }

        foreach (var name in faulty)
        {
            File.Move(Path.Combine(folder, name), Path.Combine(own, name), overwrite: true);
        }

        LogMended(log, row.Id, faulty);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The files of dataset {Id} have no hashes yet; they are taken as the files are now")]
    private static partial void LogHashed(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dataset {Id} was damaged and is whole again: {Files}")]
    private static partial void LogMended(ILogger logger, string id, string[] files);
}
