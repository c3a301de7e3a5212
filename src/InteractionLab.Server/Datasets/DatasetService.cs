using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Datasets;

/// <summary>A registered dataset, as the API and the dashboard show it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Display name.</param>
/// <param name="Kind">What a sample is.</param>
/// <param name="Count">Number of samples.</param>
/// <param name="SampleShape">Shape of one sample as the network takes it, without the batch dimension.</param>
/// <param name="Classes">Number of classes, 0 without labels.</param>
/// <param name="ClassNames">Names by class, null where the upload had none.</param>
/// <param name="ColumnNames">Names by column, tabular only.</param>
/// <param name="Format">Format of the upload.</param>
/// <param name="Options">Options of the upload, defaults filled in.</param>
/// <param name="SizeBytes">Bytes on disk.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Vocabulary">What token ids mean, text only.</param>
public sealed record DatasetView(string Id, string Name, SampleKind Kind, int Count, IReadOnlyList<int> SampleShape, int Classes, IReadOnlyList<string>? ClassNames, IReadOnlyList<string>? ColumnNames, string Format, JsonElement Options, long SizeBytes, DateTimeOffset CreatedAt, TokenVocabulary? Vocabulary = null);

/// <summary>A file of a dataset upload that still has to be received.</summary>
internal sealed record NewFile(string FileName, Stream Content);

/// <summary>A file of a dataset upload that has been received.</summary>
internal sealed record ReceivedFile(string FileName, StagedFile Staged);

/// <summary>Registers, lists, opens and deletes datasets.</summary>
internal sealed partial class DatasetService(IDbContextFactory<LabDb> store, FileStore files, DataDirectory data, DatasetCache cache, Manifests manifests, DatasetFiles checks, DiskReserve disk, IOptions<LabOptions> options, TimeProvider time, ILogger<DatasetService> log)
{
    /// <summary>Registers a dataset.</summary>
    /// <param name="content">One or more files; their names are labels, never paths.</param>
    /// <param name="format">One of <see cref="DatasetImporter.Formats"/>.</param>
    /// <param name="name">Display name; null takes the first file's.</param>
    /// <param name="importOptions">Options of the format; null for none.</param>
    /// <param name="cancellation">Stops; nothing is kept.</param>
    /// <exception cref="DatasetRejectedException">The upload is refused, with the field at fault.</exception>
    /// <exception cref="InvalidInputException">Files or the format are missing.</exception>
    /// <exception cref="TooLargeException">The files are larger than the limit.</exception>
    public async Task<DatasetView> AddAsync(IReadOnlyList<NewFile> content, string? format, string? name, JsonElement? importOptions, CancellationToken cancellation)
    {
        var received = new List<ReceivedFile>();
        try
        {
            var left = options.Value.MaxDatasetBytes;
            foreach (var file in content)
            {
                var staged = await files.StageAsync(file.Content, "files", left, cancellation);
                left -= staged.Length;
                received.Add(new(file.FileName, staged));
            }

            return await AddAsync(received, format, name, importOptions, cancellation);
        }
        finally
        {
            received.ForEach(r => r.Staged.Dispose());
        }
    }

