namespace InteractionLab.Models.Demo;

/// <summary>Trains a <see cref="ShapeNetwork"/> on pictures drawn as they are needed; no picture is seen twice.</summary>
internal static class ShapeTraining
{
    private const int Batch = 32;
    private const int Steps = 500;
    private const double FirstRate = 4e-3;

    /// <summary>Trains on one core; the same seed gives the same weights.</summary>
    public static ShapeNetwork Run(int seed, IProgress<double>? progress, CancellationToken cancellation)
    {
        var network = new ShapeNetwork(new Random(seed));
        var pictures = new ShapePictures(seed + 1);
        var picture = new byte[ShapePictures.Size];
        for (var step = 1; step <= Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            network.Refresh();
            for (var i = 0; i < Batch; i++)
            {
                var shape = pictures.NextShape();
                pictures.Draw(shape, picture);
                network.Forward(picture);
                network.Backward(shape);
            }

            var rate = FirstRate * (1.02 + Math.Cos(Math.PI * step / Steps)) / 2;
            foreach (var parameter in network.Parameters)
            {
                parameter.Step(step, rate, Batch);
            }

            progress?.Report(step / (double)Steps);
        }

        return network;
    }

    /// <summary>Share of <paramref name="count"/> fresh pictures that are classified rightly.</summary>
    public static double Accuracy(ShapeNetwork network, int seed, int count)
    {
        var pictures = new ShapePictures(seed);
        var picture = new byte[ShapePictures.Size];
        var right = 0;
        for (var i = 0; i < count; i++)
        {
            var shape = pictures.NextShape();
            pictures.Draw(shape, picture);
            right += Predict(network.Forward(picture)) == shape ? 1 : 0;
        }

        return right / (double)count;
    }

    private static int Predict(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var c = 1; c < logits.Length; c++)
        {
            best = logits[c] > logits[best] ? c : best;
        }

        return best;
    }
}
