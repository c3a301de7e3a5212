namespace InteractionLab.Models.Archives;

/// <summary>One entry of a zip's central directory. Nothing in it is trusted until the bytes have been read.</summary>
/// <param name="Name">As written, with backslashes turned into slashes.</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="Flags">General purpose bits.</param>
/// <param name="Crc">CRC-32 of the unpacked bytes.</param>
/// <param name="PackedSize">Bytes in the file.</param>
/// <param name="Size">Bytes once unpacked, as claimed.</param>
/// <param name="HeaderOffset">Where the local header lies.</param>
/// <param name="UnixMode">File type and permissions, 0 where the writer gave none.</param>
internal sealed record ZipMember(string Name, int Method, int Flags, uint Crc, long PackedSize, long Size, long HeaderOffset, int UnixMode)
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Directory = 0x4000;

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Name.EndsWith('/');

    /// <summary>Whether it is a symbolic link, a device or anything but a plain file or a folder.</summary>
    public bool IsSpecial => (UnixMode & TypeMask) is not (0 or RegularFile or Directory);
}
