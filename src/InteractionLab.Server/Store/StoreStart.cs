using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>What the store needs once at start, before anything else uses it: tables, and no leftovers of a killed process.</summary>
internal sealed partial class StoreStart(DataDirectory data, SqliteStore sqlite, FileStore files, ValueCache cache, IDbContextFactory<LabDb> store, TimeProvider time, ILogger<StoreStart> log)
{
    /// <summary>Takes the data directory, brings the tables up to date and removes files that no row refers to.</summary>
    /// <exception cref="DataDirectoryException">Another server has the directory.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await data.LockAsync(time, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        var migration = await sqlite.UpgradeAsync(db, cancellation);
        EmptyTemporary();
        var orphans = await files.DeleteUnreferencedAsync([.. files.All()], candidates => ReferencedAsync(db, candidates, cancellation), cancellation);
        orphans += DeleteOrphanFolders(data.Datasets, await db.Datasets.Select(d => d.Id).ToListAsync(cancellation));
        orphans += DeleteOrphanFolders(data.Jobs, await db.Jobs.Select(j => j.Id).ToListAsync(cancellation));
        cache.Trim();
        LogReady(log, data.Root, migration, orphans);
    }

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

    private void EmptyTemporary()
    {
        Directory.Delete(data.Temporary, recursive: true);
        Directory.CreateDirectory(data.Temporary);
    }

    private static int DeleteOrphanFolders(string parent, IReadOnlyCollection<string> known)
    {
        var kept = known.ToHashSet();
        var orphans = Directory.GetDirectories(parent).Where(folder => !kept.Contains(Path.GetFileName(folder))).ToList();
        orphans.ForEach(folder => Directory.Delete(folder, recursive: true));
        return orphans.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Data directory {Root}, store {Migration}; {Orphans} leftovers removed")]
    private static partial void LogReady(ILogger logger, string root, string migration, int orphans);
}
