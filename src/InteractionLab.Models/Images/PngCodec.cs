using System.Buffers.Binary;

namespace InteractionLab.Models.Images;

/// <summary>Reads and writes PNG through libpng.</summary>
public static unsafe class PngCodec
{
    private const int RgbaChannels = 4;
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Encodes 8-bit pixels without loss.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.</param>
    /// <param name="pixels">Rows from the top, channels of a pixel side by side: height x width x channels bytes.</param>
    /// <exception cref="ImageLibraryMissingException">libpng is not installed.</exception>
    public static byte[] Encode(int width, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, RgbaChannels);
        if (pixels.Length != (long)width * height * channels)
        {
            throw new ArgumentException($"{width} x {height} pixels of {channels} bytes were expected, not {pixels.Length} bytes.", nameof(pixels));
        }

        var image = new LibPng.Image
        {
            Version = LibPng.Version,
            Width = (uint)width,
            Height = (uint)height,
            Format = (channels > 2 ? LibPng.FormatColour : 0) | (channels % 2 == 0 ? LibPng.FormatAlpha : 0),
        };
        try
        {
            // The bound that png.h gives for the simplified writer, with room to spare for the filter byte of each row.
            var raw = (long)pixels.Length + height;
            var buffer = new byte[checked((int)(raw + (raw >> 3) + (raw >> 6) + 1024))];
            var size = (nuint)buffer.Length;
            fixed (byte* source = pixels)
            fixed (byte* target = buffer)
            {
                return LibPng.Write(&image, target, &size, 0, source, width * channels, null) != 0
                    ? buffer[..(int)size]
                    : throw new InvalidOperationException($"The picture could not be written: {image.Fault()}.");
            }
        }
        catch (DllNotFoundException e)
        {
            throw LibPng.Missing(e);
        }
    }

    internal static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    /// <summary>Size and colour from the header and palette; no pixel is decoded.</summary>
    internal static PictureInfo Probe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 33 || !bytes[12..16].SequenceEqual("IHDR"u8))
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
        return new PictureInfo(PictureFormat.Png, (int)width, (int)height, colour);
    }

    /// <summary>Pixels as RGBA, 8 bits, rows from the top; the size was checked by the caller.</summary>
    internal static byte[] DecodeRgba(ReadOnlySpan<byte> bytes, PictureInfo info)
    {
        var image = new LibPng.Image { Version = LibPng.Version };
        var essential = EssentialChunks(bytes);
        try
        {
            fixed (byte* source = essential)
            {
                if (LibPng.BeginRead(&image, source, (nuint)essential.Length) == 0)
                {
                    throw new InvalidDataException($"the PNG is damaged ({image.Fault()})");
                }

                if (image.Width != info.Width || image.Height != info.Height)
                {
                    throw new InvalidDataException("the PNG's header gives two sizes");
                }

                image.Format = LibPng.FormatColour | LibPng.FormatAlpha;
                image.Flags |= LibPng.Flag16BitSrgb;
                var pixels = new byte[checked(info.Width * info.Height * RgbaChannels)];
                fixed (byte* target = pixels)
                {
                    return LibPng.FinishRead(&image, null, target, info.Width * RgbaChannels, null) != 0
                        ? pixels
                        : throw new InvalidDataException($"the PNG is damaged ({image.Fault()})");
                }
            }
        }
        catch (DllNotFoundException e)
        {
            throw LibPng.Missing(e);
        }
        finally
        {
            if (image.Opaque != 0)
            {
                LibPng.Free(&image);
            }
        }
    }

    /// <summary>
    /// The file without its ancillary chunks except transparency: sample values are wanted as written, not corrected
    /// for gamma or colour profile, and chunks that are not needed are not parsed by native code.
    /// </summary>
    private static byte[] EssentialChunks(ReadOnlySpan<byte> bytes)
    {
        using var kept = new MemoryStream(bytes.Length);
        kept.Write(Signature);
        for (var at = Signature.Length; ;)
        {
            var chunk = ChunkAt(bytes, at);
            var type = chunk[4..8];
            if (char.IsAsciiLetterUpper((char)type[0]) || type.SequenceEqual("tRNS"u8))
            {
                kept.Write(chunk);
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return kept.ToArray();
            }

            at += chunk.Length;
        }
    }

    private static ReadOnlySpan<byte> FindChunk(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> type)
    {
        for (var at = Signature.Length; ;)
        {
            var chunk = ChunkAt(bytes, at);
            if (chunk[4..8].SequenceEqual(type))
            {
                return chunk[8..^4];
            }

            if (chunk[4..8].SequenceEqual("IEND"u8))
            {
                return [];
            }

            at += chunk.Length;
        }
    }

    /// <summary>A whole chunk: length, type, data and CRC.</summary>
    private static ReadOnlySpan<byte> ChunkAt(ReadOnlySpan<byte> bytes, int at)
    {
        var rest = bytes[at..];
        var length = rest.Length < 12 ? long.MaxValue : 12L + BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length <= rest.Length ? rest[..(int)length] : throw new InvalidDataException("the PNG is truncated");
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
}
