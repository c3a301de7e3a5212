namespace InteractionLab.Models.Demo;

/// <summary>Weights with their gradient and the two running moments of Adam.</summary>
internal sealed class Parameter(int count)
{
    private const double Decay1 = 0.9;
    private const double Decay2 = 0.999;
    private readonly double[] _first = new double[count];
    private readonly double[] _second = new double[count];

    public float[] Values { get; } = new float[count];

    public float[] Gradient { get; } = new float[count];

    /// <summary>Normal weights of variance 2 / <paramref name="fanIn"/>.</summary>
    public static Parameter Random(Random random, int count, int fanIn)
    {
        var parameter = new Parameter(count);
        for (var i = 0; i < count; i++)
        {
            parameter.Values[i] = (float)(Math.Sqrt(2.0 / fanIn) * GaussianSource.Next(random));
        }

        return parameter;
    }

    /// <summary>One step of Adam (Kingma and Ba 2015, algorithm 1); clears the gradient, which is a sum over <paramref name="batch"/> pictures.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="batch">Pictures.</param>
    public void Step(int step, double rate, int batch)
    {
        double correction1 = 1 - Math.Pow(Decay1, step), correction2 = 1 - Math.Pow(Decay2, step);
        for (var i = 0; i < Values.Length; i++)
        {
            var g = Gradient[i] / (double)batch;
            _first[i] = (Decay1 * _first[i]) + ((1 - Decay1) * g);
            _second[i] = (Decay2 * _second[i]) + ((1 - Decay2) * g * g);
            Values[i] -= (float)(rate * (_first[i] / correction1) / (Math.Sqrt(_second[i] / correction2) + 1e-8));
        }

        Array.Clear(Gradient);
    }
}
