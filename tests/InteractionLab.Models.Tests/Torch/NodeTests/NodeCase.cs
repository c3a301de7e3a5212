using System.Globalization;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Tests.Torch.NodeTests;

/// <summary>One of ONNX's backend node tests: a model with inputs and the outputs expected of them.</summary>
internal sealed record NodeCase(string Name, ModelProto Model, string Folder)
{
    // Debian's package libonnx-testdata.
    private const string Root = "/usr/share/libonnx-testdata/data/node";

    /// <summary>All cases by name; skips the calling test where the package is not installed.</summary>
    public static IReadOnlyList<NodeCase> All()
    {
        Assert.SkipUnless(Directory.Exists(Root), "ONNX's backend tests are not installed (Debian package libonnx-testdata).");
        return [.. Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal).Select(folder =>
            new NodeCase(Path.GetFileName(folder), ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx"))), folder))];
    }

    /// <summary>The operators a case is made of.</summary>
    public IReadOnlyList<string> Operators => [.. Model.Graph.Node.Select(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}:{node.OpType}").Distinct(StringComparer.Ordinal)];

    /// <summary>The data sets of the case.</summary>
    public IEnumerable<string> DataSets => Directory.EnumerateDirectories(Folder, "test_data_set_*").Order(StringComparer.Ordinal);

    /// <summary>The tensors of a data set, <c>input_0.pb</c> and so on, named by the graph.</summary>
    public static IReadOnlyList<TensorProto> Tensors(string dataSet, string kind, IEnumerable<ValueInfoProto> declared) =>
        [.. declared.Select((value, i) =>
        {
            var tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(dataSet, string.Create(CultureInfo.InvariantCulture, $"{kind}_{i}.pb"))));
            tensor.Name = value.Name;

            // NumPy has no bfloat16, so its bits are stored as integers.
            tensor.DataType = value.Type.TensorType.ElemType;
            return tensor;
        })];
}
