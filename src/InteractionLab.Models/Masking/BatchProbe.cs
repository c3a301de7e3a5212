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
}
