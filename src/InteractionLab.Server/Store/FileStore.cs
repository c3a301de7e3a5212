using System.Security.Cryptography;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Store;

/// <summary>
/// Files named by the SHA-256 of their bytes. A file appears under its name only when it is complete and on disk, so a
/// name that exists is always whole. Equal bytes are kept once.
/// </summary>
internal sealed class FileStore(DataDirectory data, FileChecks checks, DiskReserve disk) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<string, int> _pins = [];

    /// <summary>The name that bytes have here.</summary>
    public static string NameOf(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes.Span));

    /// <summary>The path of a file that was put.</summary>
    public string PathOf(string sha256) => Path.Combine(data.Files, sha256[..2], sha256);

    /// <summary>Receives bytes of unknown origin into a temporary file, hashing them on the way.</summary>
    /// <exception cref="TooLargeException">There are more than <paramref name="limit"/> of them.</exception>
    public async Task<StagedFile> StageAsync(Stream source, string field, long limit, CancellationToken cancellation)
    {
        disk.RequireRoom();
        var path = data.NewTemporary();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
            var buffer = new byte[1 << 16];
            long length = 0;
            int read;
            while ((read = await source.ReadAsync(buffer, cancellation)) > 0)
            {
                length += read;
                if (length > limit)
                {
                    throw new TooLargeException(field, limit);
                }

                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            await target.FlushAsync(cancellation);
            target.Flush(flushToDisk: true);
            return new StagedFile(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }
        catch (Exception error)
        {
            File.Delete(path);
            if (DiskFull.Is(error))
            {
                throw new DiskFullException(data.Root, error);
            }

            throw;
        }
    }

    /// <summary>Moves a staged file to its name. It is not deleted as unreferenced until the pin is disposed.</summary>
    public async Task<FilePin> PutAsync(StagedFile staged, CancellationToken cancellation)
    {
        var pin = await PinAsync(staged.Sha256, cancellation);
        try
        {
            Publish(staged.Path, staged.Sha256);
            return pin;
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Writes bytes, also over a file of that name that is damaged. The file is not deleted as unreferenced until the pin is disposed.</summary>
    public async Task<FilePin> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var sha256 = NameOf(bytes);
        var pin = await PinAsync(sha256, cancellation);
        try
        {
            if (!File.Exists(PathOf(sha256)) || checks.Fault(PathOf(sha256), sha256) is not null)
            {
                await WriteAsync(bytes, sha256, cancellation);
            }

            return pin;
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the candidates that nothing refers to. A file that is being put meanwhile is left alone.</summary>
    /// <param name="candidates">Names that may have lost their last reference.</param>
    /// <param name="referenced">Which of the candidates the store still refers to.</param>
    /// <param name="cancellation">Stops between files.</param>
    public async Task<int> DeleteUnreferencedAsync(IReadOnlyCollection<string> candidates, Func<IReadOnlyCollection<string>, Task<IReadOnlySet<string>>> referenced, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            // Guarantee: a put pins its name under this gate before it looks whether the file exists, so between the
            // question below and the deletion no new reference to an unpinned name can appear.
            var kept = await referenced(candidates);
            var deleted = 0;
            foreach (var sha256 in candidates.Where(c => !kept.Contains(c) && !_pins.ContainsKey(c)))
            {
                File.Delete(PathOf(sha256));
                deleted++;
            }

            return deleted;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The path of every file in the store, whoever put it there.</summary>
    public IEnumerable<string> All() => Directory.EnumerateFiles(data.Files, "*", SearchOption.AllDirectories);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, string sha256, CancellationToken cancellation)
    {
        disk.RequireRoom();
        var temporary = data.NewTemporary();
        try
        {
            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true))
            {
                await target.WriteAsync(bytes, cancellation);
                target.Flush(flushToDisk: true);
            }

            Publish(temporary, sha256);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private void Publish(string temporary, string sha256)
    {
        var target = PathOf(sha256);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(temporary, target, overwrite: true);
        checks.Trust(target);
    }

    private async Task<FilePin> PinAsync(string sha256, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            _pins[sha256] = _pins.GetValueOrDefault(sha256) + 1;
            return new FilePin(sha256, () => Unpin(sha256));
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Unpin(string sha256)
    {
        _gate.Wait();
        try
        {
            if (--_pins[sha256] == 0)
            {
                _pins.Remove(sha256);
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}

/// <summary>An upload on disk under a name of our choosing; disposing deletes what has not been moved away.</summary>
internal sealed record StagedFile(string Path, string Sha256, long Length) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => File.Delete(Path);
}

/// <summary>Keeps a file from being collected until the row that refers to it is committed.</summary>
internal sealed class FilePin(string sha256, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The file's name.</summary>
    public string Sha256 { get; } = sha256;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
