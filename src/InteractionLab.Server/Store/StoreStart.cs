using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>
/// What the store needs once at start, before anything else uses it: tables, and no leftovers of a killed process. Nothing is
/// deleted but what was being written in <c>tmp/</c>: what the catalogue does not know goes to quarantine, and a catalogue
/// that knows nothing of a full directory is refused.
/// </summary>
internal sealed partial class StoreStart(DataDirectory data, SqliteStore sqlite, FileStore files, ValueCache cache, Manifests manifests, Quarantine quarantine, Restore restore, DiskReserve disk, IDbContextFactory<LabDb> store, TimeProvider time, ILogger<StoreStart> log)
{
    // An upload or cell whose row was not committed when the process was killed: one for each that was under way, and few
    // of them without a single row.
    private const int MostLeftovers = 8;

    /// <summary>Takes the data directory, brings the tables up to date and sets aside what no row refers to.</summary>
    /// <exception cref="DataDirectoryException">Another server has the directory, or its catalogue was lost.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await data.LockAsync(time, cancellation);
        try
        {
            await OpenAsync(cancellation);
        }
        catch
        {
            // What is refused is let go of: a person is about to put another file there.
            Stop();
            throw;
        }
    }

    /// <summary>Closes the database: what stands in its log goes into the one file, which can then be copied.</summary>
    public void Stop() => SqliteStore.Close(data.Database);

    /// <summary>Which of the candidates a model or a cell refers to.</summary>
    public static async Task<IReadOnlySet<string>> ReferencedAsync(LabDb db, IReadOnlyCollection<string> candidates, CancellationToken cancellation)
    {
        var kept = new HashSet<string>();
        foreach (var chunk in candidates.Chunk(500))
        {
            // A List: in C# 14 an array's Contains would bind to a span, which the query translator cannot read.
            List<string> names = [.. chunk];
            kept.UnionWith(await db.Models.Where(m => names.Contains(m.Sha256)).Select(m => m.Sha256).ToListAsync(cancellation));
            kept.UnionWith(await db.Cells.Where(c => names.Contains(c.Sha256)).Select(c => c.Sha256).Distinct().ToListAsync(cancellation));
        }

        return kept;
    }

    /// <summary>Moves to quarantine what no row refers to.</summary>
    /// <returns>How many files and folders.</returns>
    public async Task<int> SetAsideAsync(LabDb db, CancellationToken cancellation)
    {
        var paths = files.All().ToList();
        var kept = await ReferencedAsync(db, [.. paths.Select(path => Path.GetFileName(path)).Distinct()], cancellation);
        var models = (await db.Models.Select(m => m.Id).ToListAsync(cancellation)).Select(manifests.OfModel).ToHashSet();
        var datasets = (await db.Datasets.Select(d => d.Id).ToListAsync(cancellation)).ToHashSet();
        var jobs = (await db.Jobs.Select(j => j.Id).ToListAsync(cancellation)).ToHashSet();
        string[] unknown =
        [
            .. paths.Where(path => !kept.Contains(Path.GetFileName(path)) || files.PathOf(Path.GetFileName(path)) != path),
            .. Directory.GetFiles(data.Models).Where(path => !models.Contains(path)),
            .. Directory.GetDirectories(data.Datasets).Where(folder => !datasets.Contains(Path.GetFileName(folder))),
            .. Directory.GetDirectories(data.Jobs).Where(folder => !jobs.Contains(Path.GetFileName(folder))),
        ];
        var target = quarantine.NewFolder();
        return unknown.Count(path => quarantine.Take(path, target));
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        restore.Finish();
        disk.Release();
        if (new FileInfo(data.Database) is var file && (!file.Exists || file.Length == 0))
        {
            // Asked before SQLite sees it, which would make a database where there is none, and delete the log beside one that is empty.
            RequireNothing(file.Exists ? "is empty" : "is missing", most: 0);
        }

        await using var db = await store.CreateDbContextAsync(cancellation);
        var migration = await sqlite.UpgradeAsync(db, cancellation);
        if (!await db.Models.AnyAsync(cancellation) && !await db.Datasets.AnyAsync(cancellation) && !await db.Jobs.AnyAsync(cancellation))
        {
            RequireNothing("lists nothing", MostLeftovers);
        }

        EmptyTemporary();
        var unknown = await SetAsideAsync(db, cancellation);
        await manifests.WriteMissingAsync(db, cancellation);
        cache.Trim();
        LogReady(log, data.Root, migration, unknown);
    }

    private void RequireNothing(string what, int most)
    {
        var (stored, sets, jobs) = (files.All().Count(), Directory.GetDirectories(data.Datasets).Length, Directory.GetDirectories(data.Jobs).Length);
        var described = Directory.EnumerateFiles(data.Models).Any()
            || Directory.EnumerateDirectories(data.Datasets).Any(folder => File.Exists(manifests.OfDataset(Path.GetFileName(folder))))
            || Directory.EnumerateDirectories(data.Jobs).Any(folder => File.Exists(manifests.OfJob(Path.GetFileName(folder))));
        if (described || stored + sets + jobs > most)
        {
            throw new DataDirectoryException($"{data.Database} {what}, but beside it lie {stored} stored files, {sets} datasets and {jobs} jobs. Nothing was changed. {DataDirectory.WhatToDo(data.Root)}");
        }
    }

    private void EmptyTemporary()
    {
        Directory.Delete(data.Temporary, recursive: true);
        Directory.CreateDirectory(data.Temporary);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Data directory {Root}, store {Migration}; {Unknown} unknown files and folders set aside")]
    private static partial void LogReady(ILogger logger, string root, string migration, int unknown);
}
