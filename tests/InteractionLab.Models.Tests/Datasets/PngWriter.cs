using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InteractionLab.Models.Tests.Datasets;

/// <summary>Writes PNG files chunk by chunk from packed scanlines, without filters.</summary>
internal static class PngWriter
{
    private static readonly (int X, int Y, int Dx, int Dy)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>A file of any kind; <paramref name="extra"/> chunks come before the pixels.</summary>
    /// <param name="pixel">Bytes of the pixel at column x and row y (whole bytes only).</param>
    public static byte[] Make(int width, int height, int depth, int colour, Func<int, int, byte[]> pixel, bool interlaced = false, params (string Type, byte[] Data)[] extra)
    {
        using var lines = new MemoryStream();
        foreach (var (x0, y0, dx, dy) in interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            for (var y = y0; x0 < width && y < height; y += dy)
            {
                lines.WriteByte(0);
                for (var x = x0; x < width; x += dx)
                {
                    lines.Write(pixel(x, y));
                }
            }
        }

        return Make(width, height, depth, colour, lines.ToArray(), interlaced, extra);
    }

    /// <summary>A file of given scanlines, each with its filter byte.</summary>
    public static byte[] Make(int width, int height, int depth, int colour, byte[] scanlines, bool interlaced = false, params (string Type, byte[] Data)[] extra)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)colour;
        header[12] = (byte)(interlaced ? 1 : 0);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(scanlines);
        }

        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach (var (type, data) in ((string, byte[])[])[("IHDR", header), .. extra, ("IDAT", packed.ToArray()), ("IEND", [])])
        {
            byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
            var number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            file.Write(number);
            file.Write(body);
            BinaryPrimitives.WriteUInt32BigEndian(number, RawZip.Crc(body));
            file.Write(number);
        }

        return file.ToArray();
    }

    /// <summary>A grey picture of one level.</summary>
    public static byte[] Grey(int width, int height, byte level) => Make(width, height, 8, 0, (_, _) => [level]);

    /// <summary>A colour picture of one colour.</summary>
    public static byte[] Rgb(int width, int height, byte r, byte g, byte b) => Make(width, height, 8, 2, (_, _) => [r, g, b]);
}
