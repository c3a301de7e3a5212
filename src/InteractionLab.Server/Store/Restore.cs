using InteractionLab.Server.Configuration;

namespace InteractionLab.Server.Store;

/// <summary>
/// Puts a backup into the data directory of a lab that is stopped. It is checked, unpacked beside what is there, and only then
/// exchanged with it, name by name: what was there goes to quarantine. A process killed before the exchange leaves the old
/// state; one killed in it leaves a mark, and the next start ends the exchange.
/// </summary>
internal sealed class Restore(DataDirectory data, Quarantine quarantine, TimeProvider time)
{
    // The log of a database goes before it: alone it would be taken for the log of the new one.
    private static readonly string[] Exchanged = ["lab.db-wal", "lab.db-shm", "lab.db-journal", "lab.db", "files", "models", "datasets", "jobs"];

    private string New => Path.Combine(data.Restoring, "new");

    private string Mark => Path.Combine(data.Restoring, "whole");

    /// <summary>Restores a backup and says where the old state is.</summary>
    /// <exception cref="StartException">The file is no whole backup; nothing was changed.</exception>
    /// <exception cref="DataDirectoryException">A server has the directory.</exception>
    public async Task RunAsync(string file, TextWriter report, CancellationToken cancellation)
    {
        await data.LockAsync(time, cancellation);
        Finish();
        var index = await BackupArchive.CheckAsync(file, cancellation);
        var known = index.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (var folder in Exchanged[4..])
        {
            Directory.CreateDirectory(Path.Combine(New, folder));
        }

        await BackupArchive.ExtractAsync(file, (path, content) => UnpackAsync(known[path], content, cancellation), cancellation);
        PosixFiles.Flush();
        var aside = $"{Path.GetFileName(quarantine.NewFolder())}-restore";
        await File.WriteAllTextAsync($"{Mark}.part", aside, cancellation);
        PosixFiles.Flush();

        // From here the new state is the state, whatever ends this process.
        File.Move($"{Mark}.part", Mark);
        Finish();
        await report.WriteLineAsync($"{index.Files.Count} files of {index.CreatedAt:u} restored. What was there before is in {Path.Combine(data.Quarantine, aside)}.");
    }

    /// <summary>Ends a restore that was under way when its process was killed: the old state where it was not whole, else the new one.</summary>
    public void Finish()
    {
        if (File.Exists(Mark))
        {
            var aside = Path.Combine(data.Quarantine, File.ReadAllText(Mark));
            foreach (var name in Exchanged)
            {
                Exchange(Path.Combine(New, name), Path.Combine(data.Root, name), Path.Combine(aside, name));
            }

            File.Delete(Mark);
        }

        if (Directory.Exists(data.Restoring))
        {
            Directory.Delete(data.Restoring, recursive: true);
        }
    }

    private static void Exchange(string from, string to, string aside)
    {
        var isLog = Path.GetFileName(to).StartsWith("lab.db-", StringComparison.Ordinal);
        if (!isLog && !File.Exists(from) && !Directory.Exists(from))
        {
            // Exchanged before the process was killed.
            return;
        }

        if (Directory.Exists(aside) && Directory.Exists(to))
        {
            // The old one is moved already, and this one the data directory made when it was opened.
            Directory.Delete(to);
        }
        else if (File.Exists(to) || Directory.Exists(to))
        {
            Quarantine.Move(to, aside);
        }

        if (!isLog)
        {
            Quarantine.Move(from, to);
        }
    }

    private async Task UnpackAsync(BackupFile file, Stream content, CancellationToken cancellation)
    {
        var (there, target) = (Path.Combine(data.Root, file.Path), Path.Combine(New, file.Path));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (file.Path != "lab.db" && new FileInfo(there) is { Exists: true } old && old.Length == file.SizeBytes && await FileHashes.OfAsync(there, cancellation) == file.Sha256)
        {
            // The same bytes need no second place on the disk.
            PosixFiles.LinkOrCopy(there, target);
            return;
        }

        await using var written = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        await content.CopyToAsync(written, cancellation);
    }
}
