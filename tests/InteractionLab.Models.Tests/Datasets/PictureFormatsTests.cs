using InteractionLab.Models.Images;
using InteractionLab.Testing;
using SkiaSharp;

namespace InteractionLab.Models.Tests.Datasets;

public class PictureFormatsTests
{
    private const int Width = 13;
    private const int Height = 11;

    [Theory]
    [InlineData("0", 31822, new[] { 1, 0, 0, 4, 0, 0, 9, 32, 215, 255, 136, 10, 0, 8, 0, 0, 10, 0, 1, 9, 154, 233, 187, 2, 0, 0, 0, 0 })]
    [InlineData("3", 34512, new[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 8, 10, 240, 255, 254, 249, 255, 0, 6, 21, 10, 0, 0, 0, 0, 0, 0 })]
    [InlineData("5", 34261, new[] { 0, 0, 0, 0, 0, 0, 0, 0, 190, 251, 255, 248, 236, 255, 251, 145, 136, 90, 11, 0, 6, 19, 0, 0, 0, 0, 0, 0 })]
    [InlineData("7", 36704, new[] { 0, 0, 4, 0, 4, 0, 14, 3, 7, 2, 0, 0, 0, 2, 3, 2, 17, 194, 254, 247, 210, 26, 0, 4, 0, 0, 0, 0 })]
    public void Jpeg_digits_decode_as_elsewhere(string digit, int sum, int[] row14)
    {
        // Expected values are those of Pillow 9.4.
        using var upload = new Upload();
        using var dataset = upload.AddFile(SharedData.Path("data", "mnist", $"{digit}.jpg")).Open("images");
        Assert.Equal([1, 28, 28], dataset.Summary.SampleShape);
        Assert.Equal(0, dataset.Summary.Classes);
        var pixels = dataset.Get(0).Values.Select(v => (int)Math.Round(v * 255)).ToArray();
        Assert.InRange(pixels.Sum(), sum - 100, sum + 100);
        for (var x = 0; x < 28; x++)
        {
            Assert.InRange(pixels[(14 * 28) + x], row14[x] - 1, row14[x] + 1);
        }
    }

