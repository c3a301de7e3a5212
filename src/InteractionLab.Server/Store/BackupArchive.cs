using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;

namespace InteractionLab.Server.Store;

/// <summary>A file of a backup: its path in the data directory, its length and the SHA-256 of its bytes.</summary>
internal sealed record BackupFile(string Path, long SizeBytes, string Sha256);

/// <summary>What a backup holds; the last entry of the archive, so that one that was cut off has none.</summary>
internal sealed record BackupIndex(int Version, DateTimeOffset CreatedAt, IReadOnlyList<BackupFile> Files);

/// <summary>A backup on disk: a tar archive of files by their path in the data directory, with an index; compressed where its name ends in <c>gz</c>.</summary>
internal static class BackupArchive
{
    /// <summary>The version of the layout.</summary>
    public const int Version = 1;

    private const string IndexName = "backup.json";

    /// <summary>Writes an archive: it has its name when it is whole and on disk.</summary>
    public static async Task WriteAsync(string file, IAsyncEnumerable<(BackupFile File, string Source)> files, DateTimeOffset now, CancellationToken cancellation)
    {
        var part = $"{file}.part";
        try
        {
            await using (var target = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            {
                var content = IsCompressed(file) ? new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true) : (Stream)target;
                await using (var tar = new TarWriter(content, TarEntryFormat.Pax, leaveOpen: true))
                {
                    var written = new List<BackupFile>();
                    await foreach (var (entry, source) in files.WithCancellation(cancellation))
                    {
                        await tar.WriteEntryAsync(source, entry.Path, cancellation);
                        written.Add(entry);
                    }

                    using var index = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new BackupIndex(Version, now, written), LabJson.Options));
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, IndexName) { DataStream = index }, cancellation);
                }

                if (content != target)
                {
                    await content.DisposeAsync();
                }

                await target.FlushAsync(cancellation);
                target.Flush(flushToDisk: true);
            }

            File.Move(part, file);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <summary>Reads an archive to its end and compares every byte with the index; nothing is written.</summary>
    /// <exception cref="StartException">It is no whole backup.</exception>
    public static async Task<BackupIndex> CheckAsync(string file, CancellationToken cancellation)
    {
        var found = new Dictionary<string, BackupFile>(StringComparer.Ordinal);
        BackupIndex? index = null;
        await ReadAsync(
            file,
            async (path, content) =>
            {
                if (path == IndexName)
                {
                    index = await JsonSerializer.DeserializeAsync<BackupIndex>(content, LabJson.Options, cancellation);
                    return;
                }

                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[1 << 16];
                long length = 0;
                for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0; length += read)
                {
                    hash.AppendData(buffer, 0, read);
                }

                found[path] = new(path, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
            },
            cancellation);
        if (index is not { Files: not null })
        {
            throw NotWhole(file, "it has no index at its end");
        }

        if (index.Version != Version)
        {
            throw NotWhole(file, $"its layout is {index.Version}, not {Version}");
        }

        foreach (var entry in index.Files)
        {
            if (!found.Remove(entry.Path, out var there) || there != entry)
            {
                throw NotWhole(file, $"{entry.Path} is {(there is null ? "missing" : "damaged")}");
            }
        }

        return found.Count == 0 ? index : throw NotWhole(file, $"{found.Keys.First()} is not in its index");
    }

    /// <summary>Gives each file of an archive that was checked, but not the index.</summary>
    public static Task ExtractAsync(string file, Func<string, Stream, Task> take, CancellationToken cancellation) =>
        ReadAsync(file, (path, content) => path == IndexName ? Task.CompletedTask : take(path, content), cancellation);

    private static async Task ReadAsync(string file, Func<string, Stream, Task> take, CancellationToken cancellation)
    {
        try
        {
            await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
            await using var content = IsCompressed(file) ? new GZipStream(source, CompressionMode.Decompress) : (Stream)source;
            await using var tar = new TarReader(content);
            while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
            {
                if (entry.EntryType is not TarEntryType.RegularFile || !IsInside(entry.Name))
                {
                    throw NotWhole(file, $"it holds '{entry.Name}'");
                }

                await take(entry.Name, entry.DataStream ?? Stream.Null);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotWhole(file, error.Message);
        }
    }

    // What a backup may write: nothing but what one holds, and nothing beside the data directory.
    private static bool IsInside(string path) =>
        path is IndexName or "lab.db"
        || (path.Split('/') is ["files" or "datasets" or "jobs", .. { Length: > 0 } rest] && rest.All(part => part is not ("" or "." or "..")));

    private static bool IsCompressed(string file) => file.EndsWith("gz", StringComparison.OrdinalIgnoreCase);

    private static StartException NotWhole(string file, string why) => new($"{file} is no whole backup: {why}. Nothing was changed.");
}
