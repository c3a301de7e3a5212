using System.Buffers.Binary;
using SkiaSharp;

namespace InteractionLab.Models.Images;

/// <summary>What the header of a picture says.</summary>
/// <param name="Format">PNG, JPEG, WebP or BMP.</param>
/// <param name="StoredWidth">Columns as stored.</param>
/// <param name="StoredHeight">Rows as stored.</param>
/// <param name="IsColour">Whether it has colour; a palette of greys has none.</param>
/// <param name="Origin">How it is turned to be seen.</param>
internal readonly record struct PictureInfo(SKEncodedImageFormat Format, int StoredWidth, int StoredHeight, bool IsColour, SKEncodedOrigin Origin)
{
    /// <summary>Columns as seen.</summary>
    public int Width => Origin.IsSideways() ? StoredHeight : StoredWidth;

    /// <summary>Rows as seen.</summary>
    public int Height => Origin.IsSideways() ? StoredWidth : StoredHeight;
}

/// <summary>What is done to pixels because a dataset holds 8 bits a channel and no transparency.</summary>
[Flags]
internal enum PictureChange
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>16 bits were rounded to 8.</summary>
    Rounded = 1,

    /// <summary>Transparent pixels were laid over white.</summary>
    LaidOverWhite = 2,
}

/// <summary>Reads PNG, JPEG, WebP and BMP. Faults are <see cref="InvalidDataException"/> with a message that continues "the file: ...".</summary>
internal static unsafe class PictureDecoder
{
    private const int RgbaChannels = 4;

    /// <summary>Size, colour and orientation, without decoding a pixel.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="maxPixels">The most pixels it may have.</param>
    public static PictureInfo Probe(ReadOnlySpan<byte> bytes, long maxPixels)
    {
        if (bytes.IsEmpty)
        {
            throw new InvalidDataException("it is empty");
        }

        var info = PngFile.IsPng(bytes) ? PngFile.Probe(bytes)
            : JpegFile.IsJpeg(bytes) ? ProbeJpeg(bytes)
            : IsWebp(bytes) ? Read(bytes, "WebP", codec => codec.FrameCount < 2
                ? new PictureInfo(codec.EncodedFormat, codec.Info.Width, codec.Info.Height, true, codec.EncodedOrigin)
                : throw new InvalidDataException($"it is an animation of {codec.FrameCount} pictures; save the one that is meant"))
            : bytes.StartsWith("BM"u8) ? ProbeBmp(bytes)
            : throw new InvalidDataException("it is no PNG, JPEG, WebP or BMP");

        // RGBA of the whole picture has to fit one array, whatever the caller allows.
        return (long)info.Width * info.Height <= Math.Min(maxPixels, Array.MaxLength / RgbaChannels)
            ? info
            : throw new InvalidDataException($"it has {info.Width} x {info.Height} pixels; the limit is {maxPixels} pixels");
    }

    /// <summary>
    /// Pixels [channels, height, width] as seen, 8 bits. Samples are taken as written: no colour profile, no gamma.
    /// Those of 16 bits are rounded, transparent pixels are laid over white, and colour becomes grey by the luma of
    /// ITU-R BT.601.
    /// </summary>
    /// <param name="bytes">The file.</param>
    /// <param name="info">What <see cref="Probe"/> says of it.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="changed">What of it is not as stored.</param>
    public static byte[] DecodePlanar(ReadOnlySpan<byte> bytes, PictureInfo info, int channels, out PictureChange changed)
    {
        var deep = info.Format == SKEncodedImageFormat.Png && PngFile.IsDeep(bytes);
        var rgba = info.Format switch
        {
            SKEncodedImageFormat.Png when deep => DeepPng.DecodeRgba(bytes, info.StoredWidth, info.StoredHeight),
            SKEncodedImageFormat.Png => DecodeRgba(PngFile.EssentialChunks(bytes), info),
            _ => DecodeRgba(bytes, info),
        };
        if (info.Format == SKEncodedImageFormat.Jpeg && !rgba.AsSpan().SequenceEqual(DecodeRgba(new JpegFile(bytes).Padded(), info)))
        {
            throw new InvalidDataException("the JPEG is damaged (pixels are missing)");
        }

        changed = (deep ? PictureChange.Rounded : PictureChange.None) | (IsOpaque(rgba) ? PictureChange.None : PictureChange.LaidOverWhite);
        return Split(rgba, info, channels);
    }

