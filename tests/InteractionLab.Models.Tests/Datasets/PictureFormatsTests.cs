using InteractionLab.Models.Images;
using InteractionLab.Testing;

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
        var pixels = Decode(PngFile.Make(Width, Height, 8, 2, (x, y) => [(byte)(x * 19), (byte)(y * 23), (byte)(x ^ y)], interlaced), 3);
        Check(pixels, 3, (x, y, c) => c switch { 0 => x * 19, 1 => y * 23, _ => x ^ y });
    }

    [Fact]
    public void Sixteen_bits_are_scaled_to_eight()
    {
        var grey = Decode(PngFile.Make(Width, Height, 16, 0, (x, y) => [(byte)(x * 19), (byte)(y * 23)]), 1);
        Check(grey, 1, (x, y, _) => (int)Math.Round(((x * 19 * 256) + (y * 23)) / 257.0), 1);
        var colour = Decode(PngFile.Make(Width, Height, 16, 2, (x, y) => [(byte)(x * 19), 0, (byte)(y * 23), 0, 255, 255]), 3);
        Check(colour, 3, (x, y, c) => c switch { 0 => (int)Math.Round(x * 19 * 256 / 257.0), 1 => (int)Math.Round(y * 23 * 256 / 257.0), _ => 255 }, 1);
    }

    [Fact]
    public void A_gamma_chunk_does_not_change_what_was_stored()
    {
        var pixels = Decode(PngFile.Make(Width, Height, 8, 0, (x, y) => [(byte)((x * 19) + y)], false, ("gAMA", [0, 1, 0x86, 0xA0])), 1);
        Check(pixels, 1, (x, y, _) => (x * 19) + y);
    }

    [Fact]
    public void Palettes_are_looked_up_and_grey_ones_are_grey()
    {
        byte[] colours = [255, 0, 0, 0, 200, 0, 7, 7, 7];
        var pixels = Decode(PngFile.Make(Width, Height, 8, 3, (x, _) => [(byte)(x % 3)], false, ("PLTE", colours)), 3);
        Check(pixels, 3, (x, _, c) => colours[(x % 3 * 3) + c]);
        var grey = Decode(PngFile.Make(Width, Height, 8, 3, (x, _) => [(byte)(x % 2)], false, ("PLTE", [9, 9, 9, 99, 99, 99])), 1);
        Check(grey, 1, (x, _, _) => x % 2 == 0 ? 9 : 99);
    }

    [Fact]
    public void Single_bits_and_transparency_are_read()
    {
        // Bits 1010... in each of the two bytes of a line of 13 pixels.
        var bits = Enumerable.Range(0, Height).SelectMany(_ => (byte[])[0, 0xAA, 0xAA]).ToArray();
        Check(Decode(PngFile.Make(Width, Height, 1, 0, bits), 1), 1, (x, _, _) => x % 2 == 0 ? 255 : 0);

        // Transparent pixels are laid over white.
        var clear = Decode(PngFile.Make(Width, Height, 8, 6, (x, _) => [100, 0, 200, (byte)(x % 3 == 0 ? 0 : x % 3 == 1 ? 255 : 51)]), 3);
        Check(clear, 3, (x, _, c) => ((int[])[100, 0, 200])[c] is var v && x % 3 == 0 ? 255 : x % 3 == 1 ? v : (int)Math.Round((0.2 * v) + (0.8 * 255)), 1);
        var greyAlpha = Decode(PngFile.Make(Width, Height, 8, 4, (x, _) => [(byte)x, 255]), 1);
        Check(greyAlpha, 1, (x, _, _) => x);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_is_written_is_read_back(int channels)
    {
        var pixels = new byte[Width * Height * channels];
        new Random(channels).NextBytes(pixels);
        for (var i = 1; channels % 2 == 0 && i <= pixels.Length / channels; i++)
        {
            pixels[(i * channels) - 1] = 255;
        }

        var stored = channels > 2 ? 3 : 1;
        var read = Decode(PngCodec.Encode(Width, Height, channels, pixels), stored);
        Check(read, stored, (x, y, c) => pixels[(((y * Width) + x) * channels) + c]);
        Assert.Throws<ArgumentException>(() => PngCodec.Encode(Width, Height, channels, pixels.AsSpan(1)));
    }

    [Fact]
    public void The_size_is_checked_before_a_pixel_is_decoded()
    {
        var huge = PngFile.Make(100_000, 100_000, 8, 2, new byte[10]);
        Assert.Contains("100000 x 100000", Assert.Throws<InvalidDataException>(() => PictureDecoder.Probe(huge, 1 << 26)).Message, StringComparison.Ordinal);
        var truncated = PngFile.Grey(Width, Height, 5)[..^14];
        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => Decode(truncated, 1)).Message, StringComparison.Ordinal);
        var few = PngFile.Make(Width, Height, 8, 0, new byte[20]);
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

    private static byte[] Decode(byte[] file, int channels)
    {
        var info = PictureDecoder.Probe(file, 1 << 20);
        Assert.True(channels == 3 || !info.IsColour);
        return PictureDecoder.DecodePlanar(file, info, channels);
    }

    private static void Check(byte[] planar, int channels, Func<int, int, int, int> expected, int tolerance = 0)
    {
        Assert.Equal(Width * Height * channels, planar.Length);
        for (var i = 0; i < planar.Length; i++)
        {
            var value = expected(i % Width, i / Width % Height, i / (Width * Height));
            Assert.InRange(planar[i], value - tolerance, value + tolerance);
        }
    }
}
