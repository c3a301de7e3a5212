using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Jobs;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>
/// Makes the catalogue again from the files: their manifests, and where there are none what a model or dataset says of itself.
/// The database that was there goes to quarantine, and so does what nothing is known of. Run on a lab that is stopped.
/// </summary>
internal sealed class Recovery(DataDirectory data, SqliteStore sqlite, FileStore files, Manifests manifests, Quarantine quarantine, Restore restore, StoreStart start, TimeProvider time)
{
    /// <summary>Does it, and says what it found line by line.</summary>
    /// <exception cref="DataDirectoryException">A server has the directory.</exception>
    public async Task RunAsync(TextWriter report, CancellationToken cancellation)
    {
        await data.LockAsync(time, cancellation);
        restore.Finish();
        await KeepOldAsync(report, cancellation);
        var path = data.NewTemporary();
        await using (var db = SqliteStore.Open(path))
        {
            await sqlite.UpgradeAsync(db, cancellation);
            var models = await AddModelsAsync(db, report, cancellation);
            var datasets = await AddDatasetsAsync(db, report, cancellation);
            var jobs = await AddJobsAsync(db, report, cancellation);
            await db.SaveChangesAsync(cancellation);
            await report.WriteLineAsync($"The catalogue has {models} models, {datasets} datasets and {jobs} jobs.");

            // One file, which is moved whole.
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = DELETE", cancellation);
        }

        var aside = quarantine.NewFolder();
        foreach (var old in SqliteStore.FilesOf(data.Database).Where(File.Exists))
        {
            Quarantine.Move(old, Path.Combine(aside, Path.GetFileName(old)));
        }

        File.Move(path, data.Database);
        await using (var db = SqliteStore.Open(data.Database))
        {
            var unknown = await start.SetAsideAsync(db, cancellation);
            await manifests.WriteMissingAsync(db, cancellation);
            await report.WriteLineAsync(unknown > 0 || Directory.Exists(aside) ? $"The old database and {unknown} files and folders that nothing is known of are in {data.Quarantine}." : "Nothing was left over.");
        }
    }

    /// <summary>A database that can still be read says what an earlier version of the program wrote no manifest of.</summary>
    private async Task KeepOldAsync(TextWriter report, CancellationToken cancellation)
    {
        if (new FileInfo(data.Database) is not { Exists: true, Length: > 0 })
        {
            return;
        }

        try
        {
            await using var db = SqliteStore.Open(data.Database);
            await sqlite.UpgradeAsync(db, cancellation);
            await manifests.WriteMissingAsync(db, cancellation);
        }
        catch (Exception error) when (error is InvalidDataException or SqliteException)
        {
            await report.WriteLineAsync($"The old database is of no help: {error.Message.Split('.')[0]}.");
        }
    }

    private async Task<int> AddModelsAsync(LabDb db, TextWriter report, CancellationToken cancellation)
    {
        var known = new Dictionary<string, ModelRow>(StringComparer.Ordinal);
        foreach (var row in manifests.Models())
        {
            if (known.TryAdd(row.Sha256, row) && !File.Exists(files.PathOf(row.Sha256)))
            {
                await report.WriteLineAsync($"The file of model '{row.Name}' is missing; upload it again.");
            }
        }

        var cells = Directory.EnumerateDirectories(data.Jobs).SelectMany(folder => manifests.Cells(Path.GetFileName(folder))).Select(cell => cell.Sha256).ToHashSet();
        foreach (var path in files.All().Where(path => !known.ContainsKey(Path.GetFileName(path)) && !cells.Contains(Path.GetFileName(path))).Order(StringComparer.Ordinal).ToList())
        {
            if (await ModelOfAsync(path, cancellation) is { } row)
            {
                known.Add(row.Sha256, row);
                await report.WriteLineAsync($"{Path.GetRelativePath(data.Root, path)} is a model; it is registered as '{row.Name}'.");
            }
        }

        List<ModelRow> rows = [.. known.Values.OrderBy(m => m.CreatedAt).ThenBy(m => m.Sequence)];
        Number(rows, (model, sequence) => model.Sequence = sequence);
        db.Models.AddRange(rows);
        return known.Count;
    }

