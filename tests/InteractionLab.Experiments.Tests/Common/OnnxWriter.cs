using Google.Protobuf;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>The messages of an ONNX file, written by hand: nothing of the lab's own writer is used.</summary>
internal static class OnnxWriter
{
    /// <summary>A node with one output.</summary>
    public static byte[] Node(string op, string[] inputs, string output, params byte[][] attributes) => Node(op, "", inputs, [output], attributes);

    /// <summary>A node of a domain.</summary>
    public static byte[] Node(string op, string domain, string[] inputs, string[] outputs, params byte[][] attributes) =>
        Message([.. inputs.Select(input => Field(1, Text(input))), .. outputs.Select(output => Field(2, Text(output))), Field(3, Text(outputs[0])), Field(4, Text(op)), .. attributes.Select(attribute => Field(5, attribute)), Field(7, Text(domain))]);

    /// <summary>A whole number as an attribute.</summary>
    public static byte[] Integer(string name, long value) => Message(Field(1, Text(name)), Varint(3, (ulong)value), Varint(20, 2));

    /// <summary>A word as an attribute.</summary>
    public static byte[] Word(string name, string value) => Message(Field(1, Text(name)), Field(4, Text(value)), Varint(20, 3));

    /// <summary>Numbers as an attribute.</summary>
    public static byte[] Reals(string name, params float[] values) => Message([Field(1, Text(name)), .. values.Select(value => Fixed(7, value)), Varint(20, 6)]);

    /// <summary>Whole numbers as an attribute.</summary>
    public static byte[] Integers(string name, params long[] values) => Message([Field(1, Text(name)), .. values.Select(value => Varint(8, (ulong)value)), Varint(20, 7)]);

    /// <summary>Words as an attribute.</summary>
    public static byte[] Words(string name, params string[] values) => Message([Field(1, Text(name)), .. values.Select(value => Field(9, Text(value))), Varint(20, 8)]);

    /// <summary>Whole numbers that are stored.</summary>
    public static byte[] Whole(string name, params long[] values) =>
        Message(Varint(1, (ulong)values.Length), Varint(2, 7), Field(8, Text(name)), Field(9, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>Something that is a sequence of maps from whole numbers to float32.</summary>
    public static byte[] Maps(string name)
    {
        var number = Message(Field(1, Message(Varint(1, 1))));
        var map = Message(Field(5, Message(Varint(1, 7), Field(2, number))));
        return Message(Field(1, Text(name)), Field(2, Message(Field(4, Message(Field(1, map))))));
    }

    public static byte[] Tensor(string name, int[] shape, Func<int, float> value)
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        var bytes = Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(value(i))).ToArray();
        return Message([.. shape.Select(side => Varint(1, (ulong)side)), Varint(2, 1), Field(8, Text(name)), Field(9, bytes)]);
    }

    public static byte[] ValueInfo(string name, int type, int?[] shape)
    {
        var dimensions = shape.Select(side => Field(1, side is { } size ? Message(Varint(1, (ulong)size)) : Message(Field(2, Text("batch")))));
        var tensor = Message(Varint(1, (ulong)type), Field(2, Message([.. dimensions])));
        return Message(Field(1, Text(name)), Field(2, Message(Field(1, tensor))));
    }

    public static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static byte[] Message(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    public static byte[] Varint(int field, ulong value) => Write(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteUInt64(value);
    });

    public static byte[] Field(int field, byte[] content) => Write(output =>
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
    });

    private static byte[] Fixed(int field, float value) => Write(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Fixed32);
        output.WriteFloat(value);
    });

    private static byte[] Write(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }
}
