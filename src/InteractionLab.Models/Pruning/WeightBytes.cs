using System.Buffers.Binary;
using Google.Protobuf;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Pruning;

/// <summary>
/// The elements of a floating-point tensor as little-endian bytes, whichever of ONNX's fields holds them. What is written
/// back keeps the bits of every element that was not touched.
/// </summary>
internal static class WeightBytes
{
    /// <summary>Bytes an element takes.</summary>
    public static int Size(TensorProto tensor) => TensorData.Bits(tensor.DataType) / 8;

    /// <summary>All elements, row-major; a copy.</summary>
    public static byte[] Read(TensorProto tensor)
    {
        if (tensor.HasRawData && !tensor.RawData.IsEmpty)
        {
            return tensor.RawData.ToByteArray();
        }

        var size = Size(tensor);
        switch ((DataType)tensor.DataType)
        {
            case DataType.Float:
                return Pack(tensor.FloatData, size, BinaryPrimitives.WriteSingleLittleEndian);
            case DataType.Double:
                return Pack(tensor.DoubleData, size, BinaryPrimitives.WriteDoubleLittleEndian);
            case DataType.Float16 or DataType.Bfloat16:
                // ONNX keeps the bits of 16-bit floats in the low half of int32_data.
                return Pack(tensor.Int32Data, size, (target, bits) => BinaryPrimitives.WriteUInt16LittleEndian(target, unchecked((ushort)bits)));
            default:
                throw new ArgumentException($"The tensor '{tensor.Name}' is of {TensorData.TypeName(tensor.DataType)}, which holds no weights.", nameof(tensor));
        }
    }

    /// <summary>Replaces all elements; the dimensions are the caller's to change.</summary>
    public static void Write(TensorProto tensor, byte[] elements)
    {
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(elements);
    }

    /// <summary>The elements as numbers; exact for every floating-point type.</summary>
    public static double[] Values(TensorProto tensor)
    {
        var bytes = Read(tensor);
        var size = Size(tensor);
        var values = new double[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var element = bytes.AsSpan(i * size, size);
            values[i] = (DataType)tensor.DataType switch
            {
                DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(element),
                DataType.Double => BinaryPrimitives.ReadDoubleLittleEndian(element),
                DataType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
            };
        }

        return values;
    }

    private delegate void Writer<in T>(Span<byte> target, T value);

    private static byte[] Pack<T>(IReadOnlyList<T> values, int size, Writer<T> write)
    {
        var bytes = new byte[values.Count * size];
        for (var i = 0; i < values.Count; i++)
        {
            write(bytes.AsSpan(i * size, size), values[i]);
        }

        return bytes;
    }
}
