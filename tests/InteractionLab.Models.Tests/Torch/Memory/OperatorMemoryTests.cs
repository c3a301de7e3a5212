using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch;
using InteractionLab.Models.Torch.Gradients;
using InteractionLab.Models.Torch.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Torch.Memory;

/// <summary>
/// The operators that networks spend their time in, and their gradients, in single precision in memory that held NaN,
/// against the same graph in double; shapes drawn at random, many of them no multiple of anything. (All operators in the
/// small run in such memory in <see cref="NodeTests.NodeTests"/>, convolutions have <see cref="ConvolutionMemoryTests"/>.)
/// </summary>
public sealed class OperatorMemoryTests
{
    private static readonly int Shapes = Environment.GetEnvironmentVariable("LAB_FULL") == "1" ? 40 : 6;

    private delegate long[] Case(GraphBuilder graph, Random random);

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["MatMul"] = (graph, random) =>
        {
            var (rows, inner, columns) = (random.Next(1, 70), random.Next(1, 70), random.Next(1, 70));
            graph.Node("MatMul", ["x", Weights(graph, random, "w", inner, columns)], "y");
            return [random.Next(1, 4), rows, inner];
        },
        ["Gemm"] = (graph, random) =>
        {
            var (inner, columns) = (random.Next(1, 200), random.Next(1, 70));
            graph.Node("Gemm", ["x", Weights(graph, random, "w", columns, inner), Weights(graph, random, "b", columns)], "y", ("transB", 1L));
            return [random.Next(1, 40), inner];
        },
        ["ConvTranspose"] = (graph, random) =>
        {
            var (inputs, outputs) = (random.Next(1, 50), random.Next(1, 50));
            graph.Node("ConvTranspose", ["x", Weights(graph, random, "w", inputs, outputs, random.Next(1, 4), random.Next(1, 4)), Weights(graph, random, "b", outputs)], "y", ("strides", new[] { random.Next(1, 3), (long)random.Next(1, 3) }));
            return [random.Next(1, 3), inputs, random.Next(3, 9), random.Next(3, 9)];
        },
        ["BatchNormalization"] = (graph, random) =>
        {
            var channels = random.Next(1, 60);
            graph.Node("BatchNormalization", ["x", Weights(graph, random, "s", channels), Weights(graph, random, "b", channels), Weights(graph, random, "m", channels), Positive(graph, random, "v", channels)], "y");
            return Picture(random, channels);
        },
        ["LayerNormalization"] = (graph, random) =>
        {
            var width = random.Next(2, 100);
            graph.Node("LayerNormalization", ["x", Weights(graph, random, "s", width), Weights(graph, random, "b", width)], "y");
            return [random.Next(1, 5), random.Next(1, 20), width];
        },
        ["InstanceNormalization"] = (graph, random) =>
        {
            var channels = random.Next(1, 60);
            graph.Node("InstanceNormalization", ["x", Weights(graph, random, "s", channels), Weights(graph, random, "b", channels)], "y");
            return Picture(random, channels);
        },
        ["LRN"] = (graph, random) =>
        {
            graph.Node("LRN", ["x"], "y", ("size", 5L));
            return Picture(random, random.Next(1, 40));
        },
        ["MaxPool"] = (graph, random) =>
        {
            graph.Node("MaxPool", ["x"], "y", ("kernel_shape", new[] { 2L, 3L }), ("strides", new[] { random.Next(1, 3), (long)random.Next(1, 3) }));
            return Picture(random, random.Next(1, 40));
        },
        ["AveragePool"] = (graph, random) =>
        {
            graph.Node("AveragePool", ["x"], "y", ("kernel_shape", new[] { 3L, 2L }), ("strides", new[] { random.Next(1, 3), (long)random.Next(1, 3) }));
            return Picture(random, random.Next(1, 40));
        },
        ["GlobalAveragePool"] = (graph, random) =>
        {
            graph.Node("GlobalAveragePool", ["x"], "y");
            return Picture(random, random.Next(1, 40));
        },
        ["Softmax"] = (graph, random) => Unary(graph, random, "Softmax"),
        ["LogSoftmax"] = (graph, random) => Unary(graph, random, "LogSoftmax"),
        ["Erf"] = (graph, random) => Unary(graph, random, "Erf"),
        ["Sigmoid"] = (graph, random) => Unary(graph, random, "Sigmoid"),
        ["Tanh"] = (graph, random) => Unary(graph, random, "Tanh"),
        ["Relu"] = (graph, random) => Unary(graph, random, "Relu"),
        ["Softplus"] = (graph, random) => Unary(graph, random, "Softplus"),
        ["Elu"] = (graph, random) => Unary(graph, random, "Elu"),
        ["ReduceMean"] = (graph, random) => Unary(graph, random, "ReduceMean"),
        ["Einsum"] = (graph, random) =>
        {
            var (inner, outer) = (random.Next(1, 60), random.Next(1, 60));
            graph.Node("Einsum", ["x", Weights(graph, random, "w", outer, inner)], "y", ("equation", "abi,oi->abo"));
            return [random.Next(1, 4), random.Next(1, 20), inner];
        },
        ["Attention by hand"] = (graph, random) =>
        {
            var width = random.Next(1, 80);
            graph.Node("MatMul", ["x", Weights(graph, random, "q", width, width)], "queries");
            graph.Node("Transpose", ["x"], "keys", ("perm", new[] { 0L, 2L, 1L }));
            graph.Node("MatMul", ["queries", "keys"], "scores");
            graph.Node("Softmax", ["scores"], "shares");
            graph.Node("MatMul", ["shares", "x"], "y");
            return [random.Next(1, 4), random.Next(1, 40), width];
        },
        ["Resize"] = (graph, random) =>
        {
            graph.Node("Resize", ["x", "", graph.Initializer("scales", [1f, 1f, 2f, 1.5f], 4)], "y", ("mode", "linear"));
            return Picture(random, random.Next(1, 40));
        },
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_and_gradients_are_those_of_double_precision(string name)
    {
        TorchLibrary.Require();
        for (var i = 0; i < Shapes; i++)
        {
            var (model, shape) = Build(Cases[name], new Random(i));
            foreach (var mode in new[] { ForwardMode.Inference, ForwardMode.Training })
            {
                using var scope = NewDisposeScope();
                var x = Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(cell => Math.Sin((cell * 0.37) + i)).ToArray();
                var (single, gradient) = Run(model, x, shape, mode, inDouble: false);
                var (exact, exactGradient) = Run(model, x, shape, mode, inDouble: true);
                AssertClose(exact, single, $"{name} {mode} of [{string.Join(", ", shape)}]: the result");
                AssertClose(exactGradient, gradient, $"{name} {mode} of [{string.Join(", ", shape)}]: the gradient");
            }
        }
    }

