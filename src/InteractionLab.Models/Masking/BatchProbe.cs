using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Checks by running that a network treats the rows of a batch independently: logits of a batch of random samples
/// against those of the original graph, one sample at a time.
/// </summary>
internal static class BatchProbe
{
    private const int Rows = ProbeSamples.Rows;

    /// <summary>Whether <paramref name="batched"/> gives the rows of <paramref name="original"/>, to <paramref name="tolerance"/> of each row's largest logit.</summary>
    public static bool Agrees(PlainNetwork batched, PlainNetwork original, int cells, double tolerance)
    {
        var batch = ProbeSamples.Draw(Rows, cells, original.TakesTokens);
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
            if (alone.Length != classes || !ProbeSamples.Close(alone, together.AsSpan(row * classes, classes), tolerance))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a graph of a fixed batch size gives a sample the same logits in every row and beside whatever other samples:
    /// each row of a batch of random samples against a batch of its copies.
    /// </summary>
    public static bool IsIndependent(PlainNetwork original, int rows, int cells, double tolerance)
    {
        var batch = ProbeSamples.Draw(rows, cells, original.TakesTokens);
        var together = original.Rows(batch, rows);
        var classes = together.Length / rows;

        // Of a large batch some rows, the last among them, say as much as all.
        foreach (var row in Enumerable.Range(0, rows).Where(row => row < Rows || row == rows - 1))
        {
            if (!ProbeSamples.Close(original.Row(batch.AsSpan(row * cells, cells)), together.AsSpan(row * classes, classes), tolerance))
            {
                return false;
            }
        }

        return true;
    }
}
