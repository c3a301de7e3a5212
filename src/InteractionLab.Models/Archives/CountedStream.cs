namespace InteractionLab.Models.Archives;

/// <summary>A seekable stream, which stays its owner's, of which only so much is read while <see cref="IsBounded"/>.</summary>
internal sealed class CountedStream(Stream source, long most) : ReadOnlyStream
{
    private long _read;

    /// <summary>Whether the limit holds.</summary>
    public bool IsBounded { get; set; } = true;

    public override bool CanSeek => true;

    public override long Length => source.Length;

    public override long Position { get => source.Position; set => source.Position = value; }

    public override int Read(Span<byte> buffer)
    {
        var got = source.Read(buffer);
        _read += got;
        return IsBounded && _read > most ? throw new InvalidDataException($"more than {most} bytes of it were read, the limit for as many entries as are allowed") : got;
    }

    public override long Seek(long offset, SeekOrigin origin) => source.Seek(offset, origin);
}
