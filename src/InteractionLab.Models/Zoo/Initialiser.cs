using InteractionLab.Interactions;

namespace InteractionLab.Models.Zoo;

/// <summary>Fills a new weight; draws in double, rounds to single.</summary>
internal delegate void Initialiser(PortableRandom random, Span<float> values);

/// <summary>The initialisations of <c>torch.nn.init</c> that the zoo uses.</summary>
internal static class Initialisers
{
    /// <summary>0 everywhere.</summary>
    public static Initialiser Zeros { get; } = (_, _) => { };

    /// <summary>1 everywhere.</summary>
    public static Initialiser Ones { get; } = (_, values) => values.Fill(1);

    /// <summary>
    /// Uniform in ±1/√fanIn: what PyTorch's Linear and Conv2d do to weights (kaiming_uniform with a = √5) and biases.
    /// Variance 1 / (3 fanIn).
    /// </summary>
    public static Initialiser Default(int fanIn) => Uniform(1 / Math.Sqrt(fanIn));

    /// <summary>Uniform in ±<paramref name="bound"/>.</summary>
    public static Initialiser Uniform(double bound) => (random, values) =>
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(bound * ((2 * random.NextDouble()) - 1));
        }
    };

    /// <summary>xavier_uniform: variance 2 / (fanIn + fanOut).</summary>
    public static Initialiser XavierUniform(int fanIn, int fanOut) => Uniform(Math.Sqrt(6.0 / (fanIn + fanOut)));

    /// <summary>kaiming_normal with mode fan_out for ReLU: variance 2 / fanOut.</summary>
    public static Initialiser KaimingFanOut(int fanOut) => Normal(Math.Sqrt(2.0 / fanOut));

    /// <summary>trunc_normal_ with std 0.02: its bounds of ±2 lie a hundred deviations out, so no draw is ever cut.</summary>
    public static Initialiser Truncated { get; } = Normal(0.02);

    /// <summary>Normal with mean 0 (Box and Muller: two deviates of two uniform numbers).</summary>
    public static Initialiser Normal(double deviation) => (random, values) =>
    {
        for (var i = 0; i < values.Length; i += 2)
        {
            var radius = deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            values[i] = (float)(radius * cosine);
            if (i + 1 < values.Length)
            {
                values[i + 1] = (float)(radius * sine);
            }
        }
    };
}
