using System.Text.Json;
using InteractionLab.Interactions;

namespace InteractionLab.Models.Datasets.Training;

/// <summary>
/// Random changes to training pictures, drawn anew for each sample and epoch. As in PyTorch's usual pipeline the picture
/// is padded and cropped before it is normalised, so the border holds black pixels: (0 - mean) / std in the network's
/// input space, a value a channel.
/// </summary>
/// <param name="Crop">Pixels added on every side before a window of the old size is cut out at random; 0 for none.</param>
/// <param name="Flip">Whether half of the pictures are mirrored left to right.</param>
public sealed record Augmentation(int Crop = 0, bool Flip = false)
{
    /// <summary>Pictures as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Largest padding a spec may ask for.</summary>
    public const int MostCrop = 256;

    /// <summary>Whether nothing is changed.</summary>
    public bool IsNone => Crop == 0 && !Flip;

    /// <summary>Writes the changed picture; the same random stream gives the same change.</summary>
    /// <param name="random">A stream of the sample and epoch.</param>
    /// <param name="picture">[channels, height, width], normalised.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="border">Value of padded pixels by channel.</param>
    /// <param name="target">Takes as many values.</param>
    internal void Apply(PortableRandom random, ReadOnlySpan<float> picture, IReadOnlyList<int> shape, ReadOnlySpan<float> border, Span<float> target)
    {
        int height = shape[1], width = shape[2];
        var down = Crop == 0 ? 0 : random.Below((2 * Crop) + 1) - Crop;
        var right = Crop == 0 ? 0 : random.Below((2 * Crop) + 1) - Crop;
        var mirrored = Flip && random.Below(2) == 1;
        for (var channel = 0; channel < shape[0]; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                var row = target.Slice(((channel * height) + y) * width, width);
                row.Fill(border[channel]);
                var from = y + down;
                if (from < 0 || from >= height)
                {
                    continue;
                }

                // Columns of the window that lie inside the picture.
                int first = Math.Max(0, -right), end = Math.Min(width, width - right);
                if (first < end)
                {
                    picture.Slice((((channel * height) + from) * width) + first + right, end - first).CopyTo(row[first..]);
                }

                if (mirrored)
                {
                    row.Reverse();
                }
            }
        }
    }

    /// <summary>A black pixel in the network's input space, by channel.</summary>
    internal static float[] Border(DatasetSummary dataset)
    {
        double[] mean = Numbers("mean"), std = Numbers("std");
        return [.. mean.Zip(std, (m, s) => (float)(-m / s))];

        double[] Numbers(string name) => dataset.Options.GetProperty(name).Deserialize<double[]>()!;
    }
}