    private static bool IsOpaque(ReadOnlySpan<byte> rgba)
    {
        for (var alpha = RgbaChannels - 1; alpha < rgba.Length; alpha += RgbaChannels)
        {
            if (rgba[alpha] != byte.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] DecodeRgba(ReadOnlySpan<byte> bytes, PictureInfo info) => Read(bytes, info.Format.ToString().ToUpperInvariant(), codec =>
    {
        if ((codec.Info.Width, codec.Info.Height) != (info.StoredWidth, info.StoredHeight))
        {
            throw new InvalidDataException("its header gives two sizes");
        }

        // Without a colour space of their own, pixels are not converted into one.
        var target = new SKImageInfo(info.StoredWidth, info.StoredHeight, SKColorType.Rgba8888, SKAlphaType.Unpremul, null);
        var pixels = new byte[checked(info.StoredWidth * info.StoredHeight * RgbaChannels)];
        fixed (byte* to = pixels)
        {
            var result = codec.GetPixels(target, (nint)to);
            return result == SKCodecResult.Success ? pixels : throw new InvalidDataException($"the {info.Format.ToString().ToUpperInvariant()} is damaged ({result})");
        }
    });

    private static T Read<T>(ReadOnlySpan<byte> bytes, string format, Func<SKCodec, T> read)
    {
        fixed (byte* source = bytes)
        {
            using var data = SKData.Create((nint)source, bytes.Length);
            using var codec = SKCodec.Create(data) ?? throw new InvalidDataException($"the {format} is damaged");
            return read(codec);
        }
    }

    private static byte[] Split(byte[] rgba, PictureInfo info, int channels)
    {
        var (start, right, down) = info.Origin.Walk(info.StoredWidth, info.StoredHeight);
        var plane = info.Width * info.Height;
        var planar = new byte[checked(plane * channels)];
        for (int y = 0, i = 0; y < info.Height; y++)
        {
            for (int x = 0, from = start + (y * down); x < info.Width; x++, i++, from += right)
            {
                var pixel = rgba.AsSpan(RgbaChannels * from, RgbaChannels);
                int r = OverWhite(pixel[0], pixel[3]), g = OverWhite(pixel[1], pixel[3]), b = OverWhite(pixel[2], pixel[3]);
                if (channels == 1)
                {
                    planar[i] = (byte)(info.IsColour ? ((299 * r) + (587 * g) + (114 * b) + 500) / 1000 : r);
                }
                else
                {
                    planar[i] = (byte)r;
                    planar[plane + i] = (byte)g;
                    planar[(2 * plane) + i] = (byte)b;
                }
            }
        }

        return planar;
    }

    private static int OverWhite(int value, int alpha) => ((value * alpha) + (255 * (255 - alpha)) + 127) / 255;

    private static bool IsWebp(ReadOnlySpan<byte> bytes) => bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8);

    private static PictureInfo ProbeJpeg(ReadOnlySpan<byte> bytes)
    {
        var file = new JpegFile(bytes);
        var origin = Read(bytes, "JPEG", codec => codec.EncodedOrigin);
        return new PictureInfo(SKEncodedImageFormat.Jpeg, file.Width, file.Height, file.Components == 3, origin);
    }

    private static PictureInfo ProbeBmp(ReadOnlySpan<byte> bytes)
    {
        var size = Read(bytes, "BMP", codec => codec.Info.Size);
        return new PictureInfo(SKEncodedImageFormat.Bmp, size.Width, size.Height, BmpHasColour(bytes), SKEncodedOrigin.TopLeft);
    }

    private static bool BmpHasColour(ReadOnlySpan<byte> bytes)
    {
        const int FileHeader = 14;
        const int OldHeader = 12;
        const int FullHeader = 40;
        var header = BinaryPrimitives.ReadUInt32LittleEndian(bytes[FileHeader..]);
        var (bits, entry) = header == OldHeader ? (bytes[24], 3) : (bytes[28], 4);
        var colours = header < FullHeader ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[46..]);
        if (bits > 8)
        {
            return true;
        }

        var palette = bytes[(int)Math.Min(FileHeader + (long)header, bytes.Length)..];
        for (var i = 0; i < (colours is 0 or > 256 ? 1 << bits : colours) && palette.Length >= entry; i++, palette = palette[entry..])
        {
            if (palette[0] != palette[1] || palette[0] != palette[2])
            {
                return true;
            }
        }

        return false;
    }
}
