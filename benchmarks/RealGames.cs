using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Games of the CIFAR-10 networks under <c>shared/</c> (beside the repository or a parent of it): players are cells of an
/// 8x8 grid of 4x4-pixel patches, absent cells are 0 after normalisation, v is the log-odds of the label (method.md §1).
/// </summary>
internal static class RealGames
{
    private const int Side = 32;
    private const int Pixels = Side * Side;
    private static readonly float[] Mean = [0.4914f, 0.4822f, 0.4465f];
    private static readonly float[] Deviation = [0.2470f, 0.2435f, 0.2616f];

    /// <summary>The folder <c>shared</c>, or null where there is none.</summary>
    public static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared");
            if (File.Exists(Path.Combine(candidate, "vectors", "games.json")))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>One game for each test image from <paramref name="first"/> on, with cells drawn from <paramref name="seed"/>.</summary>
    public static double[][] Create(string shared, string model, int players, int first, int count, int seed)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(Path.Combine(shared, "models", model + ".onnx"), options);
        var images = File.ReadAllBytes(Path.Combine(shared, "data", "cifar10", "test_batch.bin"));
        var random = new Random(seed);
        var games = new double[count][];
        for (var i = 0; i < count; i++)
        {
            int[] cells = [.. Enumerable.Range(0, 64).OrderBy(_ => random.Next()).Take(players).Order()];
            games[i] = Table(session, images.AsSpan((first + i) * (1 + (3 * Pixels)), 1 + (3 * Pixels)), cells);
        }

        return games;
    }

    /// <summary>v over all masks of one image record (label byte, then channel-planar pixels).</summary>
    public static double[] Table(InferenceSession session, ReadOnlySpan<byte> record, int[] cells)
    {
        const int batch = 64;
        var image = Normalise(record[1..]);
        var players = new int[Pixels];
        for (var pixel = 0; pixel < Pixels; pixel++)
        {
            players[pixel] = Array.IndexOf(cells, ((pixel / Side / 4) * 8) + (pixel % Side / 4));
        }

        var v = new double[1 << cells.Length];
        for (var start = 0; start < v.Length; start += batch)
        {
            var rows = Math.Min(batch, v.Length - start);
            var input = new DenseTensor<float>([rows, 3, Side, Side]);
            for (var row = 0; row < rows; row++)
            {
                Mask(image, players, start + row, input.Buffer.Span.Slice(row * image.Length, image.Length));
            }

            using var output = session.Run([NamedOnnxValue.CreateFromTensor("input", input)]);
            var logits = output[0].AsEnumerable<float>().ToArray();
            for (var row = 0; row < rows; row++)
            {
                v[start + row] = LogOdds(logits.AsSpan(row * 10, 10), record[0]);
            }
        }

        return v;
    }

    private static float[] Normalise(ReadOnlySpan<byte> pixels)
    {
        var image = new float[pixels.Length];
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = ((pixels[i] / 255f) - Mean[i / Pixels]) / Deviation[i / Pixels];
        }

        return image;
    }

    private static void Mask(float[] image, int[] players, int mask, Span<float> row)
    {
        for (var i = 0; i < image.Length; i++)
        {
            var player = players[i % Pixels];
            row[i] = player < 0 || (mask >> player & 1) == 1 ? image[i] : 0;
        }
    }

    private static double LogOdds(ReadOnlySpan<float> logits, int label)
    {
        var others = double.NegativeInfinity;
        for (var i = 0; i < logits.Length; i++)
        {
            if (i != label)
            {
                others = Math.Max(others, logits[i]);
            }
        }

        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            sum += i == label ? 0 : Math.Exp(logits[i] - others);
        }

        return logits[label] - others - Math.Log(sum);
    }
}
