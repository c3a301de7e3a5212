using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using InteractionLab.Models.Images;

namespace InteractionLab.Models.Demo;

/// <summary>Makes what <c>--demo</c> shows: a small network, trained here and now, that tells four shapes apart, and pictures for it.</summary>
public static class DemoLab
{
    private const int PicturesPerClass = 60;
    private const int HeldOut = 2000;

    // Training, held-out and shipped pictures come from seeds that are apart.
    private const int HeldOutSeed = 1_000_003;
    private const int DatasetSeed = 2_000_003;
    private static readonly DateTimeOffset FixedTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Trains the network and draws the pictures, on one core in seconds. The same seed gives the same bytes.</summary>
    /// <param name="seed">Of weights and pictures, 0 to a billion.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static DemoAssets Create(int seed, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seed, 1_000_000_000);

        var dataset = Pictures(seed + DatasetSeed);
        var network = ShapeTraining.Run(seed, progress, cancellation);
        var accuracy = ShapeTraining.Accuracy(network, seed + HeldOutSeed, HeldOut);
        double[] mean = [.. Enumerable.Repeat(ShapePictures.Mean, ShapePictures.Channels)];
        double[] std = [.. Enumerable.Repeat(ShapePictures.Std, ShapePictures.Channels)];
        var options = JsonSerializer.Serialize(new { mean, std });
        return new DemoAssets("shapes (demo)", ShapeNetworkExport.ToOnnx(network), "shapes (demo)", "shapes.zip", dataset, "images", options, ShapePictures.ClassNames, accuracy);
    }

    private static byte[] Pictures(int seed)
    {
        var pictures = new ShapePictures(seed);
        var pixels = new byte[ShapePictures.Size];
        using var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var shape = 0; shape < ShapePictures.ClassNames.Count; shape++)
            {
                for (var i = 0; i < PicturesPerClass; i++)
                {
                    pictures.Draw(shape, pixels);
                    var entry = zip.CreateEntry(string.Create(CultureInfo.InvariantCulture, $"{ShapePictures.ClassNames[shape]}/{i:000}.png"), CompressionLevel.NoCompression);
                    entry.LastWriteTime = FixedTime;
                    using var file = entry.Open();
                    file.Write(PngCodec.Encode(ShapePictures.Side, ShapePictures.Side, ShapePictures.Channels, pixels));
                }
            }
        }

        return output.ToArray();
    }
}
