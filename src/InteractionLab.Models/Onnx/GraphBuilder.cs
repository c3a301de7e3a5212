using System.Runtime.InteropServices;
using Google.Protobuf;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Writes ONNX graphs: nodes must be added in topological order. A graph given to the constructor is extended in place.
/// </summary>
internal sealed class GraphBuilder
{
    private readonly GraphProto graph;

    public GraphBuilder(string name = "graph")
        : this(new GraphProto { Name = name })
    {
    }

    public GraphBuilder(GraphProto graph) => this.graph = graph;

    /// <summary>A dense float32 initializer, row-major; an empty shape is a scalar.</summary>
    public string Initializer(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        AddInitializer(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), values.Length, shape);

    /// <summary>A dense float64 initializer, row-major; an empty shape is a scalar.</summary>
    public string Initializer(string name, ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        AddInitializer(name, TensorProto.Types.DataType.Double, MemoryMarshal.AsBytes(values), values.Length, shape);

    /// <summary>A dense int64 initializer, row-major; an empty shape is a scalar.</summary>
    public string Initializer(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        AddInitializer(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), values.Length, shape);

    /// <summary>A graph input; a null dimension is symbolic (<paramref name="symbol"/>).</summary>
    public string Input(string name, TensorProto.Types.DataType type, IReadOnlyList<long?> shape, string symbol = "batch")
    {
        graph.Input.Add(ValueInfo(name, type, shape, symbol));
        return name;
    }

    /// <summary>A float32 graph input.</summary>
    public string Input(string name, params IReadOnlyList<long?> shape) => Input(name, TensorProto.Types.DataType.Float, shape);

    /// <summary>A graph output; a null dimension is symbolic.</summary>
    public void Output(string name, TensorProto.Types.DataType type, IReadOnlyList<long?> shape, string symbol = "batch") =>
        graph.Output.Add(ValueInfo(name, type, shape, symbol));

    /// <summary>A float32 graph output.</summary>
    public void Output(string name, params IReadOnlyList<long?> shape) => Output(name, TensorProto.Types.DataType.Float, shape);

    /// <summary>A node with one output, whose name is returned.</summary>
    public string Node(string opType, IReadOnlyList<string> inputs, string output, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = opType, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach (var (name, value) in attributes)
        {
            node.Attribute.Add(Attribute(name, value));
        }

        graph.Node.Add(node);
        return output;
    }

    /// <summary>The model file.</summary>
    public byte[] ToBytes(long opset = 13, string producer = "InteractionLab") => ToModel(opset, producer).ToByteArray();

    /// <summary>The model.</summary>
    public ModelProto ToModel(long opset = 13, string producer = "InteractionLab")
    {
        // The versions that ONNX released together: opsets 12 to 14 came with IR 7, 15 to 18 with IR 8.
        var model = new ModelProto { IrVersion = opset < 15 ? 7 : 8, ProducerName = producer, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return model;
    }

    internal static ValueInfoProto ValueInfo(string name, TensorProto.Types.DataType type, IReadOnlyList<long?> shape, string symbol = "batch")
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        foreach (var dimension in shape)
        {
            tensor.Shape.Dim.Add(dimension is { } size
                ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = symbol });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case float single:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = single;
                break;
            case string text:
                attribute.Type = AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] integers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.Add(integers);
                break;
            case TensorProto tensor:
                attribute.Type = AttributeProto.Types.AttributeType.Tensor;
                attribute.T = tensor;
                break;
            default:
                throw new ArgumentException($"Attributes of type {value.GetType().Name} are not written.", nameof(value));
        }

        return attribute;
    }

    private string AddInitializer(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, int count, ReadOnlySpan<long> shape)
    {
        long expected = 1;
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (var dimension in shape)
        {
            expected = checked(expected * dimension);
            tensor.Dims.Add(dimension);
        }

        if (expected != count)
        {
            throw new ArgumentException($"Initializer '{name}' has {count} values but its shape asks for {expected}.", nameof(shape));
        }

        graph.Initializer.Add(tensor);
        return name;
    }
}
