namespace InteractionLab.Models.Demo;

/// <summary>
/// Convolution (3 to 8), ReLU, maxima, convolution (8 to 16), ReLU, maxima, linear layer (256 to 4): forward and
/// backward for one picture at a time. Not safe for use by several threads.
/// </summary>
internal sealed class ShapeNetwork
{
    public const int Side1 = ShapePictures.Side;
    public const int Side2 = Side1 / 2;
    public const int Side3 = Side2 / 2;
    public const int Channels0 = ShapePictures.Channels;
    public const int Channels1 = 8;
    public const int Channels2 = 16;
    public const int Features = Side3 * Side3 * Channels2;
    public const int Classes = 4;

    private readonly float[] _input = new float[ShapePictures.Size];
    private readonly float[] _conv1 = new float[Side1 * Side1 * Channels1];
    private readonly float[] _pool1 = new float[Side2 * Side2 * Channels1];
    private readonly float[] _conv2 = new float[Side2 * Side2 * Channels2];
    private readonly float[] _pool2 = new float[Features];
    private readonly float[] _logits = new float[Classes];
    private readonly int[] _winner1 = new int[Side2 * Side2 * Channels1];
    private readonly int[] _winner2 = new int[Features];
    private readonly float[] _conv1Gradient = new float[Side1 * Side1 * Channels1];
    private readonly float[] _pool1Gradient = new float[Side2 * Side2 * Channels1];
    private readonly float[] _conv2Gradient = new float[Side2 * Side2 * Channels2];
    private readonly float[] _pool2Gradient = new float[Features];
    private readonly float[] _kernel2Transposed = new float[Convolution.Taps * Channels1 * Channels2];

    /// <summary>Random weights of variance 2 / fan-in, biases 0.</summary>
    public ShapeNetwork(Random random)
    {
        Kernel1 = Parameter.Random(random, Convolution.Taps * Channels0 * Channels1, Convolution.Taps * Channels0);
        Kernel2 = Parameter.Random(random, Convolution.Taps * Channels1 * Channels2, Convolution.Taps * Channels1);
        Linear = Parameter.Random(random, Features * Classes, Features);
    }

    /// <summary>[tap, input, output].</summary>
    public Parameter Kernel1 { get; }

    public Parameter Bias1 { get; } = new(Channels1);

    /// <summary>[tap, input, output].</summary>
    public Parameter Kernel2 { get; }

    public Parameter Bias2 { get; } = new(Channels2);

    /// <summary>[class, row, column, channel].</summary>
    public Parameter Linear { get; }

    public Parameter LinearBias { get; } = new(Classes);

    /// <summary>All weights.</summary>
    public IReadOnlyList<Parameter> Parameters => [Kernel1, Bias1, Kernel2, Bias2, Linear, LinearBias];

    /// <summary>Logits of a picture; valid until the next call.</summary>
    public ReadOnlySpan<float> Forward(ReadOnlySpan<byte> picture)
    {
        ShapePictures.Normalise(picture, _input);
        Convolution.Forward(Side1, _input, Channels0, Kernel1.Values, Bias1.Values, _conv1, Channels1);
        Pooling.Forward(Side1, Channels1, _conv1, _pool1, _winner1);
        Convolution.Forward(Side2, _pool1, Channels1, Kernel2.Values, Bias2.Values, _conv2, Channels2);
        Pooling.Forward(Side2, Channels2, _conv2, _pool2, _winner2);
        for (var c = 0; c < Classes; c++)
        {
            var sum = LinearBias.Values[c];
            var row = Linear.Values.AsSpan(c * Features, Features);
            for (var i = 0; i < Features; i++)
            {
                sum += row[i] * _pool2[i];
            }

            _logits[c] = sum;
        }

        return _logits;
    }

    /// <summary>Adds the gradient of the cross-entropy of the picture last shown to <see cref="Forward"/>; call <see cref="Refresh"/> after weights changed.</summary>
    public void Backward(int label)
    {
        Span<float> gradient = stackalloc float[Classes];
        Softmax(_logits, gradient);
        gradient[label] -= 1;
        Array.Clear(_pool2Gradient);
        for (var c = 0; c < Classes; c++)
        {
            LinearBias.Gradient[c] += gradient[c];
            var row = Linear.Values.AsSpan(c * Features, Features);
            var rowGradient = Linear.Gradient.AsSpan(c * Features, Features);
            for (var i = 0; i < Features; i++)
            {
                rowGradient[i] += gradient[c] * _pool2[i];
                _pool2Gradient[i] += gradient[c] * row[i];
            }
        }

        Pooling.Backward(_pool2Gradient, _winner2, _conv2Gradient);
        Convolution.WeightGradient(Side2, _pool1, Channels1, _conv2Gradient, Channels2, Kernel2.Gradient, Bias2.Gradient);
        Convolution.Forward(Side2, _conv2Gradient, Channels2, _kernel2Transposed, [], _pool1Gradient, Channels1);
        Pooling.Backward(_pool1Gradient, _winner1, _conv1Gradient);
        Convolution.WeightGradient(Side1, _input, Channels0, _conv1Gradient, Channels1, Kernel1.Gradient, Bias1.Gradient);
    }

    /// <summary>Prepares <see cref="Backward"/> for the present weights.</summary>
    public void Refresh() => Convolution.Transpose(Kernel2.Values, Channels1, Channels2, _kernel2Transposed);

    private static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        double sum = 0, highest = float.NegativeInfinity;
        foreach (var z in logits)
        {
            highest = Math.Max(highest, z);
        }

        foreach (var z in logits)
        {
            sum += Math.Exp(z - highest);
        }

        for (var i = 0; i < logits.Length; i++)
        {
            probabilities[i] = (float)(Math.Exp(logits[i] - highest) / sum);
        }
    }
}
