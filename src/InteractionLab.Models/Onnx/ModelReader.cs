using System.Globalization;
using Google.Protobuf;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>Turns the bytes of an upload into a model, or into a sentence that says what they are instead.</summary>
internal static class ModelReader
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private static readonly (byte[] Prefix, string What)[] OtherFormats =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG picture"),
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([(byte)'P', (byte)'K', 3, 4], "a zip archive (a PyTorch checkpoint is one; export it with torch.onnx.export)"),
        ([0x1F, 0x8B], "a gzip archive"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array"),
        ([(byte)'%', (byte)'P', (byte)'D', (byte)'F'], "a PDF document"),
        ([0x80, 0x02], "a Python pickle (export the network with torch.onnx.export)"),
        ([0x80, 0x04], "a Python pickle (export the network with torch.onnx.export)"),
    ];

    /// <summary>Fields of ModelProto by number: the wire type and, for messages about it, the name.</summary>
    private static readonly Dictionary<int, (int Wire, string Name)> ModelFields = new()
    {
        [1] = (Varint, "ir_version"),
        [2] = (Delimited, "producer_name"),
        [3] = (Delimited, "producer_version"),
        [4] = (Delimited, "domain"),
        [5] = (Varint, "model_version"),
        [6] = (Delimited, "doc_string"),
        [7] = (Delimited, "graph"),
        [8] = (Delimited, "opset_import"),
        [14] = (Delimited, "metadata_props"),
        [20] = (Delimited, "training_info"),
        [25] = (Delimited, "functions"),
        [26] = (Delimited, "configuration"),
    };

    public static ModelProto Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new ModelRejectedException("The file is empty.");
        }

        foreach (var (prefix, what) in OtherFormats)
        {
            if (bytes.StartsWith(prefix))
            {
                throw new ModelRejectedException($"The file is not an ONNX model: it is {what}.");
            }
        }

        CheckTopLevel(bytes);
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new ModelRejectedException($"The file is not a readable ONNX model: it is damaged or truncated ({fault.Message.TrimEnd('.')}).", fault);
        }
    }

    /// <summary>
    /// Walks the outermost fields without allocating: a length that goes past the end is a truncated (or lying) file,
    /// and the first field tells a protobuf of another kind from a model.
    /// </summary>
    private static void CheckTopLevel(ReadOnlySpan<byte> bytes)
    {
        for (var position = 0; position < bytes.Length;)
        {
            var first = position == 0;
            if (!TryVarint(bytes, ref position, out var tag))
            {
                throw Truncated("it ends inside a field's tag");
            }

            var wire = (int)(tag & 7);
            var known = ModelFields.TryGetValue((int)Math.Min(tag >> 3, int.MaxValue), out var field) && field.Wire == wire;
            if (first && !known)
            {
                throw new ModelRejectedException("The file is not an ONNX model: its first bytes are not those of one.");
            }

            SkipField(bytes, ref position, wire, known ? field.Name : $"number {tag >> 3}");
        }
    }

    private static void SkipField(ReadOnlySpan<byte> bytes, ref int position, int wire, string name)
    {
        ulong length;
        switch (wire)
        {
            case Varint:
                length = TryVarint(bytes, ref position, out _) ? 0UL : throw Truncated($"it ends inside the field {name}");
                break;
            case Fixed64:
                length = 8;
                break;
            case Fixed32:
                length = 4;
                break;
            case Delimited:
                length = TryVarint(bytes, ref position, out var announced) ? announced : throw Truncated($"it ends inside the field {name}");
                break;
            default:
                throw new ModelRejectedException($"The file is not an ONNX model: its field {name} has no valid wire type.");
        }

        var left = (ulong)(bytes.Length - position);
        if (length > left)
        {
            throw Truncated(string.Create(CultureInfo.InvariantCulture, $"its field {name} announces {length:N0} bytes and {left:N0} follow"));
        }

        position += (int)length;
    }

    private static bool TryVarint(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            var next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static ModelRejectedException Truncated(string how) => new($"The file is truncated or not an ONNX model: {how}.");
}
