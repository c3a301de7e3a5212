using System.IO.Compression;

namespace InteractionLab.Models.Archives;

/// <summary>Unpacked bytes of one zip entry: counted against the budget, and checked for length and CRC at their end.</summary>
internal sealed class ZipMemberStream(Stream unpacked, ZipArchiveEntry entry, UnpackBudget budget) : ReadOnlyStream
{
    private long _read;
    private uint _crc = uint.MaxValue;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _ended)
        {
            return 0;
        }

        var got = unpacked.Read(buffer);
        if (got == 0)
        {
            CheckEnd();
            return 0;
        }

        budget.Take(got);
        _read += got;
        if (_read > entry.Length)
        {
            throw new InvalidDataException($"it unpacks to more than the {entry.Length} bytes its header claims");
        }

        _crc = Crc32.Update(_crc, buffer[..got]);
        return got;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unpacked.Dispose();
        }

        base.Dispose(disposing);
    }

    private void CheckEnd()
    {
        _ended = true;
        if (_read != entry.Length)
        {
            throw new InvalidDataException($"it unpacks to {_read} bytes where its header claims {entry.Length}: truncated or damaged");
        }

        if (~_crc != entry.Crc32)
        {
            throw new InvalidDataException("its checksum is wrong: the file is damaged");
        }
    }
}
