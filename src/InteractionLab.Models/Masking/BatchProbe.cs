using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Checks by running that a network treats the rows of a batch independently: logits of a batch of random samples
/// against those of the original graph, one sample at a time. Token ids are drawn from the first few of any vocabulary.
/// </summary>
internal static class BatchProbe
{
    private const int Rows = 5;
    private const int Seed = 20_240_917;
    private const int LowTokens = 3;

    /// <summary>Whether <paramref name="batched"/> gives the rows of <paramref name="original"/>, to <paramref name="tolerance"/> of each row's largest logit.</summary>
    public static bool Agrees(PlainNetwork batched, PlainNetwork original, int cells, double tolerance)
    {
        var batch = Samples(cells, original.TakesTokens);
        float[] together;
        try
        {
            together = batched.Rows(batch, Rows);
        }
        catch (ModelRejectedException)
        {
            return false;
        }

        var classes = together.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            var alone = original.Row(batch.AsSpan(row * cells, cells));
            if (alone.Length != classes || !Close(alone, together.AsSpan(row * classes, classes), tolerance))
            {
                return false;
            }
        }

        return true;
    }

    private static float[] Samples(int cells, bool tokens)
    {
        // Samples of very different size, so that a row that leaks into another shows.
        var random = new Random(Seed);
        var batch = new float[checked(Rows * cells)];
        for (var i = 0; i < batch.Length; i++)
        {
            var scale = Math.Pow(4, (i / cells) - 2);
            batch[i] = tokens
                ? random.Next(LowTokens)
                : (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return batch;
    }

    private static bool Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance)
    {
        double largest = 1e-6;
        foreach (var logit in expected)
        {
            largest = float.IsFinite(logit) ? Math.Max(largest, Math.Abs(logit)) : largest;
        }

        for (var k = 0; k < expected.Length; k++)
        {
            // Equal covers infinities and NaN on both sides.
            if (!expected[k].Equals(found[k]) && !(Math.Abs((double)expected[k] - found[k]) <= tolerance * largest))
            {
                return false;
            }
        }

        return true;
    }
}
