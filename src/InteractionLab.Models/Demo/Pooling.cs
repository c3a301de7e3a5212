namespace InteractionLab.Models.Demo;

/// <summary>ReLU followed by 2x2 maxima on [row, column, channel] planes.</summary>
internal static class Pooling
{
    /// <summary>Takes the maxima; <paramref name="winner"/> keeps where each came from, -1 where nothing was above 0.</summary>
    public static void Forward(int side, int channels, ReadOnlySpan<float> input, Span<float> output, Span<int> winner)
    {
        var half = side / 2;
        for (var p = 0; p < half * half; p++)
        {
            var corner = (2 * (p / half) * side) + (2 * (p % half));
            for (var c = 0; c < channels; c++)
            {
                var (best, at) = (0f, -1);
                foreach (var cell in (ReadOnlySpan<int>)[corner, corner + 1, corner + side, corner + side + 1])
                {
                    var index = (cell * channels) + c;
                    if (input[index] > best)
                    {
                        (best, at) = (input[index], index);
                    }
                }

                output[(p * channels) + c] = best;
                winner[(p * channels) + c] = at;
            }
        }
    }

    /// <summary>Sends gradients back to where the maxima came from.</summary>
    public static void Backward(ReadOnlySpan<float> outputGradient, ReadOnlySpan<int> winner, Span<float> inputGradient)
    {
        inputGradient.Clear();
        for (var i = 0; i < winner.Length; i++)
        {
            if (winner[i] >= 0)
            {
                inputGradient[winner[i]] = outputGradient[i];
            }
        }
    }
}
