using System.Buffers.Binary;
using SkiaSharp;

namespace InteractionLab.Models.Images;

/// <summary>How stored pixels are turned to be seen: the orientation of EXIF (CIPA DC-008, tag 0x0112).</summary>
internal static class PictureOrigin
{
    private const ushort OrientationTag = 0x0112;
    private const int TiffHeader = 8;
    private const int TiffEntry = 12;

    /// <summary>Whether columns and rows change places.</summary>
    public static bool IsSideways(this SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Where the upper left pixel as seen lies among the stored ones, and the steps to its neighbours to the right and below.</summary>
    /// <param name="origin">The orientation.</param>
    /// <param name="width">Columns as stored.</param>
    /// <param name="height">Rows as stored.</param>
    public static (int Start, int Right, int Down) Walk(this SKEncodedOrigin origin, int width, int height)
    {
        int lastRow = width * (height - 1), last = (width * height) - 1;
        return origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => (lastRow, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (lastRow, -width, 1),
            SKEncodedOrigin.RightBottom => (last, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
    }

    /// <summary>The orientation in bare EXIF data, as PNG holds them; what says none, or makes no sense, turns nothing.</summary>
    public static SKEncodedOrigin FromExif(ReadOnlySpan<byte> exif)
    {
        var big = exif.StartsWith("MM\0*"u8);
        if (exif.Length < TiffHeader || (!big && !exif.StartsWith("II*\0"u8)))
        {
            return SKEncodedOrigin.TopLeft;
        }

        var at = (long)U32(exif[4..], big);
        if (at > exif.Length - 2)
        {
            return SKEncodedOrigin.TopLeft;
        }

        var entries = exif[((int)at + 2)..];
        for (int i = U16(exif[(int)at..], big); i > 0 && entries.Length >= TiffEntry; i--, entries = entries[TiffEntry..])
        {
            if (U16(entries, big) == OrientationTag && U16(entries[8..], big) is var value and >= 1 and <= 8)
            {
                return (SKEncodedOrigin)value;
            }
        }

        return SKEncodedOrigin.TopLeft;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
