using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Graph surgery: masking before the network, v after it (docs/masked-models.md). Inputs of both forms: <see cref="Mask"/>
/// [B, columns] and <see cref="Target"/>, an int64. <see cref="MaskForm.Select"/>: the mask is bool [B, n+2] (the last two
/// columns true and false), with <see cref="Layout"/> int64 of the rank of a sample (column of each cell; dimensions of 1
/// broadcast), <see cref="Feature"/> and <see cref="Baseline"/> [1, ...]. <see cref="MaskForm.Product"/>: the mask is
/// float32 [B, K], with <see cref="Table"/> float32 [K, cells]. Behind a cut also <see cref="Bypasses"/>. Output: <see cref="Value"/> float64 [B], computed in double
/// from the network's logits.
/// </summary>
internal sealed class MaskedGraph
{
    private readonly GraphBuilder graph;
    private readonly string prefix;
    private readonly long opset;

    private MaskedGraph(NetworkGraph network, MaskForm form)
    {
        Form = form;
        Model = network.Model.Clone();
        graph = new GraphBuilder(Model.Graph);
        opset = Model.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;
        prefix = FreshPrefix(Model.Graph);
    }

    public ModelProto Model { get; }

    public MaskForm Form { get; }

    public string Mask => prefix + "mask";

    public string Layout => prefix + "layout";

    public string Feature => prefix + "feature";

    public string Baseline => prefix + "baseline";

    public string Table => prefix + "table";

    public string Target => prefix + "target";

    public string Value => prefix + "value";

    /// <summary>Inputs that carry what goes round a cut, [1, ...] each, in the order of <see cref="NetworkGraph.Bypasses"/>.</summary>
    public IReadOnlyList<(string Name, long[] Shape)> Bypasses { get; private set; } = [];

    public static MaskedGraph Build(NetworkGraph network, int classes, ValueKind value, MaskForm form = MaskForm.Select)
    {
        if (classes < 2 && value != ValueKind.Logit)
        {
            throw new ModelRejectedException($"The value '{(value == ValueKind.LogOdds ? "log-odds" : "probability")}' compares classes, but the model has {classes} output; use 'logit'.");
        }

        var masked = new MaskedGraph(network, form);
        masked.AddMasking(network);
        masked.AddValue(network, classes, network.Meant(value));
        return masked;
    }

    /// <summary>Puts the masking in the place of the network's input, under the input's own name.</summary>
    private void AddMasking(NetworkGraph network)
    {
        var rest = Model.Graph.Node.ToList();
        Model.Graph.Node.Clear();
        Model.Graph.Input.Clear();
        var cast = network.InputType != DataType.Float;
        var masked = cast ? prefix + "masked" : network.Input;
        graph.Input(Mask, Form == MaskForm.Product ? DataType.Float : DataType.Bool, [network.FixedBatch, null], prefix + "rows");
        Model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimParam = prefix + "columns";
        if (Form == MaskForm.Product)
        {
            AddProduct(network, masked);
        }
        else
        {
            AddSelection(network, masked);
        }

        graph.Input(Target, DataType.Int64, []);
        if (cast)
        {
            graph.Node("Cast", [masked], network.Input, ("to", (int)network.InputType));
        }

        AddBypasses(network);
        Model.Graph.Node.Add(rest);
    }

    private void AddSelection(NetworkGraph network, string masked)
    {
        long?[] one = [1, .. network.SampleShape];
        graph.Input(Layout, DataType.Int64, new long?[network.SampleShape.Length]);
        foreach (var (axis, dim) in Model.Graph.Input[1].Type.TensorType.Shape.Dim.Index())
        {
            dim.DimParam = $"{prefix}layout{axis}";
        }

        graph.Input(Feature, DataType.Float, one);
        graph.Input(Baseline, DataType.Float, one);
        graph.Node("Where", [graph.Node("Gather", [Mask, Layout], prefix + "present", ("axis", 1)), Feature, Baseline], masked);
    }

    private void AddProduct(NetworkGraph network, string masked)
    {
        graph.Input(Table, DataType.Float, [null, network.Cells], prefix + "columns");
        graph.Initializer(prefix + "shape", [0, .. network.SampleShape], 1 + network.SampleShape.Length);
        graph.Node("Reshape", [graph.Node("MatMul", [Mask, Table], prefix + "cells"), prefix + "shape"], masked);
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
        switch (value)
        {
            case ValueKind.Logit:
                Column(logits, Value);
                break;
            case ValueKind.Probability:
                Column(graph.Node("Softmax", [logits], prefix + "probabilities", ("axis", 1)), Value);
                break;
            default:
                LogOdds(logits, classes);
                break;
        }
    }

    private string Column(string table, string output) => graph.Node("Gather", [table, Target], output, ("axis", 1));

    /// <summary>
    /// z_y - log Σ_{k≠y} exp(z_k), the sum taken with the largest z_k drawn out: exact to rounding for any logits. Class y is
    /// left out by selection, not by subtraction: in its place stands a number whose exponential is 0.
    /// </summary>
    private void LogOdds(string logits, int classes)
    {
        graph.Initializer(prefix + "classes", Enumerable.Range(0, classes).Select(k => (long)k).ToArray(), 1, classes);
        graph.Initializer(prefix + "lowest", [double.MinValue]);
        var isTarget = graph.Node("Equal", [prefix + "classes", Target], prefix + "is_target");
        var others = graph.Node("Where", [isTarget, prefix + "lowest", logits], prefix + "others");
        var logSum = Reduce("ReduceLogSumExp", others, prefix + "log_sum");
        graph.Node("Sub", [Column(logits, prefix + "own"), logSum], Value);
    }

    private string Reduce(string operation, string input, string output)
    {
        const long AxesAreInput = 18;
        if (opset < AxesAreInput)
        {
            return graph.Node(operation, [input], output, ("axes", new long[] { 1 }), ("keepdims", 0));
        }

        graph.Initializer(output + "_axes", [1L], 1);
        return graph.Node(operation, [input, output + "_axes"], output, ("keepdims", 0));
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
