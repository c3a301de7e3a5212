using System.IO.Compression;

namespace InteractionLab.Models.Arrays;

/// <summary>
/// Writes a NumPy <c>.npz</c> (a zip of <c>.npy</c> arrays) as a stream: nothing is held in memory and the output need
/// not be seekable. The same arrays give the same bytes: members carry no clock time.
/// </summary>
/// <remarks>
/// Call <see cref="Complete"/> at the end. A writer disposed without it leaves a file without a directory, which no
/// reader takes for a whole one.
/// </remarks>
public sealed class NpzWriter : IDisposable
{
    private static readonly DateTimeOffset FixedTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Stream _output;
    private readonly bool _leaveOpen;
    private readonly CompressionLevel _level;
    private readonly ZipArchive _zip;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private Stream? _member;
    private Action? _completeMember;
    private bool _complete;

    /// <summary>Starts a file on <paramref name="output"/>.</summary>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="compress">Deflate the arrays; otherwise they are stored, as <c>numpy.savez</c> does.</param>
    /// <param name="leaveOpen">Whether the caller keeps the stream.</param>
    public NpzWriter(Stream output, bool compress = false, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _leaveOpen = leaveOpen;
        _level = compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
        _zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
    }

    /// <summary>Starts array <paramref name="name"/>; fill it before the next one is started.</summary>
    /// <param name="name">The key in NumPy, without <c>.npy</c>.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <exception cref="InvalidOperationException">The array before it is not whole, or the name is taken.</exception>
    public NpyWriter<T> Add<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ObjectDisposedException.ThrowIf(_complete, this);
        CloseMember();
        if (!_names.Add(name))
        {
            throw new InvalidOperationException($"The array '{name}' is already in the file.");
        }

        var entry = _zip.CreateEntry(name + ".npy", _level);
        entry.LastWriteTime = FixedTime;
        _member = entry.Open();
        var writer = new NpyWriter<T>(_member, shape);
        _completeMember = writer.Complete;
        return writer;
    }

    /// <summary>Writes a whole array; without a shape it is one-dimensional.</summary>
    public void Write<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged =>
        Add<T>(name, shape.IsEmpty ? [values.Length] : shape).Write(values);

    /// <summary>Checks that the last array is whole and writes the directory that makes the file readable.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_complete, this);
        CloseMember();
        _complete = true;
        _zip.Dispose();
        _output.Flush();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // The archive itself is deliberately not disposed here: that would write the directory of a partial file.
        _complete = true;
        _completeMember = null;
        if (!_leaveOpen)
        {
            _output.Dispose();
        }
    }

    private void CloseMember()
    {
        _completeMember?.Invoke();
        _completeMember = null;
        _member?.Dispose();
        _member = null;
    }
}
