using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Onnx;

/// <summary>Sizes, names and contents of ONNX tensors.</summary>
internal static class TensorData
{
    /// <summary>Bits an element takes in raw data; 0 for strings and undefined types.</summary>
    public static int Bits(int type) => (DataType)type switch
    {
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 8,
        DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Whether a type holds weights.</summary>
    public static bool IsFloating(int type) => (DataType)type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    /// <summary>The name of an element type, NumPy's where NumPy has one.</summary>
    public static string TypeName(int type) => (DataType)type switch
    {
        DataType.Float => "float32",
        DataType.Double => "float64",
        DataType.Undefined => "unknown",
        _ when Enum.IsDefined((DataType)type) => ((DataType)type).ToString().ToLowerInvariant(),
        _ => "unknown",
    };

    /// <summary>Number of elements, or null where the dimensions are negative or their product overflows.</summary>
    public static long? Count(IEnumerable<long> dims)
    {
        long count = 1;
        var zero = false;
        foreach (var dim in dims)
        {
            if (dim < 0)
            {
                return null;
            }

            zero |= dim == 0;
            if (dim > 0 && count > long.MaxValue / dim)
            {
                return null;
            }

            count *= Math.Max(dim, 1);
        }

        return zero ? 0 : count;
    }

    /// <summary>The elements of an int64 tensor.</summary>
    public static long[] Int64(TensorProto tensor)
    {
        if ((DataType)tensor.DataType != DataType.Int64)
        {
            throw new ArgumentException($"The tensor is of {TypeName(tensor.DataType)}, not int64.", nameof(tensor));
        }

        if (tensor.RawData.IsEmpty)
        {
            return [.. tensor.Int64Data];
        }

        var values = new long[tensor.RawData.Length / sizeof(long)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(tensor.RawData.Span[(i * sizeof(long))..]);
        }

        return values;
    }

    /// <summary>An int64 vector as a tensor.</summary>
    public static TensorProto Vector(string name, ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.Add(values.Length);
        return tensor;
    }
}
