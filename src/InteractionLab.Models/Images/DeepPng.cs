using System.Buffers.Binary;
using System.IO.Compression;

namespace InteractionLab.Models.Images;

/// <summary>
/// Reads PNG of 16 bits a sample and rounds to 8. Skia keeps only the upper byte, which darkens a picture by half a
/// level on average. Filters and interlacing are those of the PNG specification, sections 8 and 9.
/// </summary>
internal static class DeepPng
{
    private const int SampleBytes = 2;
    private static readonly (int X, int Y, int Dx, int Dy)[] Whole = [(0, 0, 1, 1)];
    private static readonly (int X, int Y, int Dx, int Dy)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Pixels as RGBA, 8 bits, rows from the top; the size was checked by the caller.</summary>
    public static byte[] DecodeRgba(ReadOnlySpan<byte> bytes, int width, int height)
    {
        var channels = bytes[25] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new InvalidDataException("the PNG has a palette of 16 bits") };
        ReadOnlySpan<byte> clear = channels is 1 or 3 ? PngFile.FindChunk(bytes, "tRNS"u8) : [];
        var rgba = new byte[checked(width * height * 4)];
        using var lines = new ZLibStream(PngFile.PackedPixels(bytes), CompressionMode.Decompress);
        try
        {
            foreach (var (x0, y0, dx, dy) in bytes[28] == 0 ? Whole : Adam7)
            {
                var columns = (width - x0 + dx - 1) / dx;
                byte[] above = new byte[Math.Max(0, columns) * channels * SampleBytes], line = new byte[above.Length];
                for (var y = y0; columns > 0 && y < height; y += dy, (above, line) = (line, above))
                {
                    var filter = lines.ReadByte();
                    lines.ReadExactly(line);
                    Unfilter(filter, line, above, channels * SampleBytes);
                    for (var i = 0; i < columns; i++)
                    {
                        Put(line.AsSpan(i * channels * SampleBytes, channels * SampleBytes), clear, rgba.AsSpan(((y * width) + x0 + (i * dx)) * 4, 4));
                    }
                }
            }
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"the PNG is damaged ({e.Message})", e);
        }

        return rgba;
    }

    private static void Put(ReadOnlySpan<byte> pixel, ReadOnlySpan<byte> clear, Span<byte> rgba)
    {
        var (colours, alpha) = pixel.Length switch { 2 => (1, false), 4 => (1, true), 6 => (3, false), _ => (3, true) };
        rgba[0] = Rounded(pixel);
        rgba[1] = colours == 1 ? rgba[0] : Rounded(pixel[2..]);
        rgba[2] = colours == 1 ? rgba[0] : Rounded(pixel[4..]);
        rgba[3] = alpha ? Rounded(pixel[^2..]) : pixel.SequenceEqual(clear) ? byte.MinValue : byte.MaxValue;
    }

    private static byte Rounded(ReadOnlySpan<byte> sample) => (byte)((BinaryPrimitives.ReadUInt16BigEndian(sample) + 128) / 257);

    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> above, int pixel)
    {
        for (var i = 0; filter != 0 && i < line.Length; i++)
        {
            int left = i < pixel ? 0 : line[i - pixel], up = above[i], corner = i < pixel ? 0 : above[i - pixel];
            line[i] += (byte)(filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => throw new InvalidDataException("a line has an unknown filter"),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - (2 * corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
