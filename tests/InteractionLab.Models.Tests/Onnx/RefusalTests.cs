using System.IO.Compression;
using Google.Protobuf;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Tests.Onnx;

/// <summary>Every kind of file that is not a model the lab can run, each refused with its own reason.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, byte[], string> Files()
    {
        var random = new byte[4096];
        new Random(3).NextBytes(random);
        var model = Good().ToByteArray();
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("data.pkl");
        }

        return new()
        {
            { "empty", [], "The file is empty" },
            { "png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], "PNG" },
            { "zip", zip.ToArray(), "zip" },
            { "text", "Hello, this is no model."u8.ToArray(), "not an ONNX model" },
            { "random", random, "not an ONNX model" },
            { "half", model[..(model.Length / 2)], "truncated" },
            { "no opset", model[..^4], "truncated" },
            { "ten gigabytes", [0x08, 7, 0x3A, 0x80, 0x80, 0x80, 0x80, 0x28, 1, 2, 3], "announces 10,737,418,240 bytes" },
            { "deep", Deep(), "too many levels" },
        };
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Files_that_are_no_model_say_what_they_are(string what, byte[] bytes, string reason)
    {
        Assert.NotEmpty(what);
        Refused(bytes, reason);
    }

    public static TheoryData<string, string> Changes() => new()
    {
        { "external", "external file" },
        { "external in a constant", "external file" },
        { "external in a subgraph", "external file" },
        { "external in a function", "external file" },
        { "no graph", "no graph" },
        { "no outputs", "no outputs" },
        { "output of nothing", "computed by no node" },
        { "custom domain", "'com.acme:Foo', 'com.acme:Goo'" },
        { "unknown operator", "Foo" },
        { "future opset", "pset" },
        { "too little data", "should hold 24 bytes but holds 20" },
        { "gigabytes", "should hold" },
        { "overflowing shape", "impossible shape" },
        { "negative shape", "impossible shape" },
        { "dangling input", "reads 'nowhere', which nothing provides" },
        { "cycle", "cycle" },
        { "twice", "defined twice" },
        { "recursive function", "calls itself" },
        { "attribute without content", "content do not fit" },
        { "division by zero", "out of range" },
        { "blow-up", "too large to compute" },
        { "wrong sizes", "ONNX Runtime cannot run this model" },
        { "sparse claims", "sparse tensor" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Models_that_cannot_run_say_why(string change, string reason)
    {
        var model = Good();
        Apply(change, model);
        Refused(model.ToByteArray(), reason);
    }

    [Fact]
    public void The_model_the_refusals_start_from_is_accepted() => Assert.Equal(6 + 3, OnnxModel.Load(Good().ToByteArray()).Summary.Parameters);

    [Fact]
    public void A_producer_named_like_another_format_does_not_change_the_format()
    {
        // The bytes 4 to 7 are then the mark of ONNX Runtime's own file format.
        var model = Good();
        model.ProducerName = "ORTM";
        Assert.Equal("ORTM"u8.ToArray(), model.ToByteArray()[4..8]);
        Assert.Equal(13, OnnxModel.Load(model.ToByteArray()).Summary.Opset);
    }

    private static void Refused(byte[] bytes, string reason)
    {
        var refusal = Assert.Throws<ModelRejectedException>(() => OnnxModel.Load(bytes));
        Assert.Contains(reason, refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@"\.cc:\d|\.h:\d|/[a-z]+/[a-z]+/", refusal.Message);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>x [batch, 2] times w [2, 3] plus b [3].</summary>
    private static ModelProto Good()
    {
        var graph = new GraphBuilder("g");
        graph.Input("x", null, 2);
        graph.Output("y", null, 3);
        graph.Initializer("w", [1f, 2, 3, 4, 5, 6], 2, 3);
        graph.Initializer("b", [1f, 2, 3], 3);
        graph.Node("MatMul", ["x", "w"], "m");
        graph.Node("Add", ["m", "b"], "y");
        return graph.ToModel();
    }

    private static void Apply(string change, ModelProto model)
    {
        var graph = model.Graph;
        var builder = new GraphBuilder(graph);
        var weights = graph.Initializer[0];
        var product = graph.Node[0];
        switch (change)
        {
            case "external":
                weights.ClearRawData();
                weights.DataLocation = TensorProto.Types.DataLocation.External;
                weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });
                break;
            case "external in a constant":
                builder.Node("Constant", [], "c", ("value", External()));
                break;
            case "external in a subgraph":
                builder.Node("If", [], "c", ("value", External()));
                var branch = new GraphProto { Name = "branch" };
                branch.Initializer.Add(External());
                graph.Node[^1].Attribute[0].Type = AttributeProto.Types.AttributeType.Graph;
                graph.Node[^1].Attribute[0].T = null;
                graph.Node[^1].Attribute[0].G = branch;
                break;
            case "external in a function":
                var holder = new FunctionProto { Name = "f", Domain = "lab" };
                var inner = new GraphBuilder(new GraphProto());
                inner.Node("Constant", [], "c", ("value", External()));
                holder.Node.Add(inner.ToModel().Graph.Node);
                model.Functions.Add(holder);
                break;
            case "no graph": model.Graph = null; break;
            case "no outputs": graph.Output.Clear(); break;
            case "output of nothing": graph.Output[0].Name = "z"; break;
            case "custom domain":
                (graph.Node[0].OpType, graph.Node[0].Domain) = ("Foo", "com.acme");
                (graph.Node[1].OpType, graph.Node[1].Domain) = ("Goo", "com.acme");
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.acme", Version = 1 });
                break;
            case "unknown operator": product.OpType = "Foo"; break;
            case "future opset": model.OpsetImport[0].Version = 999; break;
            case "too little data": weights.RawData = ByteString.CopyFrom(weights.RawData.Span[..20]); break;
            case "gigabytes": weights.Dims[0] = 1L << 32; break;
            case "overflowing shape": weights.Dims.Add([1L << 40, 1L << 40]); break;
            case "negative shape": weights.Dims[0] = -2; break;
            case "dangling input": product.Input[1] = "nowhere"; break;
            case "cycle": product.Input[0] = "y"; graph.Node[1].Input[1] = "x"; break;
            case "twice": graph.Node[0].Output[0] = "y"; graph.Node[1].Input[0] = "x"; break;
            case "recursive function":
                var function = new FunctionProto { Name = "f", Domain = "lab" };
                function.Input.Add("a");
                function.Output.Add("r");
                function.OpsetImport.Add(model.OpsetImport);
                var call = new NodeProto { OpType = "f", Domain = "lab" };
                call.Input.Add("a");
                call.Output.Add("r");
                function.Node.Add(call);
                model.Functions.Add(function);
                (graph.Node[0].OpType, graph.Node[0].Domain) = ("f", "lab");
                break;
            case "attribute without content": product.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor }); break;
            case "division by zero": product.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Int, I = 0 }); break;
            case "blow-up":
                builder.Initializer("huge", [1L << 16, 1L << 16], 2);
                builder.Node("ConstantOfShape", ["huge"], "filled");
                break;
            case "wrong sizes": weights.Dims.Clear(); weights.Dims.Add([3, 2]); break;
            case "sparse claims":
                var sparse = new SparseTensorProto { Values = new TensorProto { Name = "s", DataType = (int)DataType.Float }, Indices = new TensorProto { DataType = (int)DataType.Int64 } };
                sparse.Values.Dims.Add(0);
                sparse.Indices.Dims.Add(0);
                sparse.Dims.Add([1L << 31, 1L << 31]);
                graph.SparseInitializer.Add(sparse);
                break;
            default: throw new ArgumentException(change, nameof(change));
        }
    }

    private static TensorProto External()
    {
        var tensor = new TensorProto { Name = "e", DataType = (int)DataType.Float };
        tensor.Dims.Add(1);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        return tensor;
    }

    private static byte[] Deep()
    {
        // A graph in an attribute of a node of a graph, and so on: what a parser without a limit would follow to the end of its stack.
        byte[] graph = [];
        for (var i = 0; i < 5000; i++)
        {
            graph = Field(1, Field(5, Field(6, graph)));
        }

        return [0x08, 7, .. Field(7, graph)];

        static byte[] Field(int number, byte[] content)
        {
            var bytes = new List<byte> { (byte)((number << 3) | 2) };
            var length = content.Length;
            for (; length >= 0x80; length >>= 7)
            {
                bytes.Add((byte)(length | 0x80));
            }

            bytes.Add((byte)length);
            return [.. bytes, .. content];
        }
    }
}
