namespace InteractionLab.Models.Archives;

/// <summary>Part of a seekable stream, which stays its owner's.</summary>
internal sealed class FileSlice(Stream file, long start, long length) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        var most = (int)Math.Min(buffer.Length, length - _read);
        if (most == 0)
        {
            return 0;
        }

        file.Position = start + _read;
        var got = file.Read(buffer[..most]);
        _read += got;
        return got;
    }
}
