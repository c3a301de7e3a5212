using InteractionLab.Models.Masking;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Samples and layouts made by plain loops, apart from the code under test.</summary>
internal static class Pictures
{
    private static readonly float[] Mean = [.4914f, .4822f, .4465f];
    private static readonly float[] Deviation = [.2470f, .2435f, .2616f];

    /// <summary>A CIFAR-10 test picture, normalised as shared/models/README.md says.</summary>
    public static float[] Cifar(int index, out int label)
    {
        const int Record = 1 + (3 * 32 * 32);
        using var file = File.OpenRead(SharedData.Path("data", "cifar10", "test_batch.bin"));
        file.Position = (long)index * Record;
        var record = new byte[Record];
        file.ReadExactly(record);
        label = record[0];
        var values = new float[Record - 1];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ((record[i + 1] / 255f) - Mean[i / 1024]) / Deviation[i / 1024];
        }

        return values;
    }

    /// <summary>Players are cells of a grid over a picture, numbered row by row; the rest keeps its value.</summary>
    public static PlayerLayout Grid(int channels, int height, int width, int grid, IReadOnlyList<int> cells)
    {
        var owner = new int[channels * height * width];
        for (var c = 0; c < channels; c++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var cell = (y * grid / height * grid) + (x * grid / width);
                    owner[(((c * height) + y) * width) + x] = cells.Index().Where(item => item.Item == cell).Select(item => item.Index).DefaultIfEmpty(PlayerLayout.Keep).First();
                }
            }
        }

        return new PlayerLayout(cells.Count, owner);
    }
}
