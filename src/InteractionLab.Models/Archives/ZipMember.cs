using System.IO.Compression;

namespace InteractionLab.Models.Archives;

/// <summary>One entry of a zip's central directory. Nothing in it is trusted until the bytes have been read.</summary>
/// <param name="Name">As written, with backslashes turned into slashes.</param>
/// <param name="Entry">Size, checksum and attributes as claimed.</param>
internal sealed record ZipMember(string Name, ZipArchiveEntry Entry)
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Directory = 0x4000;

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Name.EndsWith('/');

    /// <summary>Whether it is a symbolic link, a device or anything but a plain file or a folder. The upper half of the attributes is the Unix mode, 0 where the writer gave none.</summary>
    public bool IsSpecial => ((Entry.ExternalAttributes >>> 16) & TypeMask) is not (0 or RegularFile or Directory);
}
