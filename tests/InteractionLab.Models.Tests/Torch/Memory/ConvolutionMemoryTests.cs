using InteractionLab.Models.Torch.Gradients;
using InteractionLab.Models.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Torch.Memory;

/// <summary>
/// Convolutions and their gradients in single precision, in memory that held NaN, against the same in double: many shapes,
/// of channels that fill oneDNN's blocks of 16 and that do not.
/// </summary>
public sealed class ConvolutionMemoryTests
{
    private static readonly int Shapes = Environment.GetEnvironmentVariable("LAB_FULL") == "1" ? 900 : 200;

    [Fact]
    public void Results_and_gradients_are_those_of_double_precision()
    {
        TorchLibrary.Require();
        var wrong = Wrong(Convolutions.Apply);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {Shapes} shapes are wrong:{Environment.NewLine}{string.Join(Environment.NewLine, wrong)}");
    }

    [Fact]
    public void What_libtorch_gives_without_filled_channels_is_told_apart()
    {
        TorchLibrary.Require();
        var wrong = Wrong(Convolutions.Plain);
        TestContext.Current.TestOutputHelper?.WriteLine($"Without filled channels {wrong.Count} of {Shapes} shapes are wrong on this processor:{Environment.NewLine}{string.Join(Environment.NewLine, wrong)}");

        // Which kernels oneDNN has depends on the processor: where it has those in question, the comparison must see them.
        Assert.SkipWhen(wrong.Count == 0, "This processor's convolutions read nothing that was not written.");
        Assert.InRange(wrong.Count, 1, Shapes - 1);
    }

    private delegate Tensor Convolution(Tensor x, Tensor weight, Tensor? bias, long[] strides, long[] padding, long[] dilations, long groups);

    private static List<string> Wrong(Convolution convolution)
    {
        var random = new Random(int.TryParse(Environment.GetEnvironmentVariable("LAB_SEED"), out var seed) ? seed : 20);
        var wrong = new List<string>();
        for (var i = 0; i < Shapes; i++)
        {
            var shape = Shape.Draw(random);
            if (Fault(convolution, shape, i) is { } fault)
            {
                wrong.Add($"{shape}: {fault}");
            }
        }

        return wrong;
    }

    private static string? Fault(Convolution convolution, Shape shape, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var x = randn([shape.Rows, shape.Groups * shape.Inputs, .. shape.Sizes], generator: generator).requires_grad_();
        var weight = randn([shape.Groups * shape.Outputs, shape.Inputs, .. shape.Kernel], generator: generator).requires_grad_();
        var bias = shape.Biased ? randn([shape.Groups * shape.Outputs], generator: generator).requires_grad_() : null;
        var single = Run(convolution, shape, x, weight, bias, poisoned: true);
        var exact = Run(Convolutions.Plain, shape, Double(x), Double(weight), bias is null ? null : Double(bias), poisoned: false);
        string[] names = ["result", "gradient of x", "gradient of the weights", "gradient of the bias"];
        for (var i = 0; i < single.Length; i++)
        {
            var difference = (single[i].type(ScalarType.Float64) - exact[i]).abs().max().item<double>();
            var size = 1 + exact[i].abs().max().item<double>();
            if (!(difference <= 1e-4 * size))
            {
                return $"{names[i]} is off by {difference:R}";
            }
        }

        return null;
    }

    private static Tensor[] Run(Convolution convolution, Shape shape, Tensor x, Tensor weight, Tensor? bias, bool poisoned)
    {
        if (poisoned)
        {
            PoisonedMemory.Prepare(17);
        }

        var result = convolution(x, weight, bias, shape.Strides, shape.Padding, shape.Dilations, shape.Groups);
        var upstream = linspace(-1, 1, result.NumberOfElements, result.dtype).reshape(result.shape);
        if (poisoned)
        {
            PoisonedMemory.Prepare(17);
        }

        return [result.detach(), .. Backward.OfAll((result * upstream).sum(), bias is null ? [x, weight] : [x, weight, bias])];
    }

    private static Tensor Double(Tensor values) => values.detach().type(ScalarType.Float64).requires_grad_();

    private sealed record Shape(long Rows, long Groups, long Inputs, long Outputs, long[] Sizes, long[] Kernel, long[] Strides, long[] Padding, long[] Dilations, bool Biased)
    {
        private static readonly long[] Channels = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 20, 24, 31, 32, 33, 40, 48, 64, 72, 80, 96, 112, 128, 144];

        public static Shape Draw(Random random)
        {
            var dimensions = random.Next(1, 4);
            var groups = random.Next(3) > 0 ? 1 : new[] { 2, 3, 4, 8, 24 }[random.Next(5)];
            var depthwise = groups > 1 && random.Next(3) == 0;
            long[] Each(int low, int high) => [.. Enumerable.Range(0, dimensions).Select(_ => (long)random.Next(low, high))];
            var (kernel, dilations) = (Each(1, 4), Each(1, 3));
            var most = dimensions == 3 ? 7 : 13;
            return new Shape(
                random.Next(1, 4),
                groups,
                depthwise ? 1 : Channels[random.Next(groups < 4 ? Channels.Length : 13)],
                depthwise ? random.Next(1, 3) : Channels[random.Next(groups < 4 ? Channels.Length : 13)],
                [.. kernel.Zip(dilations, (size, apart) => ((size - 1) * apart) + 1 + random.Next(0, most))],
                kernel,
                Each(1, 3),
                Each(0, 2),
                dilations,
                random.Next(2) == 0);
        }

        public override string ToString() =>
            $"x [{Rows}, {Groups * Inputs}, {string.Join(", ", Sizes)}], weights [{Groups * Outputs}, {Inputs}, {string.Join(", ", Kernel)}], strides {string.Join(',', Strides)}, padding {string.Join(',', Padding)}, dilations {string.Join(',', Dilations)}, groups {Groups}{(Biased ? ", bias" : "")}";
    }
}
