using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Store;

/// <summary>
/// Outputs of networks as files under <c>cache/values</c>: named by their key, the least recently used removed first when
/// they take more than <see cref="LabOptions.CacheBytes"/>. Nothing refers to them, so the folder may be deleted at any
/// time, also while the server runs. Entries are checked by whoever reads them.
/// </summary>
internal sealed partial class ValueCache(DataDirectory data, DiskReserve disk, IOptions<LabOptions> options, TimeProvider time, ILogger<ValueCache> log) : IValueCache
{
    private readonly Lock _gate = new();
    private readonly long _most = options.Value.CacheBytes;
    private Dictionary<string, LinkedListNode<Entry>>? _entries;

    // Oldest use first.
    private LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Bytes of all entries.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                Load();
                return _bytes;
            }
        }
    }

    /// <inheritdoc/>
    public byte[]? Find(string key)
    {
        CheckKey(key);
        if (_most == 0)
        {
            return null;
        }

        var path = PathOf(key);
        try
        {
            var bytes = File.ReadAllBytes(path);
            Use(key, bytes.Length);
            Stamp(path);
            return bytes;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            Forget(key);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(log, error, key);
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Has(string key)
    {
        CheckKey(key);
        return _most > 0 && File.Exists(PathOf(key));
    }

    /// <inheritdoc/>
    public void Keep(string key, ReadOnlySpan<byte> bytes)
    {
        CheckKey(key);
        if (bytes.Length > _most || !disk.HasRoom())
        {
            return;
        }

        var temporary = data.NewTemporary();
        try
        {
            using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1))
            {
                target.Write(bytes);
                target.Flush(flushToDisk: true);
            }

            Stamp(temporary);
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);

            // From here the entry is whole and on disk; before, there is none of that name or the old one.
            File.Move(temporary, PathOf(key), overwrite: true);
            Use(key, bytes.Length);
            Evict();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk is no reason to fail a job whose result is still to be written; that will say so itself.
            LogUnwritable(log, error, key);
            TryDelete(temporary);
        }
    }

    /// <summary>Removes what is over the limit, which may have been lowered since the entries were kept.</summary>
    public void Trim()
    {
        _ = Bytes;
        Evict();
    }

    private string PathOf(string key) => Path.Combine(data.Values, key[..2], key);

    /// <summary>What was used last must be known after a restart too.</summary>
    private void Stamp(string path) => File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);

    private void Use(string key, long size)
    {
        lock (_gate)
        {
            var entries = Load();
            if (entries.Remove(key, out var known))
            {
                _byUse.Remove(known);
                _bytes -= known.Value.Size;
            }

            entries[key] = _byUse.AddLast(new Entry(key, size));
            _bytes += size;
        }
    }

    private void Forget(string key)
    {
        lock (_gate)
        {
            if (Load().Remove(key, out var known))
            {
                _byUse.Remove(known);
                _bytes -= known.Value.Size;
            }
        }
    }

    private void Evict()
    {
        while (true)
        {
            string oldest;
            lock (_gate)
            {
                if (_bytes <= _most || _byUse.First is not { } first)
                {
                    return;
                }

                oldest = first.Value.Key;
                _byUse.RemoveFirst();
                _entries!.Remove(oldest);
                _bytes -= first.Value.Size;
            }

            TryDelete(PathOf(oldest));
        }
    }

    /// <summary>What lies in the folder, read once; called under the lock.</summary>
    private Dictionary<string, LinkedListNode<Entry>> Load()
    {
        if (_entries is not null)
        {
            return _entries;
        }

        _byUse = new LinkedList<Entry>();
        _entries = [];
        if (Directory.Exists(data.Values))
        {
            foreach (var file in new DirectoryInfo(data.Values).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => IsKey(file.Name)).OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal))
            {
                _entries[file.Name] = _byUse.AddLast(new Entry(file.Name, file.Length));
                _bytes += file.Length;
            }
        }

        return _entries;
    }

    private static void CheckKey(string key)
    {
        if (!IsKey(key))
        {
            throw new ArgumentException("A key of the cache has 64 lower-case hexadecimal digits.", nameof(key));
        }
    }

    // What else lies in the folder is somebody's own, and stays.
    private static bool IsKey(string name) => name.Length == 64 && name.All(char.IsAsciiHexDigitLower);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    private sealed record Entry(string Key, long Size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cached outputs {Key} cannot be read; they are computed again")]
    private static partial void LogUnreadable(ILogger logger, Exception error, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outputs {Key} cannot be cached")]
    private static partial void LogUnwritable(ILogger logger, Exception error, string key);
}
