using System.Text.Json;
using InteractionLab.Experiments;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>A dataset's row and the SHA-256 of each of its files; null where those were never taken.</summary>
internal sealed record DatasetManifest(DatasetRow Dataset, IReadOnlyDictionary<string, string>? Files);

/// <summary>A job's row and what it reads.</summary>
internal sealed record JobManifest(JobRow Job, IReadOnlyList<JobInputRow> Inputs);

/// <summary>
/// What the catalogue says of each thing, as a small file beside it: <c>models/{id}.json</c>, <c>manifest.json</c> in the
/// folder of a dataset or job, and there <c>cells.jsonl</c>. They follow the rows and are read by nobody but <see cref="Recovery"/>
/// (and for the hashes of datasets), so one that cannot be written is no fault of what it describes: the log says so, and the
/// next start writes it.
/// </summary>
internal sealed partial class Manifests(DataDirectory data, ILogger<Manifests> log)
{
    /// <summary>The name of a manifest in the folder of a dataset or job.</summary>
    public const string Name = "manifest.json";

    private const string CellsName = "cells.jsonl";

    /// <summary>Of a model.</summary>
    public string OfModel(string id) => Path.Combine(data.Models, $"{id}.json");

    /// <summary>Of a dataset.</summary>
    public string OfDataset(string id) => Path.Combine(data.Datasets, id, Name);

    /// <summary>Of a job.</summary>
    public string OfJob(string id) => Path.Combine(data.Jobs, id, Name);

    /// <summary>Says what a model is.</summary>
    public void Write(ModelRow model) => Write(OfModel(model.Id), JsonSerializer.SerializeToUtf8Bytes(model, LabJson.Options));

    /// <summary>Says what a dataset is.</summary>
    public void Write(DatasetManifest dataset) => Write(OfDataset(dataset.Dataset.Id), JsonSerializer.SerializeToUtf8Bytes(dataset, LabJson.Options));

    /// <summary>Says what a job is now and which cells it has; nothing of a job that is gone.</summary>
    public async Task WriteJobAsync(LabDb db, string id)
    {
        if (await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, CancellationToken.None) is not { } job)
        {
            return;
        }

        var inputs = await db.JobInputs.AsNoTracking().Where(i => i.JobId == id).ToListAsync(CancellationToken.None);
        var cells = await db.Cells.AsNoTracking().Where(c => c.JobId == id).OrderBy(c => c.Sequence).ToListAsync(CancellationToken.None);
        if (cells.Count > 0)
        {
            using var lines = new MemoryStream();
            cells.ForEach(cell => lines.Write(Line(cell)));
            Write(OfCells(id), lines.ToArray());
        }

        Write(OfJob(id), JsonSerializer.SerializeToUtf8Bytes(new JobManifest(job, inputs), LabJson.Options));
    }

    /// <summary>Adds a cell to those of its job.</summary>
    public void Append(CellRow cell)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(data.Jobs, cell.JobId));
            using var file = new FileStream(OfCells(cell.JobId), FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, 1);
            file.Write(Line(cell));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnwritable(log, OfCells(cell.JobId), error.Message);
        }
    }

    /// <summary>Writes those that are missing: of things that an earlier version of the program made, or one that was killed.</summary>
    public async Task WriteMissingAsync(LabDb db, CancellationToken cancellation)
    {
        foreach (var id in (await db.Models.Select(m => m.Id).ToListAsync(cancellation)).Where(id => IsMissing(OfModel(id))))
        {
            Write(await db.Models.AsNoTracking().SingleAsync(m => m.Id == id, cancellation));
        }

        // The folder of a dataset that was lost is not made again for it.
        foreach (var id in (await db.Datasets.Select(d => d.Id).ToListAsync(cancellation)).Where(id => IsMissing(OfDataset(id)) && Directory.Exists(Path.Combine(data.Datasets, id))))
        {
            Write(new DatasetManifest(await db.Datasets.AsNoTracking().SingleAsync(d => d.Id == id, cancellation), null));
        }

        foreach (var id in (await db.Jobs.Select(j => j.Id).ToListAsync(cancellation)).Where(id => IsMissing(OfJob(id))))
        {
            await WriteJobAsync(db, id);
        }
    }

    /// <summary>The models that have a manifest.</summary>
    public IEnumerable<ModelRow> Models() =>
        Directory.EnumerateFiles(data.Models, "*.json").Order(StringComparer.Ordinal).Select(Read<ModelRow>).OfType<ModelRow>().Where(m => File.Exists(OfModel(m.Id)));

    /// <summary>What the manifest of a dataset says; null without one that can be read.</summary>
    public DatasetManifest? Dataset(string id) => Read<DatasetManifest>(OfDataset(id)) is { Dataset: { } row } manifest && row.Id == id ? manifest : null;

    /// <summary>What the manifest of a job says; null without one that can be read.</summary>
    public JobManifest? Job(string id) => Read<JobManifest>(OfJob(id)) is { Job: { } row, Inputs: not null } manifest && row.Id == id ? manifest : null;

    /// <summary>The cells of a job, the last line of each; a line that was not written to its end counts for nothing.</summary>
    public IReadOnlyList<CellRow> Cells(string jobId)
    {
        var cells = new Dictionary<int, CellRow>();
        if (!File.Exists(OfCells(jobId)))
        {
            return [];
        }

        foreach (var line in File.ReadLines(OfCells(jobId)))
        {
            if (Parse<CellRow>(System.Text.Encoding.UTF8.GetBytes(line)) is { } cell && cell.JobId == jobId)
            {
                cells[cell.Position] = cell;
            }
        }

        return [.. cells.Values.OrderBy(c => c.Sequence)];
    }

    // Not waited for on its way to the disk, so a power cut may leave the name without the bytes.
    private static bool IsMissing(string path) => new FileInfo(path) is not { Exists: true, Length: > 0 };

    private string OfCells(string jobId) => Path.Combine(data.Jobs, jobId, CellsName);

    private static byte[] Line(CellRow cell) => [.. JsonSerializer.SerializeToUtf8Bytes(cell, LabJson.Options), (byte)'\n'];

    private static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return Parse<T>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static T? Parse<T>(byte[] bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, LabJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write(string path, byte[] bytes)
    {
        var temporary = data.NewTemporary();
        try
        {
            File.WriteAllBytes(temporary, bytes);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            LogUnwritable(log, path, error.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The manifest {Path} cannot be written ({Reason}); the next start tries again")]
    private static partial void LogUnwritable(ILogger logger, string path, string reason);
}
