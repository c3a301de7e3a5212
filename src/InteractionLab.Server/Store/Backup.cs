using System.Runtime.CompilerServices;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Jobs;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>
/// Writes a backup of a lab that may run, in another process: the catalogue as it is at one moment, and the files it refers
/// to. They get second names at once, in <c>tmp/</c>, and are read from there, so that a deletion meanwhile takes nothing away;
/// no file is ever changed in its place. Manifests stay out: the next start writes them from the catalogue.
/// </summary>
internal sealed class Backup(DataDirectory data, FileStore files, TimeProvider time)
{
    private const string Database = "lab.db";
    private const int MostTries = 20;

    /// <summary>Writes the backup and says what it holds; what is damaged or missing in the lab is named, and the rest is kept.</summary>
    /// <exception cref="StartException">There is no lab, or the file is there already.</exception>
    public async Task RunAsync(string file, TextWriter report, CancellationToken cancellation)
    {
        if (!File.Exists(data.Database))
        {
            throw new StartException($"{data.Root} holds no lab: {Database} is missing.");
        }

        if (File.Exists(file))
        {
            throw new StartException($"{file} is there already; give another name.");
        }

        // A lab that is stopped is not started meanwhile.
        data.TryLock();
        var stage = data.NewTemporary();
        try
        {
            var paths = await StageAsync(stage, report, cancellation);
            await BackupArchive.WriteAsync(file, ReadAsync(stage, paths, report, cancellation), time.Now(), cancellation);
            await report.WriteLineAsync($"{file}: {paths.Count} files, {new FileInfo(file).Length} bytes.");
        }
        finally
        {
            if (Directory.Exists(stage))
            {
                Directory.Delete(stage, recursive: true);
            }
        }
    }

    /// <summary>Gives all that belongs to one moment second names.</summary>
    private async Task<IReadOnlyList<string>> StageAsync(string stage, TextWriter report, CancellationToken cancellation)
    {
        var missing = new HashSet<string>();
        for (var tries = 1; ; tries++)
        {
            Directory.CreateDirectory(stage);
            var paths = await SnapshotAsync(stage, cancellation);
            var gone = paths.Where(path => !TryLink(path, stage)).ToHashSet();
            if (gone.IsSubsetOf(missing) || tries == MostTries)
            {
                // Missing twice in a row: not deleted between two lines of ours, but lost.
                foreach (var path in gone)
                {
                    await report.WriteLineAsync($"{path} is missing in the lab.");
                }

                return [Database, .. paths.Where(path => !gone.Contains(path))];
            }

            missing = gone;
            Directory.Delete(stage, recursive: true);
        }
    }

    /// <summary>Copies the catalogue, and lists what it refers to.</summary>
    private async Task<IReadOnlyList<string>> SnapshotAsync(string stage, CancellationToken cancellation)
    {
        var copy = Path.Combine(stage, Database);
        await using (var live = SqliteStore.Open(data.Database))
        {
            await live.Database.OpenConnectionAsync(cancellation);
            await SqliteStore.CopyAsync((SqliteConnection)live.Database.GetDbConnection(), copy, cancellation);
        }

        await using var db = SqliteStore.Open(copy);
        var stored = await db.Models.Select(m => m.Sha256).Union(db.Cells.Select(c => c.Sha256)).ToListAsync(cancellation);
        var datasets = await db.Datasets.Select(d => d.Id).ToListAsync(cancellation);
        var jobs = await db.Jobs.Select(j => new { j.Id, j.State }).ToListAsync(cancellation);
        return
        [
            .. stored.Select(sha256 => Path.GetRelativePath(data.Root, files.PathOf(sha256))),
            .. datasets.SelectMany(id => Under(Path.Combine(data.Datasets, id))),
            .. jobs.SelectMany(job => Under(Path.Combine(data.Jobs, job.Id, JobOutputs.Folder)).Concat(Under(Path.Combine(data.Jobs, job.Id, JobContexts.Folder)))),
        ];
    }

    private List<string> Under(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(data.Root, path)).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            // A job without a result, or something that was deleted a moment ago.
            return [];
        }
    }

    private bool TryLink(string path, string stage)
    {
        var target = Path.Combine(stage, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            PosixFiles.LinkOrCopy(Path.Combine(data.Root, path), target);
            return true;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static async IAsyncEnumerable<(BackupFile File, string Source)> ReadAsync(string stage, IReadOnlyList<string> paths, TextWriter report, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var path in paths)
        {
            var source = Path.Combine(stage, path);
            var sha256 = await FileHashes.OfAsync(source, cancellation);
            if (path.StartsWith("files/", StringComparison.Ordinal) && sha256 != Path.GetFileName(path))
            {
                await report.WriteLineAsync($"{path} is damaged in the lab; it is kept as it is.");
            }

            yield return (new(path, new FileInfo(source).Length, sha256), source);
        }
    }
}
