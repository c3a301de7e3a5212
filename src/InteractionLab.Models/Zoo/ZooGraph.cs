using InteractionLab.Interactions;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Zoo;

/// <summary>
/// Layers as PyTorch names and initialises them. Each gives its output's name, which is the layer's name. Without a seed
/// only parameters are counted and no weight is drawn.
/// </summary>
/// <remarks>
/// Every weight has a random stream of its own, numbered in the order of the layers. All float initializers are weights
/// or running statistics; other constants are Constant nodes, so that whoever trains the graph can tell them apart.
/// </remarks>
internal sealed class ZooGraph(long? seed)
{
    private readonly HashSet<string> _vectors = new(StringComparer.Ordinal);
    private int _weights;
    private int _constants;

    public GraphBuilder Builder { get; } = new("zoo");

    /// <summary>Trained parameters so far.</summary>
    public long Parameters { get; private set; }

    /// <summary>A trained weight.</summary>
    public string Weight(string name, Initialiser initialiser, params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var side in shape)
        {
            count = checked(count * side);
        }

        Parameters += count;
        var stream = _weights++;
        if (seed is { } given)
        {
            var values = new float[count];
            initialiser(new PortableRandom(given, stream), values);
            Builder.Initializer(name, values, shape);
        }

        return name;
    }

    /// <summary>A node whose one output bears the layer's name.</summary>
    public string Node(string opType, IReadOnlyList<string> inputs, string name, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Builder.Node(opType, inputs, name, attributes);

    /// <summary>nn.Linear on [batch, in]: weight [out, in].</summary>
    public string Linear(string name, string x, int inputs, int outputs) =>
        Linear(name, x, inputs, outputs, Initialisers.Default(inputs), Initialisers.Default(inputs));

    /// <summary>nn.Linear on [batch, in], initialised otherwise.</summary>
    public string Linear(string name, string x, int inputs, int outputs, Initialiser weights, Initialiser biases)
    {
        var weight = Weight($"{name}.weight", weights, outputs, inputs);
        var bias = Weight($"{name}.bias", biases, outputs);
        return Node("Gemm", [x, weight, bias], name, ("transB", 1));
    }

    /// <summary>nn.Linear on [batch, tokens, in]: a product with the weight transposed, [in, out], and a sum, as exporters write it.</summary>
    public string TokenLinear(string name, string x, int inputs, int outputs, Initialiser weights, Initialiser biases)
    {
        var weight = Weight($"{name}.weight", weights, inputs, outputs);
        var bias = Weight($"{name}.bias", biases, outputs);
        var product = Node("MatMul", [x, weight], $"{name}.product");
        return Node("Add", [product, bias], name);
    }

    /// <summary>nn.Conv2d with a square kernel; without an initialiser for the bias there is none.</summary>
    public string Conv(string name, string x, Convolution shape, Initialiser weights, Initialiser? biases)
    {
        List<string> inputs = [x, Weight($"{name}.weight", weights, shape.Outputs, shape.Inputs, shape.Kernel, shape.Kernel)];
        if (biases is not null)
        {
            inputs.Add(Weight($"{name}.bias", biases, shape.Outputs));
        }

        return Node("Conv", inputs, name, ("kernel_shape", Pair(shape.Kernel)), ("strides", Pair(shape.Stride)), ("pads", (long[])[shape.Pad, shape.Pad, shape.Pad, shape.Pad]), ("dilations", Pair(1)), ("group", 1));
    }

    /// <summary>nn.Conv2d with PyTorch's initialisation and a bias.</summary>
    public string Conv(string name, string x, Convolution shape) =>
        Conv(name, x, shape, Initialisers.Default(shape.FanIn), Initialisers.Default(shape.FanIn));

    /// <summary>nn.BatchNorm2d: weight 1, bias 0, running mean 0 and variance 1, momentum 0.1 (0.9 in ONNX's counting), eps 1e-5.</summary>
    public string BatchNorm(string name, string x, int channels)
    {
        var weight = Weight($"{name}.weight", Initialisers.Ones, channels);
        var bias = Weight($"{name}.bias", Initialisers.Zeros, channels);
        if (seed is not null)
        {
            var statistics = new float[channels];
            Builder.Initializer($"{name}.running_mean", statistics, channels);
            statistics.AsSpan().Fill(1);
            Builder.Initializer($"{name}.running_var", statistics, channels);
        }

        return Node("BatchNormalization", [x, weight, bias, $"{name}.running_mean", $"{name}.running_var"], name, ("epsilon", 1e-5f), ("momentum", 0.9f));
    }

    /// <summary>nn.LayerNorm over the last axis: weight 1, bias 0, eps 1e-5.</summary>
    public string LayerNorm(string name, string x, int width)
    {
        var weight = Weight($"{name}.weight", Initialisers.Ones, width);
        var bias = Weight($"{name}.bias", Initialisers.Zeros, width);
        return Node("LayerNormalization", [x, weight, bias], name, ("axis", -1), ("epsilon", 1e-5f));
    }

    /// <summary>An activation by the name of its option.</summary>
    public string Activation(string kind, string x, string name) => kind switch
    {
        "relu" => Node("Relu", [x], name),
        "tanh" => Node("Tanh", [x], name),
        "sigmoid" => Node("Sigmoid", [x], name),
        "gelu" => Gelu(x, name),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>nn.Dropout in its inference form; nothing at rate 0.</summary>
    public string Dropout(string x, double rate, string name) =>
        rate == 0 ? x : Node("Dropout", [x, Scalar((float)rate)], name);

    /// <summary>nn.MaxPool2d without padding.</summary>
    public string MaxPool(string x, int kernel, int stride, string name) =>
        Node("MaxPool", [x], name, ("kernel_shape", Pair(kernel)), ("strides", Pair(stride)));

    /// <summary>[batch, ...] to [batch, everything].</summary>
    public string Flatten(string x, string name) => Node("Flatten", [x], name, ("axis", 1));

    /// <summary>Mean over height and width: [batch, channels].</summary>
    public string AveragePool(string x, string name) => Flatten(Node("GlobalAveragePool", [x], $"{name}.pool"), name);

    /// <summary>Reshape; 0 keeps a size, -1 takes the rest.</summary>
    public string Reshape(string x, string name, params ReadOnlySpan<long> shape) => Node("Reshape", [x, Vector(shape)], name);

    /// <summary>An int64 vector; one initializer for all layers that ask for the same.</summary>
    public string Vector(params ReadOnlySpan<long> values)
    {
        var name = $"vector_{string.Join('_', values.ToArray()).Replace("-", "minus", StringComparison.Ordinal)}";
        if (_vectors.Add(name))
        {
            Builder.Initializer(name, values, values.Length);
        }

        return name;
    }

    /// <summary>Transpose.</summary>
    public string Transpose(string x, string name, params long[] order) => Node("Transpose", [x], name, ("perm", order));

    /// <summary>A float constant that is no weight.</summary>
    public string Scalar(float value)
    {
        var tensor = new TensorProto { DataType = (int)TensorProto.Types.DataType.Float };
        tensor.FloatData.Add(value);
        return Node("Constant", [], $"constant_{_constants++}", ("value", tensor));
    }

    /// <summary>An int64 constant.</summary>
    public string Whole(long value)
    {
        var tensor = new TensorProto { DataType = (int)TensorProto.Types.DataType.Int64 };
        tensor.Int64Data.Add(value);
        return Node("Constant", [], $"constant_{_constants++}", ("value", tensor));
    }

    /// <summary>x Φ(x), exactly (PyTorch's default): 0.5 x (1 + erf(x/√2)).</summary>
    private string Gelu(string x, string name)
    {
        var scaled = Node("Mul", [x, Scalar((float)Math.Sqrt(0.5))], $"{name}.scaled");
        var erf = Node("Erf", [scaled], $"{name}.erf");
        var sum = Node("Add", [erf, Scalar(1)], $"{name}.sum");
        var product = Node("Mul", [x, sum], $"{name}.product");
        return Node("Mul", [product, Scalar(0.5f)], name);
    }

    private static long[] Pair(int value) => [value, value];
}

/// <summary>A convolution with a square kernel.</summary>
internal readonly record struct Convolution(int Inputs, int Outputs, int Kernel, int Stride = 1, int Pad = 0)
{
    public int FanIn => Inputs * Kernel * Kernel;

    public int FanOut => Outputs * Kernel * Kernel;

    /// <summary>Rows or columns that come out of so many.</summary>
    public int Side(int side) => ((side + (2 * Pad) - Kernel) / Stride) + 1;
}
