using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Graph surgery: Gather and Where before the network, v after it (docs/masked-models.md). Inputs: <see cref="Mask"/>
/// bool [B, n+2] (the last two columns true and false), <see cref="Layout"/> int64 of the rank of a sample (column of
/// each cell; dimensions of 1 broadcast), <see cref="Feature"/> and <see cref="Baseline"/> [1, ...], <see cref="Target"/>
/// int64 [1]; behind a cut also <see cref="Bypasses"/>. Output: <see cref="Value"/> float64 [B], computed in double from the network's logits.
/// </summary>
internal sealed class MaskedGraph
{
    private readonly GraphBuilder graph;
    private readonly string prefix;
    private readonly long opset;

    private MaskedGraph(NetworkGraph network)
    {
        Model = network.Model.Clone();
        graph = new GraphBuilder(Model.Graph);
        opset = Model.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;
        prefix = FreshPrefix(Model.Graph);
    }

    public ModelProto Model { get; }

    public string Mask => prefix + "mask";

    public string Layout => prefix + "layout";

    public string Feature => prefix + "feature";

    public string Baseline => prefix + "baseline";

    public string Target => prefix + "target";

    public string Value => prefix + "value";

    /// <summary>Inputs that carry what goes round a cut, [1, ...] each, in the order of <see cref="NetworkGraph.Bypasses"/>.</summary>
    public IReadOnlyList<(string Name, long[] Shape)> Bypasses { get; private set; } = [];

    public static MaskedGraph Build(NetworkGraph network, int classes, ValueKind value)
    {
        if (classes < 2 && value != ValueKind.Logit)
        {
            throw new ModelRejectedException($"The value '{(value == ValueKind.LogOdds ? "log-odds" : "probability")}' compares classes, but the model has {classes} output; use 'logit'.");
        }

        var masked = new MaskedGraph(network);
        masked.AddMasking(network);
        masked.AddValue(network, classes, value);
        return masked;
    }

    /// <summary>Puts the Where in the place of the network's input, under the input's own name.</summary>
    private void AddMasking(NetworkGraph network)
    {
        var rest = Model.Graph.Node.ToList();
        Model.Graph.Node.Clear();
        Model.Graph.Input.Clear();
        long?[] one = [1, .. network.SampleShape];
        graph.Input(Mask, DataType.Bool, [network.FixedBatch, null], prefix + "rows");
        Model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimParam = prefix + "columns";
        graph.Input(Layout, DataType.Int64, new long?[network.SampleShape.Length]);
        foreach (var (axis, dim) in Model.Graph.Input[1].Type.TensorType.Shape.Dim.Index())
        {
            dim.DimParam = $"{prefix}layout{axis}";
        }

        graph.Input(Feature, DataType.Float, one);
        graph.Input(Baseline, DataType.Float, one);
        graph.Input(Target, DataType.Int64, [1]);
        var present = graph.Node("Gather", [Mask, Layout], prefix + "present", ("axis", 1));
        if (network.InputType == DataType.Float)
        {
            graph.Node("Where", [present, Feature, Baseline], network.Input);
        }
        else
        {
            var masked = graph.Node("Where", [present, Feature, Baseline], prefix + "masked");
            graph.Node("Cast", [masked], network.Input, ("to", (int)network.InputType));
        }

        AddBypasses(network);
        Model.Graph.Node.Add(rest);
    }

