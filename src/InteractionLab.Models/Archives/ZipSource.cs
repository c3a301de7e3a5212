using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InteractionLab.Models.Archives;

/// <summary>
/// Reads zip files that may be hostile: the entry count is checked while the directory is read, sizes and checksums
/// are checked against the bytes really produced, and encrypted, multi-part and unknown forms are refused.
/// Every fault is an <see cref="InvalidDataException"/> whose message continues the sentence "the file: ...".
/// </summary>
internal sealed class ZipSource
{
    private const int EndSize = 22;
    private const int LocatorSize = 20;
    private const int End64Size = 56;
    private const int EntrySize = 46;
    private const int LocalSize = 30;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly Stream _file;
    private readonly UnpackBudget _budget;
    private readonly List<ZipMember> _members = [];

    /// <summary>Reads the directory of <paramref name="file"/>, which stays the caller's and must be seekable.</summary>
    public ZipSource(Stream file, int maxEntries, UnpackBudget budget)
    {
        _file = file;
        _budget = budget;
        ReadDirectory(maxEntries);
    }

    /// <summary>Every entry, in directory order; names are unique.</summary>
    public IReadOnlyList<ZipMember> Members => _members;

    /// <summary>Whether bytes begin like a zip (an empty one included).</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Opens a member; one at a time, since all share the file.</summary>
    public Stream Open(ZipMember member)
    {
        if ((member.Flags & 1) != 0)
        {
            throw new InvalidDataException("it is encrypted");
        }

        if (member.Method is not (0 or 8))
        {
            throw new InvalidDataException($"it is packed by method {member.Method}; only stored and deflated entries are read");
        }

        Span<byte> local = stackalloc byte[LocalSize];
        Fill(member.HeaderOffset, local);
        if (!local.StartsWith("PK\u0003\u0004"u8))
        {
            throw new InvalidDataException("the zip's directory points to a place where no entry begins");
        }

        var start = member.HeaderOffset + LocalSize + U16(local[26..]) + U16(local[28..]);
        if (start + member.PackedSize > _file.Length)
        {
            throw new InvalidDataException("the zip is truncated inside an entry");
        }

        var packed = new FileSlice(_file, start, member.PackedSize);
        return new ZipMemberStream(member.Method == 0 ? packed : new DeflateStream(packed, CompressionMode.Decompress), member, _budget);
    }

    private void ReadDirectory(int maxEntries)
    {
        var (count, size, offset) = FindDirectory();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var end = offset + size;
        if (count > maxEntries)
        {
            throw new InvalidDataException($"it holds {count} entries; the limit is {maxEntries}");
        }

        for (var at = offset; at < end;)
        {
            var (member, length) = ReadEntry(at, end);
            if (!names.Add(member.Name))
            {
                throw new InvalidDataException($"it holds the name '{Printable.Text(member.Name)}' twice");
            }

            _members.Add(member);
            if (_members.Count > count)
            {
                break;
            }

            at += length;
        }

        if (_members.Count != count)
        {
            throw new InvalidDataException("the zip's directory does not hold as many entries as it says");
        }
    }

    private (long Count, long Size, long Offset) FindDirectory()
    {
        var tail = new byte[Math.Min(_file.Length, EndSize + ushort.MaxValue)];
        var tailStart = _file.Length - tail.Length;
        Fill(tailStart, tail);
        for (var i = tail.Length - EndSize; i >= 0; i--)
        {
            var end = tail.AsSpan(i);
            if (!end.StartsWith("PK\u0005\u0006"u8) || U16(end[20..]) != end.Length - EndSize)
            {
                continue;
            }

            long count = U16(end[10..]), size = U32(end[12..]), offset = U32(end[16..]);
            var limit = tailStart + i;
            if (U16(end[4..]) != 0 && U16(end[4..]) != ushort.MaxValue)
            {
                throw new InvalidDataException("the zip is one part of several");
            }

            if (count == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue)
            {
                (count, size, offset, limit) = FindDirectory64(limit) ?? (count, size, offset, limit);
            }

            return offset >= 0 && size >= 0 && count >= 0 && offset <= limit && size <= limit - offset
                ? (count, size, offset)
                : throw new InvalidDataException("the zip's directory lies outside the file");
        }

        throw new InvalidDataException("the zip's directory is missing: the file is truncated or is no zip");
    }

    private (long Count, long Size, long Offset, long Limit)? FindDirectory64(long end)
    {
        if (end < LocatorSize)
        {
            return null;
        }

        Span<byte> locator = stackalloc byte[LocatorSize];
        Fill(end - LocatorSize, locator);
        if (!locator.StartsWith("PK\u0006\u0007"u8))
        {
            return null;
        }

        var at = I64(locator[8..]);
        Span<byte> record = stackalloc byte[End64Size];
        Fill(at, record);
        return record.StartsWith("PK\u0006\u0006"u8)
            ? (I64(record[32..]), I64(record[40..]), I64(record[48..]), at)
            : throw new InvalidDataException("the zip's 64-bit directory is damaged");
    }

    private (ZipMember Member, int Length) ReadEntry(long at, long end)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        Fill(at, entry);
        int nameLength = U16(entry[28..]), extraLength = U16(entry[30..]);
        var length = EntrySize + nameLength + extraLength + U16(entry[32..]);
        if (!entry.StartsWith("PK\u0001\u0002"u8) || length > end - at)
        {
            throw new InvalidDataException("the zip's directory is damaged");
        }

        var rest = new byte[nameLength + extraLength];
        Fill(at + EntrySize, rest);
        long size = U32(entry[24..]), packed = U32(entry[20..]), offset = U32(entry[42..]);
        ReadExtra64(rest.AsSpan(nameLength), ref size, ref packed, ref offset);
        if (size < 0 || packed < 0 || offset < 0 || offset > _file.Length || packed > _file.Length)
        {
            throw new InvalidDataException("the zip's directory claims sizes beyond the file");
        }

        // The upper byte of "version made by" says whose attributes follow; 3 is Unix.
        var mode = entry[5] == 3 ? U16(entry[40..]) : 0;
        var name = Name(rest.AsSpan(0, nameLength)).Replace('\\', '/');
        return (new ZipMember(name, U16(entry[10..]), U16(entry[8..]), U32(entry[16..]), packed, size, offset, mode), length);
    }

    private static void ReadExtra64(ReadOnlySpan<byte> extra, ref long size, ref long packed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int tag = U16(extra), length = U16(extra[2..]);
            if (length > extra.Length - 4)
            {
                return;
            }

            var field = extra.Slice(4, length);
            if (tag == 1)
            {
                Widen(ref size, ref field);
                Widen(ref packed, ref field);
                Widen(ref offset, ref field);
                return;
            }

            extra = extra[(4 + length)..];
        }
    }

    private static void Widen(ref long value, ref ReadOnlySpan<byte> field)
    {
        if (value == uint.MaxValue && field.Length >= 8)
        {
            value = I64(field);
            field = field[8..];
        }
    }

    private static string Name(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private void Fill(long position, Span<byte> buffer)
    {
        if (position < 0 || position > _file.Length - buffer.Length)
        {
            throw new InvalidDataException("the zip is truncated");
        }

        _file.Position = position;
        _file.ReadExactly(buffer);
    }

    private static ushort U16(ReadOnlySpan<byte> b) => BinaryPrimitives.ReadUInt16LittleEndian(b);

    private static uint U32(ReadOnlySpan<byte> b) => BinaryPrimitives.ReadUInt32LittleEndian(b);

    private static long I64(ReadOnlySpan<byte> b) => BinaryPrimitives.ReadInt64LittleEndian(b);
}
