using SkiaSharp;

namespace InteractionLab.Models.Images;

/// <summary>Writes PNG.</summary>
public static unsafe class PngCodec
{
    /// <summary>Encodes 8-bit pixels without loss and without a colour profile.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 grey, 3 RGB.</param>
    /// <param name="pixels">Rows from the top, channels of a pixel side by side: height x width x channels bytes.</param>
    public static byte[] Encode(int width, int height, int channels, ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3) || pixels.Length != (long)width * height * channels)
        {
            throw new ArgumentException($"{width} x {height} pixels of 1 or 3 bytes were expected, not {pixels.Length} bytes of {channels} channels.", nameof(pixels));
        }

        var info = new SKImageInfo(width, height, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgb888x, SKAlphaType.Opaque, null);
        fixed (byte* source = channels == 1 ? pixels : Widen(pixels))
        {
            using var pixmap = new SKPixmap(info, (nint)source, info.RowBytes);
            using var file = pixmap.Encode(SKPngEncoderOptions.Default);
            return file?.ToArray() ?? throw new InvalidOperationException("The picture could not be written.");
        }
    }

    /// <summary>RGB in four bytes, the last of them unused.</summary>
    private static byte[] Widen(ReadOnlySpan<byte> rgb)
    {
        var wide = new byte[checked(rgb.Length / 3 * 4)];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
        {
            rgb.Slice(from, 3).CopyTo(wide.AsSpan(to));
        }

        return wide;
    }
}
