using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using TorchSharp;
using static TorchSharp.torch;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Torch.Values;

/// <summary>Between ONNX's stored tensors and torch's. Half precision is computed in single.</summary>
internal static class TensorTypes
{
    /// <summary>The type an ONNX element type is computed in, or null where torch has none.</summary>
    /// <param name="type">ONNX's element type.</param>
    /// <param name="real">What stands for single precision.</param>
    public static ScalarType? Find(int type, ScalarType real) => (DataType)type switch
    {
        DataType.Float or DataType.Float16 or DataType.Bfloat16 => real,
        DataType.Double => ScalarType.Float64,
        DataType.Int64 => ScalarType.Int64,
        DataType.Int32 => ScalarType.Int32,
        DataType.Int16 => ScalarType.Int16,
        DataType.Int8 => ScalarType.Int8,
        DataType.Uint8 => ScalarType.Byte,
        DataType.Bool => ScalarType.Bool,
        _ => null,
    };

    /// <summary>As <see cref="Find"/>, or a refusal that names the type.</summary>
    public static ScalarType Get(int type, ScalarType real) =>
        Find(type, real) ?? throw new ModelRejectedException($"the element type {TensorData.TypeName(type)} is not supported by the torch executor");

    /// <summary>torch's own type of half precision for ONNX's, null for every other type.</summary>
    public static ScalarType? Half(int type) => (DataType)type switch
    {
        DataType.Float16 => ScalarType.Float16,
        DataType.Bfloat16 => ScalarType.BFloat16,
        _ => null,
    };

    /// <summary>The elements as a small array on the host.</summary>
    public static HostArray ToHost(TensorProto tensor, ScalarType real)
    {
        var type = Get(tensor.DataType, real);
        long[] shape = [.. tensor.Dims];
        return Elements(tensor) switch
        {
            float[] values => HostArray.Reals(type, shape, Array.ConvertAll(values, value => (double)value)),
            double[] values => HostArray.Reals(type, shape, (double[])values.Clone()),
            long[] values => HostArray.Integers(type, shape, (long[])values.Clone()),
            _ => throw new InvalidOperationException("Elements are single, double or 64-bit integers."),
        };
    }

    /// <summary>The elements as a tensor, in no dispose scope.</summary>
    public static Tensor ToTensor(TensorProto proto, ScalarType real, Device device)
    {
        var type = Get(proto.DataType, real);
        long[] shape = [.. proto.Dims];
        var values = Elements(proto) switch
        {
            float[] singles => tensor(singles, shape, type, device),
            double[] doubles => tensor(doubles, shape, type, device),
            long[] integers => tensor(integers, shape, type, device),
            _ => throw new InvalidOperationException("Elements are single, double or 64-bit integers."),
        };
        return values.DetachFromDisposeScope();
    }

    /// <summary>A stored tensor of ONNX type <paramref name="type"/> with the present values.</summary>
    public static TensorProto ToProto(Tensor values, string name, int type)
    {
        using var scope = NewDisposeScope();
        var stored = (DataType)type switch
        {
            DataType.Double => ScalarType.Float64,
            DataType.Float16 => ScalarType.Float16,
            DataType.Bfloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
        var flat = values.detach().cpu().type(stored).contiguous();
        var proto = new TensorProto { Name = name, DataType = type, RawData = ByteString.CopyFrom(flat.bytes) };
        proto.Dims.Add(values.shape);
        return proto;
    }

    /// <summary>The elements as float[], double[] or long[].</summary>
    private static Array Elements(TensorProto tensor)
    {
        var raw = tensor.RawData.Span;
        var stored = !raw.IsEmpty;
        return (DataType)tensor.DataType switch
        {
            DataType.Float => stored ? MemoryMarshal.Cast<byte, float>(raw).ToArray() : [.. tensor.FloatData],
            DataType.Double => stored ? MemoryMarshal.Cast<byte, double>(raw).ToArray() : [.. tensor.DoubleData],
            DataType.Int64 => stored ? MemoryMarshal.Cast<byte, long>(raw).ToArray() : [.. tensor.Int64Data],
            DataType.Int32 => stored ? Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), value => (long)value) : Wide(tensor),
            DataType.Int16 => stored ? Array.ConvertAll(MemoryMarshal.Cast<byte, short>(raw).ToArray(), value => (long)value) : Wide(tensor),
            DataType.Int8 => stored ? Array.ConvertAll(raw.ToArray(), value => (long)(sbyte)value) : Wide(tensor),
            DataType.Uint8 or DataType.Bool => stored ? Array.ConvertAll(raw.ToArray(), value => (long)value) : Wide(tensor),
            DataType.Float16 => Halves(tensor, bits => (float)BitConverter.UInt16BitsToHalf(bits)),
            DataType.Bfloat16 => Halves(tensor, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            _ => throw new ModelRejectedException($"the element type {TensorData.TypeName(tensor.DataType)} is not supported by the torch executor"),
        };
    }

    private static long[] Wide(TensorProto tensor) => [.. tensor.Int32Data.Select(value => (long)value)];

    private static float[] Halves(TensorProto tensor, Func<ushort, float> read)
    {
        if (tensor.RawData.IsEmpty)
        {
            return [.. tensor.Int32Data.Select(bits => read((ushort)bits))];
        }

        var values = new float[tensor.RawData.Length / sizeof(ushort)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(BinaryPrimitives.ReadUInt16LittleEndian(tensor.RawData.Span[(i * sizeof(ushort))..]));
        }

        return values;
    }
}
