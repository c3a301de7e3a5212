namespace InteractionLab.Models.Demo;

/// <summary>
/// Draws small colour pictures of shapes: position, size, turn, colours, brightness gradient and noise are random, so
/// that no single pixel or patch gives the shape away.
/// </summary>
internal sealed class ShapePictures(int seed)
{
    /// <summary>Rows and columns.</summary>
    public const int Side = 16;

    /// <summary>Red, green and blue.</summary>
    public const int Channels = 3;

    /// <summary>Bytes of one picture, [row, column, channel].</summary>
    public const int Size = Side * Side * Channels;

    /// <summary>Pixels at 0..1 are fed as (pixel - Mean) / Std.</summary>
    public const double Mean = 0.5;

    /// <summary>See <see cref="Mean"/>.</summary>
    public const double Std = 0.25;

    // Points a pixel is sampled at along each axis; gives soft edges.
    private const int Samples = 3;
    private const double Noise = 0.08;
    private readonly Random _random = new(seed);

    /// <summary>Names by class, in ordinal order, as an importer of class folders numbers them.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = ["cross", "disc", "square", "triangle"];

    /// <summary>Draws a picture of class <paramref name="shape"/>.</summary>
    public void Draw(int shape, Span<byte> picture)
    {
        double radius = Between(4, 6.2), turn = Between(-0.25, 0.25);
        double x0 = Between(radius, Side - radius), y0 = Between(radius, Side - radius);
        var (cos, sin) = (Math.Cos(turn) / radius, Math.Sin(turn) / radius);
        Span<double> ground = stackalloc double[Channels], ink = stackalloc double[Channels];
        Colours(ground, ink);
        double slopeX = Between(-0.012, 0.012), slopeY = Between(-0.012, 0.012);
        for (var i = 0; i < Side * Side; i++)
        {
            int row = i / Side, column = i % Side;
            var cover = 0;
            for (var s = 0; s < Samples * Samples; s++)
            {
                var x = column + (((s % Samples) + 0.5) / Samples) - x0;
                var y = row + (((s / Samples) + 0.5) / Samples) - y0;
                cover += Inside(shape, (x * cos) + (y * sin), (y * cos) - (x * sin)) ? 1 : 0;
            }

            var share = cover / (double)(Samples * Samples);
            var light = (slopeX * (column - (Side / 2))) + (slopeY * (row - (Side / 2)));
            for (var c = 0; c < Channels; c++)
            {
                var level = ground[c] + (share * (ink[c] - ground[c])) + light + (Noise * Gaussian());
                picture[(i * Channels) + c] = (byte)Math.Clamp(Math.Round(255 * level), 0, 255);
            }
        }
    }

    /// <summary>A class, all equally likely.</summary>
    public int NextShape() => _random.Next(ClassNames.Count);

    /// <summary>Network input of a picture, same layout.</summary>
    public static void Normalise(ReadOnlySpan<byte> picture, Span<float> input)
    {
        for (var i = 0; i < picture.Length; i++)
        {
            input[i] = (float)(((picture[i] / 255.0) - Mean) / Std);
        }
    }

    /// <summary>Whether a point, in units of the shape's radius, belongs to the shape.</summary>
    private static bool Inside(int shape, double x, double y) => shape switch
    {
        0 => Math.Max(Math.Abs(x), Math.Abs(y)) <= 1 && Math.Min(Math.Abs(x), Math.Abs(y)) <= 0.3,
        1 => (x * x) + (y * y) <= 0.85,
        2 => Math.Max(Math.Abs(x), Math.Abs(y)) <= 0.82,
        _ => y <= 0.8 && y >= (2 * Math.Abs(x)) - 1,
    };

    /// <summary>A dark ground and a bright ink, each of any hue.</summary>
    private void Colours(Span<double> ground, Span<double> ink)
    {
        for (var c = 0; c < Channels; c++)
        {
            ground[c] = Between(0.05, 0.4);
            ink[c] = Between(0.45, 0.95);
        }
    }

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());

    private double Gaussian() => GaussianSource.Next(_random);
}

/// <summary>Normal deviates.</summary>
internal static class GaussianSource
{
    /// <summary>One deviate by Box and Muller.</summary>
    public static double Next(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
