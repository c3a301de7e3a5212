namespace InteractionLab.Models.Images;

/// <summary>Reads baseline and progressive JPEG, grey or colour, through libjpeg-turbo. The EXIF orientation is not applied.</summary>
internal static unsafe class JpegDecoder
{
    public static bool IsJpeg(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>Size and colour from the header; no pixel is decoded.</summary>
    public static PictureInfo Probe(ReadOnlySpan<byte> bytes)
    {
        var decoder = Create();
        try
        {
            fixed (byte* source = bytes)
            {
                if (TurboJpeg.DecompressHeader(decoder, source, (nuint)bytes.Length, out var width, out var height, out _, out var space) != 0
                    && !TurboJpeg.IsHarmless(decoder))
                {
                    throw new InvalidDataException($"the JPEG is damaged ({TurboJpeg.Fault(decoder)})");
                }

                if (space is TurboJpeg.SpaceCmyk or TurboJpeg.SpaceYcck)
                {
                    throw new InvalidDataException("the JPEG is in CMYK; save it as RGB");
                }

                return width > 0 && height > 0
                    ? new PictureInfo(PictureFormat.Jpeg, width, height, space != TurboJpeg.SpaceGray)
                    : throw new InvalidDataException("the JPEG's header gives an impossible size");
            }
        }
        finally
        {
            _ = TurboJpeg.Destroy(decoder);
        }
    }

    /// <summary>Pixels side by side, rows from the top, 1 (luma) or 3 (RGB) bytes each; the size was checked by the caller.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> bytes, PictureInfo info, int channels)
    {
        var pixels = new byte[checked(info.Width * info.Height * channels)];
        var decoder = Create();
        try
        {
            fixed (byte* source = bytes)
            fixed (byte* target = pixels)
            {
                var format = channels == 1 ? TurboJpeg.PixelGray : TurboJpeg.PixelRgb;
                var result = TurboJpeg.Decompress(decoder, source, (nuint)bytes.Length, target, info.Width, info.Width * channels, info.Height, format, TurboJpeg.FlagAccurateDct | TurboJpeg.FlagLimitScans);
                return result == 0 || TurboJpeg.IsHarmless(decoder)
                    ? pixels
                    : throw new InvalidDataException($"the JPEG is damaged ({TurboJpeg.Fault(decoder)})");
            }
        }
        finally
        {
            _ = TurboJpeg.Destroy(decoder);
        }
    }

    private static nint Create()
    {
        try
        {
            var decoder = TurboJpeg.InitDecompress();
            return decoder != 0 ? decoder : throw new InvalidOperationException("The JPEG decoder could not be created.");
        }
        catch (DllNotFoundException e)
        {
            throw TurboJpeg.Missing(e);
        }
    }
}
