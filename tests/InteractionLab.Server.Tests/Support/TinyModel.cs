using System.Text;

namespace InteractionLab.Server.Tests.Support;

/// <summary>A whole ONNX model of Relus, encoded by hand, so that the tests rest on the format and not on our own writer.</summary>
internal static class TinyModel
{
    /// <summary>The file; <paramref name="name"/> of the graph makes one differ from another.</summary>
    public static byte[] Bytes(string name = "tiny") => Chain(1, name);

    /// <summary>So many Relus, one after another.</summary>
    public static byte[] Chain(int length, string name = "chain")
    {
        using var graph = new MemoryStream();
        for (var i = 0; i < length; i++)
        {
            byte[] node = [.. Text(1, i == 0 ? "x" : $"y{i}"), .. Text(2, i == length - 1 ? "y" : $"y{i + 1}"), .. Text(3, i == 0 ? "relu" : $"relu{i}"), .. Text(4, "Relu")];
            graph.Write(Message(1, node));
        }

        graph.Write([.. Text(2, name), .. Message(11, Value("x")), .. Message(12, Value("y"))]);
        byte[] opset = [.. Text(1, ""), .. Number(2, 13)];
        return [.. Number(1, 8), .. Text(2, "tests"), .. Message(7, graph.ToArray()), .. Message(8, opset)];
    }

    private static byte[] Value(string name)
    {
        byte[] shape = [.. Message(1, Text(2, "batch")), .. Message(1, Number(1, 4))];
        byte[] tensor = [.. Number(1, 1), .. Message(2, shape)];
        return [.. Text(1, name), .. Message(2, Message(1, tensor))];
    }

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] body) => [(byte)((field << 3) | 2), .. Varint(body.Length), .. body];

    private static byte[] Number(int field, long value) => [(byte)(field << 3), .. Varint(value)];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