    /// <summary>What goes round a cut is fed once and repeated for every row; shapes that the head had for one sample get the rows of the batch.</summary>
    private void AddBypasses(NetworkGraph network)
    {
        if (network.Bypasses.Count == 0 && network.Sizes.Count == 0)
        {
            return;
        }

        graph.Initializer(prefix + "first", [0L], 1);
        var rows = graph.Node("Gather", [graph.Node("Shape", [Mask], prefix + "mask_shape"), prefix + "first"], prefix + "row_count", ("axis", 0));
        Bypasses = [.. network.Bypasses.Select((bypass, i) => ($"{prefix}bypass{i}", (long[])[1, .. bypass.Shape]))];
        foreach (var (i, bypass) in network.Bypasses.Index())
        {
            graph.Input(Bypasses[i].Name, DataType.Float, [.. Bypasses[i].Shape.Select(size => (long?)size)]);
            var own = bypass.Type == DataType.Float ? Bypasses[i].Name : graph.Node("Cast", [Bypasses[i].Name], $"{prefix}bypass{i}_own", ("to", (int)bypass.Type));
            graph.Initializer($"{prefix}bypass{i}_cells", bypass.Shape, bypass.Shape.Length);
            var shape = graph.Node("Concat", [rows, $"{prefix}bypass{i}_cells"], $"{prefix}bypass{i}_shape", ("axis", 0));
            graph.Node("Expand", [own, shape], bypass.Name);
        }

        foreach (var (i, size) in network.Sizes.Index())
        {
            graph.Initializer($"{prefix}size{i}_constant", size.Constant, size.Constant.Length);
            graph.Initializer($"{prefix}size{i}_per_row", size.PerRow, size.PerRow.Length);
            graph.Node("Add", [graph.Node("Mul", [rows, $"{prefix}size{i}_per_row"], $"{prefix}size{i}_rows"), $"{prefix}size{i}_constant"], size.Name);
        }
    }

    private void AddValue(NetworkGraph network, int classes, ValueKind value)
    {
        // Large logits leave small differences, which single precision would round away.
        var logits = network.OutputType == DataType.Double
            ? network.Output
            : graph.Node("Cast", [network.Output], prefix + "logits", ("to", (int)DataType.Double));
        Model.Graph.Output.Clear();
        graph.Output(Value, DataType.Double, [network.FixedBatch], prefix + "rows");
        var column = value switch
        {
            ValueKind.Logit => Column(logits),
            ValueKind.Probability => Column(graph.Node("Softmax", [logits], prefix + "probabilities", ("axis", 1))),
            _ => LogOdds(logits, classes),
        };
        graph.Initializer(prefix + "flat", [-1L], 1);
        graph.Node("Reshape", [column, prefix + "flat"], Value);
    }

    private string Column(string table) => graph.Node("Gather", [table, Target], prefix + "column", ("axis", 1));

    /// <summary>
    /// z_y - (m + log Σ_{k≠y} exp(z_k - m)) with m = max_{k≠y} z_k: exact to rounding for any logits, since the sum
    /// lies between 1 and C-1. Class y is left out by selection, not by subtraction.
    /// </summary>
    private string LogOdds(string logits, int classes)
    {
        graph.Initializer(prefix + "classes", Enumerable.Range(0, classes).Select(k => (long)k).ToArray(), 1, classes);
        graph.Initializer(prefix + "lowest", [double.MinValue]);
        graph.Initializer(prefix + "zero", [0.0]);
        var isTarget = graph.Node("Equal", [prefix + "classes", Target], prefix + "is_target");
        var others = graph.Node("Where", [isTarget, prefix + "lowest", logits], prefix + "others");
        var most = Reduce("ReduceMax", others, prefix + "most", axesAreInput: opset >= 18);
        var below = graph.Node("Sub", [others, most], prefix + "below");
        var powers = graph.Node("Where", [isTarget, prefix + "zero", graph.Node("Exp", [below], prefix + "powers")], prefix + "terms");
        var sum = Reduce("ReduceSum", powers, prefix + "sum", axesAreInput: opset >= 13);
        var logSum = graph.Node("Log", [sum], prefix + "log_sum");
        var ahead = graph.Node("Sub", [Column(logits), most], prefix + "ahead");
        return graph.Node("Sub", [ahead, logSum], prefix + "log_odds");
    }

    private string Reduce(string operation, string input, string output, bool axesAreInput)
    {
        if (!axesAreInput)
        {
            return graph.Node(operation, [input], output, ("axes", new long[] { 1 }), ("keepdims", 1));
        }

        graph.Initializer(output + "_axes", [1L], 1);
        return graph.Node(operation, [input, output + "_axes"], output, ("keepdims", 1));
    }

    internal static string FreshPrefix(GraphProto graph)
    {
        var names = GraphOrder.AllNames(graph).ToHashSet(StringComparer.Ordinal);
        var prefix = "lab_";
        while (names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            prefix = "_" + prefix;
        }

        return prefix;
    }
}