    [Fact]
    public void The_four_digits_make_a_dataset_with_labels_from_the_options()
    {
        using var upload = new Upload();
        foreach (var digit in (string[])["0", "3", "5", "7"])
        {
            upload.AddFile(SharedData.Path("data", "mnist", $"{digit}.jpg"));
        }

        using var dataset = upload.Open("images", """{"labels": [0, 3, 5, 7], "mean": [0.1307], "std": [0.3081]}""");
        Assert.Equal((4, 8), (dataset.Summary.Count, dataset.Summary.Classes));
        Assert.Equal(5, dataset.Get(2).Label);
        Assert.Equal((-0.1307) / 0.3081, dataset.Get(2).Values[0], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Colour_is_read_in_both_orders_of_rows(bool interlaced)
    {
        var pixels = Decode(PngWriter.Make(Width, Height, 8, 2, (x, y) => [(byte)(x * 19), (byte)(y * 23), (byte)(x ^ y)], interlaced), 3);
        Check(pixels, 3, (x, y, c) => c switch { 0 => x * 19, 1 => y * 23, _ => x ^ y });
    }

    [Fact]
    public void Sixteen_bits_are_scaled_to_eight()
    {
        var grey = Decode(PngWriter.Make(Width, Height, 16, 0, (x, y) => [(byte)(x * 19), (byte)(y * 23)]), 1);
        Check(grey, 1, (x, y, _) => (int)Math.Round(((x * 19 * 256) + (y * 23)) / 257.0));
        var colour = Decode(PngWriter.Make(Width, Height, 16, 2, (x, y) => [(byte)(x * 19), 0, (byte)(y * 23), 0, 255, 255]), 3);
        Check(colour, 3, (x, y, c) => c switch { 0 => (int)Math.Round(x * 19 * 256 / 257.0), 1 => (int)Math.Round(y * 23 * 256 / 257.0), _ => 255 });
        var interlaced = Decode(PngWriter.Make(Width, Height, 16, 6, (x, y) => [(byte)(x * 19), 200, (byte)(y * 23), 0, 0, 255, 255, 255], true), 3);
        Check(interlaced, 3, (x, y, c) => c switch { 0 => (int)Math.Round(((x * 19 * 256) + 200) / 257.0), 1 => (int)Math.Round(y * 23 * 256 / 257.0), _ => 1 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Sixteen_bits_are_read_through_every_filter(byte filter)
    {
        // The samples by their filters' definitions, all bytes modulo 256.
        static int Sample(int x, int y) => ((x * 4999) + (y * 7919)) & 0xFFFF;
        static int At(int x, int y, int shift) => x < 0 || y < 0 ? 0 : (Sample(x, y) >> shift) & 0xFF;
        int Predicted(int x, int y, int shift)
        {
            int a = At(x - 1, y, shift), b = At(x, y - 1, shift), c = At(x - 1, y - 1, shift), p = a + b - c;
            int[] nearest = [.. ((int[])[a, b, c]).OrderBy(v => Math.Abs(p - v))];
            return filter switch { 1 => a, 2 => b, 3 => (a + b) >> 1, _ => nearest[0] };
        }

        var lines = Enumerable.Range(0, Height).SelectMany(y => (byte[])[filter, .. Enumerable.Range(0, Width)
            .SelectMany(x => (byte[])[(byte)(At(x, y, 8) - Predicted(x, y, 8)), (byte)(At(x, y, 0) - Predicted(x, y, 0))])]).ToArray();
        Check(Decode(PngWriter.Make(Width, Height, 16, 0, lines), 1), 1, (x, y, _) => (int)Math.Round(Sample(x, y) / 257.0));
    }

    [Fact]
    public void A_gamma_chunk_does_not_change_what_was_stored()
    {
        var pixels = Decode(PngWriter.Make(Width, Height, 8, 0, (x, y) => [(byte)((x * 19) + y)], false, ("gAMA", [0, 1, 0x86, 0xA0])), 1);
        Check(pixels, 1, (x, y, _) => (x * 19) + y);
    }

    [Fact]
    public void Palettes_are_looked_up_and_grey_ones_are_grey()
    {
        byte[] colours = [255, 0, 0, 0, 200, 0, 7, 7, 7];
        var pixels = Decode(PngWriter.Make(Width, Height, 8, 3, (x, _) => [(byte)(x % 3)], false, ("PLTE", colours)), 3);
        Check(pixels, 3, (x, _, c) => colours[(x % 3 * 3) + c]);
        var grey = Decode(PngWriter.Make(Width, Height, 8, 3, (x, _) => [(byte)(x % 2)], false, ("PLTE", [9, 9, 9, 99, 99, 99])), 1);
        Check(grey, 1, (x, _, _) => x % 2 == 0 ? 9 : 99);
    }

    [Fact]
    public void Single_bits_and_transparency_are_read()
    {
        // Bits 1010... in each of the two bytes of a line of 13 pixels.
        var bits = Enumerable.Range(0, Height).SelectMany(_ => (byte[])[0, 0xAA, 0xAA]).ToArray();
        Check(Decode(PngWriter.Make(Width, Height, 1, 0, bits), 1), 1, (x, _, _) => x % 2 == 0 ? 255 : 0);

        // Transparent pixels are laid over white.
        var clear = Decode(PngWriter.Make(Width, Height, 8, 6, (x, _) => [100, 0, 200, (byte)(x % 3 == 0 ? 0 : x % 3 == 1 ? 255 : 51)]), 3);
        Check(clear, 3, (x, _, c) => ((int[])[100, 0, 200])[c] is var v && x % 3 == 0 ? 255 : x % 3 == 1 ? v : (int)Math.Round((0.2 * v) + (0.8 * 255)), 1);
        var greyAlpha = Decode(PngWriter.Make(Width, Height, 8, 4, (x, _) => [(byte)x, 255]), 1);
        Check(greyAlpha, 1, (x, _, _) => x);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_is_written_is_read_back(int channels)
    {
        var pixels = new byte[Width * Height * channels];
        new Random(channels).NextBytes(pixels);
        var read = Decode(PngCodec.Encode(Width, Height, channels, pixels), channels);
        Check(read, channels, (x, y, c) => pixels[(((y * Width) + x) * channels) + c]);
        Assert.Throws<ArgumentException>(() => PngCodec.Encode(Width, Height, channels, pixels.AsSpan(1)));
    }

    [Fact]
    public void The_size_is_checked_before_a_pixel_is_decoded()
    {
        var huge = PngWriter.Make(100_000, 100_000, 8, 2, new byte[10]);
        Assert.Contains("100000 x 100000", Assert.Throws<InvalidDataException>(() => PictureDecoder.Probe(huge, 1 << 26)).Message, StringComparison.Ordinal);
        var truncated = PngWriter.Grey(Width, Height, 5)[..^14];
        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => Decode(truncated, 1)).Message, StringComparison.Ordinal);
        var few = PngWriter.Make(Width, Height, 8, 0, new byte[20]);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Decode(few, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_jpeg_is_refused()
    {
        var jpeg = File.ReadAllBytes(SharedData.Path("data", "mnist", "3.jpg"));
        Assert.Throws<InvalidDataException>(() => Decode(jpeg[..^60], 1));
        var colour = Decode(jpeg, 3);
        Assert.Equal(Decode(jpeg, 1), colour[784..1568]);
    }

    [Theory]
    [InlineData(PillowFiles.WebpLossless)]
    [InlineData(PillowFiles.Bmp24)]
    public void Webp_and_bmp_without_loss_are_exact(string file)
    {
        var pixels = Decode(Convert.FromBase64String(file), 3);
        Check(pixels, 3, Colours, width: 8, height: 6);
    }

    [Fact]
    public void Webp_with_loss_is_read_as_by_Pillow()
    {
        byte[] top = [10, 26, 56, 83, 116, 144, 173, 187, 19, 36, 64, 93, 124, 152, 181, 195];
        byte[] end = [18, 29, 44, 60, 88, 102, 117, 128, 31, 44, 59, 77, 116, 132, 150, 160];
        var pixels = Decode(Convert.FromBase64String(PillowFiles.WebpLossy), 3);
        Assert.Equal(3 * 48, pixels.Length);
        Assert.Equal(top, pixels[..16]);
        Assert.Equal(end, pixels[^16..]);
        var animation = Convert.FromBase64String(PillowFiles.WebpAnimation);
        Assert.Contains("animation of 2", Assert.Throws<InvalidDataException>(() => Decode(animation, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bmp_palettes_are_looked_up_and_grey_ones_are_grey()
    {
        var file = Convert.FromBase64String(PillowFiles.Bmp8);
        byte[] colours = [255, 0, 0, 0, 200, 0, 7, 7, 7];
        Check(Decode(file, 3), 3, (x, y, c) => colours[((x + y) % 3 * 3) + c], width: 8, height: 6);
        ((byte[])[9, 9, 9, 0, 99, 99, 99, 0, 200, 200, 200, 0]).CopyTo(file, 54);
        Check(Decode(file, 1), 1, (x, y, _) => ((int[])[9, 99, 200])[(x + y) % 3], width: 8, height: 6);
        Check(Decode(Convert.FromBase64String(PillowFiles.Bmp1), 1), 1, (x, y, _) => (x + y) % 2 * 255, width: 8, height: 6);
    }

    [Theory]
    [InlineData(PillowFiles.Jpeg, 131020, new[] { 0, 11, 20, 31, 4, 60, 121, 181, 45, 79, 108, 137 })]
    [InlineData(PillowFiles.JpegProgressive, 131020, new[] { 0, 11, 20, 31, 4, 60, 121, 181, 45, 79, 108, 137 })]
    [InlineData(PillowFiles.JpegFullChroma, 130900, new[] { 3, 10, 18, 32, 0, 60, 119, 181, 47, 78, 105, 137 })]
    public void Jpeg_in_colour_is_read_as_by_Pillow(string file, int sum, int[] everyNinetySeventh)
    {
        var pixels = Decode(Convert.FromBase64String(file), 3);
        Assert.Equal(24 * 16 * 3, pixels.Length);
        Assert.Equal(sum, pixels.Sum(p => p));
        Assert.Equal(everyNinetySeventh, pixels.Where((_, i) => i % 97 == 0).Select(p => (int)p));
    }

    [Theory]
    [InlineData(PillowFiles.Jpeg)]
    [InlineData(PillowFiles.JpegProgressive)]
    [InlineData(PillowFiles.JpegFullChroma)]
    [InlineData(PillowFiles.WebpLossless)]
    [InlineData(PillowFiles.WebpLossy)]
    [InlineData(PillowFiles.Bmp24)]
    [InlineData(PillowFiles.Bmp8)]
    public void Half_a_file_is_refused(string file)
    {
        var bytes = Convert.FromBase64String(file);
        Assert.All(Enumerable.Range(0, bytes.Length - 3), length => Assert.Throws<InvalidDataException>(() => Decode(bytes[..length], 3)));
    }

    [Theory]
    [InlineData(PillowFiles.Jpeg)]
    [InlineData(PillowFiles.JpegProgressive)]
    [InlineData(PillowFiles.JpegFullChroma)]
    public void A_jpeg_that_was_cut_and_closed_again_is_refused(string file)
    {
        var bytes = Convert.FromBase64String(file);
        var message = Assert.Throws<InvalidDataException>(() => Decode([.. bytes[..^6], 0xFF, 0xD9], 3)).Message;
        Assert.Contains("damaged", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Four_colour_components_are_refused_by_name() =>
        Assert.Contains("CMYK", Assert.Throws<InvalidDataException>(() => Decode(Convert.FromBase64String(PillowFiles.Cmyk), 3)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Pictures_are_turned_as_exif_says(int orientation)
    {
        // Where a stored pixel is seen: EXIF's table of the sides on which the first row and the first column lie.
        var (width, height) = orientation < 5 ? (8, 6) : (6, 8);
        (int X, int Y) Seen(int x, int y) => orientation switch
        {
            1 => (x, y),
            2 => (7 - x, y),
            3 => (7 - x, 5 - y),
            4 => (x, 5 - y),
            5 => (y, x),
            6 => (5 - y, x),
            7 => (5 - y, 7 - x),
            _ => (y, 7 - x),
        };
        byte[] little = [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        byte[] big = [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        var webp = Convert.FromBase64String(PillowFiles.WebpLossless);
        byte[] body = [.. "WEBPVP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 5, 0, 0, .. webp[12..], .. "EXIF"u8, (byte)little.Length, 0, 0, 0, .. little];
        byte[][] files =
        [
            PngWriter.Make(8, 6, 8, 2, (x, y) => [(byte)Colours(x, y, 0), (byte)Colours(x, y, 1), (byte)Colours(x, y, 2)], false, ("eXIf", little)),
            PngWriter.Make(8, 6, 8, 2, (x, y) => [(byte)Colours(x, y, 0), (byte)Colours(x, y, 1), (byte)Colours(x, y, 2)], true, ("eXIf", big)),
            [.. "RIFF"u8, (byte)body.Length, 0, 0, 0, .. body],
        ];
        foreach (var file in files)
        {
            var pixels = Decode(file, 3);
            for (var i = 0; i < 3 * 48; i++)
            {
                var (x, y) = Seen(i % 8, i / 8 % 6);
                Assert.Equal(Colours(i % 8, i / 8 % 6, i / 48), pixels[(i / 48 * 48) + (y * width) + x]);
            }

            using var upload = new Upload();
            var summary = upload.Add("a.png", file).Import("images");
            Assert.Equal([3, height, width], summary.SampleShape);
            Assert.Equal(orientation > 1, summary.Options.TryGetProperty("turnedByExif", out var turned) && turned.GetInt32() == 1);
        }

        var jpeg = Convert.FromBase64String(PillowFiles.JpegFullChroma);
        var plain = Decode(jpeg, 3);
        var seen = Decode([.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(little.Length + 8), .. "Exif\0\0"u8, .. little, .. jpeg[2..]], 3);
        for (var i = 0; i < plain.Length; i++)
        {
            int x = i % 24, y = i / 24 % 16, plane = i / 384 * 384;
            var to = orientation switch { 1 => (y * 24) + x, 2 => (y * 24) + 23 - x, 3 => 383 - (y * 24) - x, 4 => ((15 - y) * 24) + x, 5 => (x * 16) + y, 6 => (x * 16) + 15 - y, 7 => 383 - (x * 16) - y, _ => ((23 - x) * 16) + y };
            Assert.Equal(plain[i], seen[plane + to]);
        }
    }

    [Fact]
    public void A_colour_profile_does_not_change_what_was_stored()
    {
        // A profile whose primaries are not those of the screen; a viewer would show other values.
        using var profile = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Linear, SKColorSpaceXyz.AdobeRgb);
        var pixels = new byte[16 * 16 * 4];
        new Random(3).NextBytes(pixels);
        byte[] Encoded(SKColorSpace? space, bool webp)
        {
            using var image = SKImage.FromPixelCopy(new SKImageInfo(16, 16, SKColorType.Rgb888x, SKAlphaType.Opaque, space), pixels);
            using var pixmap = image.PeekPixels();
            using var file = webp ? pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50)) : pixmap.Encode(new SKJpegEncoderOptions(100, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore));
            return file!.ToArray();
        }

        foreach (var webp in (bool[])[false, true])
        {
            byte[] with = Encoded(profile, webp), without = Encoded(null, webp);
            Assert.True(with.Length > without.Length);
            Assert.Equal(Decode(without, 3), Decode(with, 3));
        }
    }

    private static int Colours(int x, int y, int channel) => channel switch { 0 => (30 * x) + y, 1 => 40 * y, _ => 5 * x * y % 256 };

    private static byte[] Decode(byte[] file, int channels)
    {
        var info = PictureDecoder.Probe(file, 1 << 20);
        Assert.True(channels == 3 || !info.IsColour);
        return PictureDecoder.DecodePlanar(file, info, channels, out _);
    }

    private static void Check(byte[] planar, int channels, Func<int, int, int, int> expected, int tolerance = 0, int width = Width, int height = Height)
    {
        Assert.Equal(width * height * channels, planar.Length);
        for (var i = 0; i < planar.Length; i++)
        {
            var value = expected(i % width, i / width % height, i / (width * height));
            Assert.InRange(planar[i], value - tolerance, value + tolerance);
        }
    }
}
