namespace InteractionLab.Models.Images;

/// <summary>Picture file formats that are read.</summary>
internal enum PictureFormat
{
    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,
}

/// <summary>What the header of a picture says.</summary>
/// <param name="Format">PNG or JPEG.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="IsColour">Whether it has colour; a palette of greys has none.</param>
internal readonly record struct PictureInfo(PictureFormat Format, int Width, int Height, bool IsColour);

/// <summary>Reads PNG and JPEG. Faults are <see cref="InvalidDataException"/> with a message that continues "the file: ...".</summary>
internal static class PictureDecoder
{
    /// <summary>Size and colour, without decoding a pixel.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="maxPixels">The most pixels it may have.</param>
    public static PictureInfo Probe(ReadOnlySpan<byte> bytes, long maxPixels)
    {
        if (bytes.IsEmpty)
        {
            throw new InvalidDataException("it is empty");
        }

        var info = PngCodec.IsPng(bytes) ? PngCodec.Probe(bytes)
            : JpegDecoder.IsJpeg(bytes) ? JpegDecoder.Probe(bytes)
            : throw new InvalidDataException("it is neither PNG nor JPEG");

        // RGBA of the whole picture has to fit one array, whatever the caller allows.
        return (long)info.Width * info.Height <= Math.Min(maxPixels, Array.MaxLength / 4)
            ? info
            : throw new InvalidDataException($"it has {info.Width} x {info.Height} pixels; the limit is {maxPixels} pixels");
    }

    /// <summary>
    /// Pixels [channels, height, width], 8 bits. Sixteen-bit samples are scaled, transparent pixels are laid over
    /// white, and colour becomes grey by the luma of ITU-R BT.601, as JPEG has it.
    /// </summary>
    public static byte[] DecodePlanar(ReadOnlySpan<byte> bytes, PictureInfo info, int channels)
    {
        var planar = new byte[checked(info.Width * info.Height * channels)];
        if (info.Format == PictureFormat.Png)
        {
            SplitRgba(PngCodec.DecodeRgba(bytes, info), planar, channels, info.IsColour);
        }
        else
        {
            var stored = info.IsColour ? channels : 1;
            Split(JpegDecoder.Decode(bytes, info, stored), stored, planar, channels);
        }

        return planar;
    }

    private static void Split(byte[] pixels, int stored, byte[] planar, int channels)
    {
        var plane = planar.Length / channels;
        for (var c = 0; c < channels; c++)
        {
            for (int i = 0, from = Math.Min(c, stored - 1); i < plane; i++, from += stored)
            {
                planar[(c * plane) + i] = pixels[from];
            }
        }
    }

    private static void SplitRgba(byte[] rgba, byte[] planar, int channels, bool isColour)
    {
        var plane = planar.Length / channels;
        for (var i = 0; i < plane; i++)
        {
            var pixel = rgba.AsSpan(4 * i, 4);
            int r = OverWhite(pixel[0], pixel[3]), g = OverWhite(pixel[1], pixel[3]), b = OverWhite(pixel[2], pixel[3]);
            if (channels == 1)
            {
                planar[i] = (byte)(isColour ? ((299 * r) + (587 * g) + (114 * b) + 500) / 1000 : r);
            }
            else
            {
                planar[i] = (byte)r;
                planar[plane + i] = (byte)g;
                planar[(2 * plane) + i] = (byte)b;
            }
        }
    }

    private static int OverWhite(int value, int alpha) => ((value * alpha) + (255 * (255 - alpha)) + 127) / 255;
}