    private async Task<ModelRow?> ModelOfAsync(string path, CancellationToken cancellation)
    {
        var name = Path.GetFileName(path);
        if (await FileHashes.OfAsync(path, cancellation) != name || files.PathOf(name) != path)
        {
            return null;
        }

        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancellation);
            return new ModelRow
            {
                Id = Names.NewId(),
                Name = $"recovered {name[..8]}",
                Sha256 = name,
                SizeBytes = bytes.Length,
                Summary = JsonSerializer.Serialize(OnnxModel.Load(bytes, cancellation).Summary, LabJson.Options),
                CreatedAt = new DateTimeOffset(File.GetLastWriteTimeUtc(path)),
            };
        }
        catch (ModelRejectedException)
        {
            return null;
        }
    }

    private async Task<int> AddDatasetsAsync(LabDb db, TextWriter report, CancellationToken cancellation)
    {
        var rows = new List<DatasetRow>();
        foreach (var folder in Directory.GetDirectories(data.Datasets).Order(StringComparer.Ordinal))
        {
            var id = Path.GetFileName(folder);
            if (manifests.Dataset(id) is { } manifest)
            {
                rows.Add(manifest.Dataset);
                continue;
            }

            try
            {
                using var dataset = DatasetReader.Open(folder);
                var row = new DatasetRow
                {
                    Id = id,
                    Name = $"recovered {id[..Math.Min(8, id.Length)]}",
                    Summary = JsonSerializer.Serialize(dataset.Summary, LabJson.Options),
                    SizeBytes = new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length),
                    CreatedAt = new DateTimeOffset(Directory.GetLastWriteTimeUtc(folder)),
                };
                rows.Add(row);
                await report.WriteLineAsync($"datasets/{id} has no manifest; it is registered as '{row.Name}'.");
            }
            catch (Exception error) when (error is InvalidDataException or IOException)
            {
                await report.WriteLineAsync($"datasets/{id} cannot be read: {error.Message}");
            }
        }

        rows = [.. rows.OrderBy(d => d.CreatedAt).ThenBy(d => d.Sequence)];
        Number(rows, (dataset, sequence) => dataset.Sequence = sequence);
        db.Datasets.AddRange(rows);
        return rows.Count;
    }

    private async Task<int> AddJobsAsync(LabDb db, TextWriter report, CancellationToken cancellation)
    {
        var found = new List<JobManifest>();
        foreach (var folder in Directory.GetDirectories(data.Jobs))
        {
            var id = Path.GetFileName(folder);
            if (manifests.Job(id) is { } manifest)
            {
                found.Add(manifest);
            }
            else
            {
                await report.WriteLineAsync($"jobs/{id} has no manifest that can be read: its spec is not known.");
            }
        }

        List<JobManifest> jobs = [.. found.OrderBy(m => m.Job.CreatedAt).ThenBy(m => m.Job.Sequence)];
        Number(jobs, (manifest, sequence) => manifest.Job.Sequence = sequence);
        var ids = jobs.Select(m => m.Job.Id).ToHashSet();
        var keys = new HashSet<string>();
        foreach (var (job, inputs) in jobs)
        {
            List<CellRow> cells = [.. manifests.Cells(job.Id).Where(cell => cell.Position < job.Total && File.Exists(files.PathOf(cell.Sha256))).DistinctBy(cell => cell.Sequence)];
            Settle(job, cells.Count);
            job.IdempotencyKey = job.IdempotencyKey is { } key && keys.Add(key) ? key : null;
            if (job.Parent is { } parent && !ids.Contains(parent))
            {
                (job.Parent, job.Role) = (null, null);
            }

            db.Jobs.Add(job);
            db.JobInputs.AddRange(inputs.Where(i => i.JobId == job.Id).DistinctBy(i => (i.Type, i.InputId)));
            db.Cells.AddRange(cells);

            // A parent is in the table before its children.
            await db.SaveChangesAsync(cancellation);
            db.ChangeTracker.Clear();
        }

        return jobs.Count;
    }

    /// <summary>Where a job stands whose row is lost: as its manifest says where it had ended, else in the queue, unless its result is there.</summary>
    private void Settle(JobRow job, int cells)
    {
        var state = JobStates.Parse(job.State);
        var hasResult = File.Exists(Path.Combine(data.Jobs, job.Id, JobOutputs.Folder, Manifests.Name));
        (job.State, job.Error) = (state, hasResult) switch
        {
            (JobState.Failed or JobState.Cancelled, _) => (job.State, job.Error),
            (_, true) when cells == job.Total => (JobStates.Format(JobState.Succeeded), null),
            (JobState.Succeeded, _) => (JobStates.Format(JobState.Failed), "A part of what this job left is lost; retry computes it again."),
            _ => (JobStates.Format(JobState.Queued), null),
        };
        (job.Done, job.Waits, job.Turn, job.SecondsLeft, job.Recoveries) = (cells, null, null, null, 0);
        job.FinishedAt = job.State == JobStates.Format(JobState.Queued) ? null : job.FinishedAt ?? time.Now();
    }

    /// <summary>Rows of two lives of a catalogue may have the same numbers: they count from 1 again, in the order in which they were made.</summary>
    private static void Number<T>(List<T> rows, Action<T, long> set)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            set(rows[i], i + 1);
        }
    }
}