    /// <summary>Registers a dataset whose files have been received; the caller disposes them.</summary>
    public async Task<DatasetView> AddAsync(IReadOnlyList<ReceivedFile> received, string? format, string? name, JsonElement? importOptions, CancellationToken cancellation)
    {
        var formatOptions = Check(received, format, importOptions);
        var cleanName = Names.Clean(name, received[0].FileName);
        var folder = data.NewTemporary();
        Directory.CreateDirectory(folder);
        try
        {
            List<UploadedFile> uploads = [.. received.Select(r => new UploadedFile(r.FileName, r.Staged.Path, r.Staged.Length))];
            // Decoding is work for a processor, not for the thread that answers requests.
            var summary = await Task.Run(() => DatasetImporter.Import(uploads, format!, formatOptions, folder, options.Value.ImportLimits, cancellation), cancellation);
            var row = new DatasetRow
            {
                Id = Names.NewId(),
                Name = cleanName,
                Summary = JsonSerializer.Serialize(summary, LabJson.Options),
                SizeBytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length),
                CreatedAt = time.Now(),
            };

            var hashes = await Task.Run(() => FileHashes.OfFolder(folder), cancellation);
            if (await MendAsync(folder, hashes, cancellation) is { } mended)
            {
                return View(mended);
            }

            // The folder is complete before the row exists: a crash in between leaves a folder without a row, set aside at the next start.
            Directory.Move(folder, Path.Combine(data.Datasets, row.Id));
            await InsertAsync(row, cancellation);
            manifests.Write(new DatasetManifest(row, hashes));
            LogAdded(log, row.Id, summary.Format, summary.Count);
            return View(row);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Datasets, newest first.</summary>
    public async Task<Page<DatasetView>> ListAsync(int? take, string? after, CancellationToken cancellation)
    {
        var request = PageRequest.From(take, after);
        await using var db = await store.CreateDbContextAsync(cancellation);
        var rows = await db.Datasets.AsNoTracking().Where(d => d.Sequence < request.Before)
            .OrderByDescending(d => d.Sequence).Take(request.Take + 1).ToListAsync(cancellation);
        return Page<DatasetView>.From(rows, request, r => r.Sequence, View);
    }

    /// <summary>One dataset.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<DatasetView> FindAsync(string id, CancellationToken cancellation) => View(await RowAsync(id, cancellation));

    /// <summary>Opens a dataset. It is shared: disposing what is returned gives the lease back.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    public async Task<IDataset> OpenAsync(string id, CancellationToken cancellation)
    {
        var row = await RowAsync(id, cancellation);
        return await Task.Run(() => cache.Lease(row.Id, checks.Require(row)), cancellation);
    }

    /// <summary>Deletes a dataset.</summary>
    /// <exception cref="NotFoundException">There is none with this id.</exception>
    /// <exception cref="ConflictException">A job that has not succeeded uses it.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellation)
    {
        var view = await FindAsync(id, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        await JobInputs.DeleteInputAsync(db, disk, JobInputRow.Dataset, id, db.Datasets.Where(d => d.Id == id), cancellation);
        cache.Forget(id);
        data.Delete(Path.Combine(data.Datasets, view.Id));
        LogDeleted(log, id);
    }

    private async Task InsertAsync(DatasetRow row, CancellationToken cancellation)
    {
        try
        {
            await using var db = await store.CreateDbContextAsync(cancellation);
            db.Datasets.Add(row);
            await db.SaveChangesAsync(cancellation);
        }
        catch
        {
            // A folder without a row would lie there until the next start.
            data.Delete(Path.Combine(data.Datasets, row.Id));
            throw;
        }
    }

    /// <summary>The dataset of the same data that was damaged and that these files have mended; null without one.</summary>
    private async Task<DatasetRow?> MendAsync(string folder, IReadOnlyDictionary<string, string> hashes, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        foreach (var row in await db.Datasets.AsNoTracking().ToListAsync(cancellation))
        {
            if (await Task.Run(() => checks.TryMend(row, folder, hashes), cancellation))
            {
                cache.Forget(row.Id);
                return row;
            }
        }

        return null;
    }

    private async Task<DatasetRow> RowAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Datasets.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellation) ?? throw new NotFoundException("dataset", id);
    }

    private JsonElement Check(IReadOnlyList<ReceivedFile> received, string? format, JsonElement? importOptions)
    {
        var errors = new Dictionary<string, string[]>();
        if (received.Count == 0)
        {
            errors["files"] = ["at least one file is needed"];
        }
        else if (received.Count > options.Value.MaxDatasetFiles)
        {
            errors["files"] = [$"at most {options.Value.MaxDatasetFiles} files are taken; use a zip"];
        }

        if (string.IsNullOrEmpty(format) || !DatasetImporter.Formats.Contains(format))
        {
            errors["format"] = [$"must be one of {string.Join(", ", DatasetImporter.Formats)}"];
        }

        if (importOptions is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) })
        {
            errors["options"] = ["must be a JSON object"];
        }

        return errors.Count > 0 ? throw new InvalidInputException(errors)
            : importOptions is { ValueKind: JsonValueKind.Object } given ? given
            : JsonSerializer.SerializeToElement(new { }, LabJson.Options);
    }

    private static DatasetView View(DatasetRow row)
    {
        var s = JsonSerializer.Deserialize<DatasetSummary>(row.Summary, LabJson.Options)!;
        return new(row.Id, row.Name, s.Kind, s.Count, s.SampleShape, s.Classes, s.ClassNames, s.ColumnNames, s.Format, s.Options, row.SizeBytes, row.CreatedAt, s.Vocabulary);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dataset {Id} registered: {Format}, {Count} samples")]
    private static partial void LogAdded(ILogger logger, string id, string format, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dataset {Id} deleted")]
    private static partial void LogDeleted(ILogger logger, string id);
}
