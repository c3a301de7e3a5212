using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Onnx;

/// <summary>What a tensor stored in a model must satisfy before ONNX Runtime sees it.</summary>
internal static class TensorChecks
{
    // A sparse tensor is stored small and made dense by the runtime, so its dense size is bounded by itself.
    private const long MaxDenseElements = 1L << 28;

    public static void Check(TensorProto tensor, string what)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0)
        {
            throw new ModelRejectedException($"{what} keeps its data in an external file; save the model with all its data in one file.");
        }

        if (tensor.Segment is not null)
        {
            throw new ModelRejectedException($"{what} is stored in segments, which is not supported.");
        }

        var type = (DataType)tensor.DataType;
        if (type == DataType.Undefined || !Enum.IsDefined(type))
        {
            throw new ModelRejectedException($"{what} has an unknown element type ({tensor.DataType}).");
        }

        var count = TensorData.Count(tensor.Dims)
            ?? throw new ModelRejectedException($"{what} has an impossible shape [{string.Join(", ", tensor.Dims)}].");
        CheckData(tensor, type, count, what);
    }

    public static void Check(SparseTensorProto sparse, string what)
    {
        if (sparse.Values is null || sparse.Indices is null)
        {
            throw new ModelRejectedException($"{what} is a sparse tensor without values or indices.");
        }

        Check(sparse.Values, what);
        Check(sparse.Indices, what);
        var dense = TensorData.Count(sparse.Dims);
        if (dense is null or > MaxDenseElements)
        {
            throw new ModelRejectedException($"{what} is a sparse tensor whose shape [{string.Join(", ", sparse.Dims)}] is not usable.");
        }

        var nonZero = sparse.Values.Dims.Count == 1 ? sparse.Values.Dims[0] : -1;
        var flat = sparse.Indices.Dims.Count == 1;
        var shapeFits = nonZero >= 0
            && (flat || (sparse.Indices.Dims.Count == 2 && sparse.Indices.Dims[1] == sparse.Dims.Count))
            && sparse.Indices.Dims[0] == nonZero
            && (DataType)sparse.Indices.DataType == DataType.Int64;
        var bounds = flat ? [dense.Value] : sparse.Dims.ToArray();
        if (!shapeFits || TensorData.Int64(sparse.Indices).Where((index, i) => index < 0 || index >= bounds[i % bounds.Length]).Any())
        {
            throw new ModelRejectedException($"{what} is a sparse tensor whose indices do not fit its shape.");
        }
    }

    private static void CheckData(TensorProto tensor, DataType type, long count, string what)
    {
        var bits = TensorData.Bits(tensor.DataType);
        long expected;
        long found;
        string unit;
        if (tensor.HasRawData && (tensor.RawData.Length > 0 || TypedEntries(tensor, type) == 0))
        {
            if (type == DataType.String)
            {
                throw new ModelRejectedException($"{what} stores text as raw bytes, which ONNX does not allow.");
            }

            (expected, found, unit) = (count > long.MaxValue / bits ? long.MaxValue : ((count * bits) + 7) / 8, tensor.RawData.Length, "bytes");
        }
        else
        {
            (expected, found, unit) = (TypedCount(type, count), TypedEntries(tensor, type), "values");
        }

        if (expected != found)
        {
            throw new ModelRejectedException($"{what} of shape [{string.Join(", ", tensor.Dims)}] should hold {expected} {unit} but holds {found}.");
        }
    }

    /// <summary>Entries of the typed data field an element type is kept in.</summary>
    private static long TypedEntries(TensorProto tensor, DataType type) => type switch
    {
        DataType.Float or DataType.Complex64 => tensor.FloatData.Count,
        DataType.Double or DataType.Complex128 => tensor.DoubleData.Count,
        DataType.Int64 => tensor.Int64Data.Count,
        DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
        DataType.String => tensor.StringData.Count,
        _ => tensor.Int32Data.Count,
    };

    private static long TypedCount(DataType type, long count) => type switch
    {
        DataType.Complex64 or DataType.Complex128 => count > long.MaxValue / 2 ? long.MaxValue : count * 2,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => (count / 2) + (count % 2),
        _ => count,
    };
}
