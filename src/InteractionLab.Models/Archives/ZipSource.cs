using System.IO.Compression;
using System.Text;

namespace InteractionLab.Models.Archives;

/// <summary>
/// Reads zip files that may be hostile: the directory is bounded while it is read, names are unique, and sizes and
/// checksums are checked against the bytes really produced, which <see cref="ZipArchive"/> leaves to its callers.
/// Every fault is an <see cref="InvalidDataException"/> whose message continues the sentence "the file: ...".
/// </summary>
internal sealed class ZipSource
{
    // An entry of the directory takes 46 bytes and its name; a directory that lies about its count ends here.
    private const int MostBytesAnEntry = 512;
    private const int MostBytesOfEnd = 1 << 18;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly UnpackBudget _budget;

    /// <summary>Reads the directory of <paramref name="file"/>, which stays the caller's and must be seekable.</summary>
    public ZipSource(Stream file, int maxEntries, UnpackBudget budget)
    {
        _budget = budget;
        var counted = new CountedStream(file, ((long)maxEntries * MostBytesAnEntry) + MostBytesOfEnd);
        try
        {
            // Names that do not say that they are UTF-8 come as their bytes, one a character.
            var archive = new ZipArchive(counted, ZipArchiveMode.Read, leaveOpen: true, Encoding.Latin1);
            Members = [.. archive.Entries.Select(entry => new ZipMember(Name(entry.FullName).Replace('\\', '/'), entry))];
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"the zip's directory cannot be read, the file is truncated, damaged or no zip ({e.Message})", e);
        }

        if (Members.Count > maxEntries)
        {
            throw new InvalidDataException($"it holds {Members.Count} entries; the limit is {maxEntries}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        if (Members.FirstOrDefault(member => !names.Add(member.Name)) is { } twice)
        {
            throw new InvalidDataException($"it holds the name '{Printable.Text(twice.Name)}' twice");
        }

        counted.IsBounded = false;
    }

    /// <summary>Every entry, in directory order; names are unique.</summary>
    public IReadOnlyList<ZipMember> Members { get; }

    /// <summary>Whether bytes begin like a zip (an empty one included).</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Opens a member; one at a time, since all share the file.</summary>
    public Stream Open(ZipMember member)
    {
        if (member.Entry.IsEncrypted)
        {
            throw new InvalidDataException("it is encrypted");
        }

        try
        {
            return new ZipMemberStream(member.Entry.Open(), member.Entry, _budget);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"it cannot be unpacked ({e.Message})", e);
        }
    }

    // Some writers (that of macOS among them) write UTF-8 and do not say so.
    private static string Name(string name)
    {
        try
        {
            return name.All(c => c <= byte.MaxValue) ? StrictUtf8.GetString(Encoding.Latin1.GetBytes(name)) : name;
        }
        catch (DecoderFallbackException)
        {
            return name;
        }
    }
}
