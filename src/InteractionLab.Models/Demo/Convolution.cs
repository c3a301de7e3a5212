using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Models.Demo;

/// <summary>
/// 3x3 convolutions with a border of zeros on [row, column, channel] planes. The output channels, a multiple of 8, fill
/// vectors of a fixed width, so sums are taken in the same order on every machine.
/// </summary>
internal static class Convolution
{
    /// <summary>Weights a kernel has per pair of channels.</summary>
    public const int Taps = 9;

    /// <summary>Channels are worked on in groups of this many.</summary>
    public const int Lane = 8;

    /// <summary>output[p, o] = bias[o] + sum over taps t and channels i of input[p + t, i] weights[t, i, o].</summary>
    public static void Forward(int side, ReadOnlySpan<float> input, int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int outputs)
    {
        var w = MemoryMarshal.Cast<float, Vector256<float>>(weights);
        var y = MemoryMarshal.Cast<float, Vector256<float>>(output);
        var lanes = outputs / Lane;
        for (var p = 0; p < side * side; p++)
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                var sum = bias.IsEmpty ? Vector256<float>.Zero : Vector256.Create(bias.Slice(lane * Lane, Lane));
                for (var t = 0; t < Taps; t++)
                {
                    var from = Neighbour(side, p, t);
                    if (from < 0)
                    {
                        continue;
                    }

                    var x = input.Slice(from * inputs, inputs);
                    for (int i = 0, k = (t * inputs * lanes) + lane; i < x.Length; i++, k += lanes)
                    {
                        sum += w[k] * x[i];
                    }
                }

                y[(p * lanes) + lane] = sum;
            }
        }
    }

    /// <summary>Adds to <paramref name="weightGradient"/> [t, i, o] and <paramref name="biasGradient"/> what <paramref name="outputGradient"/> gives.</summary>
    public static void WeightGradient(int side, ReadOnlySpan<float> input, int inputs, ReadOnlySpan<float> outputGradient, int outputs, Span<float> weightGradient, Span<float> biasGradient)
    {
        var g = MemoryMarshal.Cast<float, Vector256<float>>(outputGradient);
        var dw = MemoryMarshal.Cast<float, Vector256<float>>(weightGradient);
        var db = MemoryMarshal.Cast<float, Vector256<float>>(biasGradient);
        var lanes = outputs / Lane;
        for (var p = 0; p < side * side; p++)
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                var d = g[(p * lanes) + lane];
                // Behind a maximum most positions get no gradient.
                if (d == Vector256<float>.Zero)
                {
                    continue;
                }

                db[lane] += d;
                for (var t = 0; t < Taps; t++)
                {
                    var from = Neighbour(side, p, t);
                    if (from < 0)
                    {
                        continue;
                    }

                    var x = input.Slice(from * inputs, inputs);
                    for (int i = 0, k = (t * inputs * lanes) + lane; i < x.Length; i++, k += lanes)
                    {
                        dw[k] += d * x[i];
                    }
                }
            }
        }
    }

    /// <summary>Kernel of the transposed convolution: with it <see cref="Forward"/> takes gradients from outputs to inputs.</summary>
    public static void Transpose(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transposed)
    {
        for (var t = 0; t < Taps; t++)
        {
            for (var i = 0; i < inputs; i++)
            {
                for (var o = 0; o < outputs; o++)
                {
                    transposed[((((Taps - 1 - t) * outputs) + o) * inputs) + i] = weights[(((t * inputs) + i) * outputs) + o];
                }
            }
        }
    }

    /// <summary>Position under tap <paramref name="t"/> of a kernel centred on <paramref name="p"/>, or -1 beyond the border.</summary>
    private static int Neighbour(int side, int p, int t)
    {
        int row = (p / side) + (t / 3) - 1, column = (p % side) + (t % 3) - 1;
        return (uint)row < (uint)side && (uint)column < (uint)side ? (row * side) + column : -1;
    }
}