    private static (double[] Result, double[] Gradient) Run(ModelProto model, double[] x, long[] shape, ForwardMode mode, bool inDouble)
    {
        using var network = TorchNetwork.Load(model.Clone(), new TorchOptions(Double: inDouble));
        var input = tensor(x, shape, network.SinglePrecision).requires_grad_();
        PoisonedMemory.Prepare(15);
        var result = network.Forward(new Dictionary<string, Tensor> { ["x"] = input }, mode)["y"];
        var upstream = linspace(-1, 1, result.NumberOfElements, result.dtype).reshape(result.shape);
        PoisonedMemory.Prepare(15);
        return (result.Reals(), Backward.OfAll((result * upstream).sum(), [input])[0].Reals());
    }

    private static void AssertClose(double[] expected, double[] found, string what)
    {
        var size = 1 + expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - found[i]) <= 1e-3 * size, $"{what} is {found[i]:R} at {i} instead of {expected[i]:R}.");
        }
    }

    private static (ModelProto Model, long[] Shape) Build(Case build, Random random)
    {
        var graph = new GraphBuilder();
        var shape = build(graph, random);
        graph.Input("x", [.. shape.Select(size => (long?)size)]);
        graph.Output("y", TensorProto.Types.DataType.Float, []);
        var model = graph.ToModel(17);
        model.Graph.Output[0].Type.TensorType.Shape = null;
        return (model, shape);
    }

    private static long[] Unary(GraphBuilder graph, Random random, string type)
    {
        graph.Node(type, ["x"], "y");
        return [random.Next(1, 9), random.Next(2, 300)];
    }

    private static long[] Picture(Random random, int channels) => [random.Next(2, 4), channels, random.Next(3, 12), random.Next(3, 12)];

    private static string Weights(GraphBuilder graph, Random random, string name, params long[] shape) =>
        graph.Initializer(name, Values(random, shape, () => (float)((random.NextDouble() * 2) - 1)), shape);

    private static string Positive(GraphBuilder graph, Random random, string name, params long[] shape) =>
        graph.Initializer(name, Values(random, shape, () => (float)(0.5 + random.NextDouble())), shape);

    private static float[] Values(Random random, long[] shape, Func<float> draw) => [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => draw())];
}
