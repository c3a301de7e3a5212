using System.Buffers.Binary;
using InteractionLab.Models.Archives;
using SkiaSharp;

namespace InteractionLab.Models.Images;

/// <summary>The chunks of a PNG file.</summary>
internal static class PngFile
{
    private const int HeaderEnd = 33;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    /// <summary>Size, colour and orientation from the chunks; no pixel is decoded.</summary>
    public static PictureInfo Probe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderEnd || !bytes[12..16].SequenceEqual("IHDR"u8))
        {
            throw new InvalidDataException("the PNG is truncated");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new InvalidDataException("the PNG's header gives an impossible size");
        }

        var colour = bytes[25] switch
        {
            0 or 4 => false,
            2 or 6 => true,
            3 => HasColour(FindChunk(bytes, "PLTE"u8)),
            _ => throw new InvalidDataException("the PNG's header gives an unknown colour type"),
        };
        return new PictureInfo(SKEncodedImageFormat.Png, (int)width, (int)height, colour, PictureOrigin.FromExif(FindChunk(bytes, "eXIf"u8)));
    }

    /// <summary>Whether samples have 16 bits.</summary>
    public static bool IsDeep(ReadOnlySpan<byte> bytes) => bytes[24] == 16;

    /// <summary>
    /// The file without its ancillary chunks except transparency: sample values are wanted as written, not corrected
    /// for gamma or colour profile, and chunks that are not needed are not parsed by native code.
    /// </summary>
    public static byte[] EssentialChunks(ReadOnlySpan<byte> bytes)
    {
        using var kept = new MemoryStream(bytes.Length);
        kept.Write(Signature);
        foreach (var chunk in new Chunks(bytes))
        {
            if (char.IsAsciiLetterUpper((char)chunk[4]) || chunk[4..8].SequenceEqual("tRNS"u8))
            {
                kept.Write(chunk);
            }
        }

        return kept.ToArray();
    }

    /// <summary>The packed pixels of all IDAT chunks.</summary>
    /// <exception cref="InvalidDataException">A checksum is wrong.</exception>
    public static MemoryStream PackedPixels(ReadOnlySpan<byte> bytes)
    {
        var packed = new MemoryStream();
        foreach (var chunk in new Chunks(bytes))
        {
            if (chunk[4..8].SequenceEqual("IDAT"u8))
            {
                if (~Crc32.Update(uint.MaxValue, chunk[4..^4]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
                {
                    throw new InvalidDataException("the PNG is damaged (a checksum is wrong)");
                }

                packed.Write(chunk[8..^4]);
            }
        }

        packed.Position = 0;
        return packed;
    }

    /// <summary>The data of the first chunk of a type; empty where there is none.</summary>
    public static ReadOnlySpan<byte> FindChunk(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> type)
    {
        foreach (var chunk in new Chunks(bytes))
        {
            if (chunk[4..8].SequenceEqual(type))
            {
                return chunk[8..^4];
            }
        }

        return [];
    }

    private static bool HasColour(ReadOnlySpan<byte> palette)
    {
        for (var i = 0; i + 2 < palette.Length; i += 3)
        {
            if (palette[i] != palette[i + 1] || palette[i] != palette[i + 2])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whole chunks (length, type, data and CRC) up to and with IEND; a file that ends before it is refused.</summary>
    private ref struct Chunks(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes[Signature.Length..];
        private bool _ended;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Chunks GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_ended)
            {
                return false;
            }

            var length = _rest.Length < 12 ? long.MaxValue : 12L + BinaryPrimitives.ReadUInt32BigEndian(_rest);
            Current = length <= _rest.Length ? _rest[..(int)length] : throw new InvalidDataException("the PNG is truncated");
            _rest = _rest[Current.Length..];
            _ended = Current[4..8].SequenceEqual("IEND"u8);
            return true;
        }
    }
}
