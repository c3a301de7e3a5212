using Google.Protobuf;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Damaged copies of a model file: bytes changed blindly, or fields of the parsed model set to awkward values.</summary>
internal static class Mutations
{
    private static readonly long[] Awkward = [0, 1, -1, 2, 3, 7, 64, 255, 65_536, 1 << 20, int.MaxValue, int.MinValue, 1L << 32, 1L << 40, long.MaxValue, long.MinValue];
    private static readonly string[] Operators =
    [
        "Add", "Relu", "Reshape", "Transpose", "Concat", "Gather", "Slice", "Split", "Expand", "Tile", "Pad", "Resize", "MaxPool", "AveragePool", "Conv", "ConvTranspose",
        "Gemm", "MatMul", "ReduceMean", "Softmax", "Where", "ConstantOfShape", "Range", "OneHot", "TopK", "NonZero", "Unsqueeze", "Squeeze", "Flatten", "Shape", "Size",
        "Loop", "If", "Scan", "LSTM", "GRU", "RNN", "Cast", "BatchNormalization", "LRN", "DepthToSpace", "SpaceToDepth", "Einsum", "GatherND", "ScatterND", "CumSum",
        "NonMaxSuppression", "RoiAlign", "Dropout", "Identity", "StringNormalizer", "TfIdfVectorizer", "EyeLike", "Upsample", "Foo", "",
    ];

    public static byte[] Bytes(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            // Most fields that matter lie near the ends; weights fill the middle.
            var at = random.Next(3) switch { 0 => random.Next(Math.Min(600, bytes.Count)), 1 => bytes.Count - 1 - random.Next(Math.Min(600, bytes.Count)), _ => random.Next(bytes.Count) };
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)));
                    break;
                default:
                    var length = Math.Min(random.Next(1, 200), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
            }

            if (bytes.Count == 0)
            {
                break;
            }
        }

        return random.Next(12) == 0 ? [.. bytes.Take(random.Next(bytes.Count + 1))] : [.. bytes];
    }

    public static byte[] Fields(ModelProto original, Random random)
    {
        var model = original.Clone();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            Change(model, random);
        }

        return model.ToByteArray();
    }

    private static void Change(ModelProto model, Random random)
    {
        var graph = model.Graph;
        var node = graph.Node[random.Next(graph.Node.Count)];
        var tensor = graph.Initializer[random.Next(graph.Initializer.Count)];
        var attributes = node.Attribute;
        switch (random.Next(17))
        {
            case 0: node.OpType = Operators[random.Next(Operators.Length)]; break;
            case 1 when node.Input.Count > 0: node.Input[random.Next(node.Input.Count)] = AnyName(graph, random); break;
            case 2: node.Input.Add(AnyName(graph, random)); break;
            case 3 when node.Input.Count > 0: node.Input.RemoveAt(random.Next(node.Input.Count)); break;
            case 4 when node.Output.Count > 0: node.Output[0] = AnyName(graph, random); break;
            case 5 when attributes.Count > 0: attributes.RemoveAt(random.Next(attributes.Count)); break;
            case 6 when attributes.Count > 0: Scramble(attributes[random.Next(attributes.Count)], random); break;
            case 7 when attributes.Count > 0: Scramble(attributes[random.Next(attributes.Count)], random); break;
            case 8 when attributes.Count > 0: Scramble(attributes[random.Next(attributes.Count)], random); break;
            case 9 when attributes.Count > 0: attributes[random.Next(attributes.Count)].Type = (AttributeProto.Types.AttributeType)random.Next(16); break;
            case 10 when tensor.Dims.Count > 0: tensor.Dims[random.Next(tensor.Dims.Count)] = Any(random); break;
            case 11: tensor.DataType = random.Next(26); break;
            case 12: Reshape(tensor, random); break;
            case 13: Integers(graph, random); break;
            case 14: graph.Node.RemoveAt(random.Next(graph.Node.Count)); break;
            case 15 when graph.Input.Count > 0: Declare(graph.Input[random.Next(graph.Input.Count)], random); break;
            default: model.OpsetImport[0].Version = random.Next(8) == 0 ? Any(random) : random.Next(1, 26); break;
        }
    }

    private static void Scramble(AttributeProto attribute, Random random)
    {
        attribute.I = Any(random);
        attribute.F = random.Next(3) switch { 0 => float.NaN, 1 => float.MaxValue, _ => 0 };
        for (var i = 0; i < attribute.Ints.Count; i++)
        {
            attribute.Ints[i] = random.Next(2) == 0 ? attribute.Ints[i] : Any(random);
        }

        if (random.Next(4) == 0)
        {
            attribute.Ints.Add(Any(random));
        }

        if (attribute.T is { } tensor)
        {
            Reshape(tensor, random);
        }
    }

    /// <summary>Another shape of as many elements: consistent in itself, wrong for its reader.</summary>
    private static void Reshape(TensorProto tensor, Random random)
    {
        var count = tensor.Dims.Aggregate(1L, (product, dim) => product * dim);
        tensor.Dims.Clear();
        tensor.Dims.Add(random.Next(4) switch { 0 => [count], 1 => [1, count], 2 => [count, 1, 1], _ => [1, 1, count, 1, 1] });
    }

    /// <summary>Other values in a constant of integers: shapes, axes, pads.</summary>
    private static void Integers(GraphProto graph, Random random)
    {
        var constants = graph.Initializer.Concat(graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).Where(tensor => tensor is not null))
            .Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Int64).ToList();
        if (constants.Count == 0)
        {
            return;
        }

        var tensor = constants[random.Next(constants.Count)];
        var count = tensor.Dims.Aggregate(1L, (product, dim) => product * dim);
        tensor.ClearRawData();
        tensor.Int64Data.Clear();
        for (var i = 0L; i < Math.Min(count, 16); i++)
        {
            tensor.Int64Data.Add(Any(random));
        }
    }

    private static void Declare(ValueInfoProto input, Random random)
    {
        if (input.Type?.TensorType is not { } type)
        {
            return;
        }

        type.ElemType = random.Next(3) == 0 ? random.Next(26) : type.ElemType;
        if (type.Shape is { Dim.Count: > 0 } shape)
        {
            shape.Dim[random.Next(shape.Dim.Count)].DimValue = Any(random);
        }
    }

    private static long Any(Random random) => random.Next(3) == 0 ? random.Next(-4, 40) : Awkward[random.Next(Awkward.Length)];

    private static string AnyName(GraphProto graph, Random random)
    {
        var names = graph.Node.SelectMany(node => node.Output).Concat(graph.Initializer.Select(tensor => tensor.Name)).Append("").Append("nowhere").ToList();
        return names[random.Next(names.Count)];
    }
}
