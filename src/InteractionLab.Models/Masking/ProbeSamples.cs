namespace InteractionLab.Models.Masking;

/// <summary>Random samples that checks by running use, and when what they give counts as the same.</summary>
internal static class ProbeSamples
{
    /// <summary>How many are drawn where the network does not say.</summary>
    public const int Rows = 5;

    private const int Seed = 20_240_917;
    private const int LowTokens = 3;

    /// <summary>Samples of very different size, so that a row that leaks into another shows. Token ids are drawn from the first few of any vocabulary.</summary>
    public static float[] Draw(int rows, int cells, bool tokens)
    {
        var random = new Random(Seed);
        var batch = new float[checked(rows * cells)];
        for (var i = 0; i < batch.Length; i++)
        {
            var scale = Math.Pow(4, (i / cells % Rows) - 2);
            batch[i] = tokens
                ? random.Next(LowTokens)
                : (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return batch;
    }

    /// <summary>Whether two rows agree to a share of the largest number expected.</summary>
    public static bool Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance)
    {
        double largest = 1e-6;
        foreach (var number in expected)
        {
            largest = float.IsFinite(number) ? Math.Max(largest, Math.Abs(number)) : largest;
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
