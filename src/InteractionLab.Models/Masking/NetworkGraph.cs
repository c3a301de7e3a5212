using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using DataType = InteractionLab.Models.Onnx.Proto.TensorProto.Types.DataType;

namespace InteractionLab.Models.Masking;

/// <summary>A tensor that goes round a cut.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its shape without the batch dimension.</param>
internal sealed record Bypass(string Name, DataType Type, long[] Shape);

/// <summary>The shape of a tensor as a function of the rows: constant + rows · perRow.</summary>
internal sealed record BatchedShape(string Name, long[] Constant, long[] PerRow);

/// <summary>
/// A model brought into the one form that masking starts from: one input, one output, weights that are not inputs, an
/// operator set that has Where.
/// </summary>
/// <param name="Model">The graph; owned by this object.</param>
/// <param name="Input">Name of the network's input.</param>
/// <param name="InputType">Its element type.</param>
/// <param name="SampleShape">Its shape without the batch dimension.</param>
/// <param name="Output">Name of the logits.</param>
/// <param name="OutputType">Their element type.</param>
/// <param name="FixedBatch">The batch size the graph is written for, null where it takes any.</param>
internal sealed record NetworkGraph(ModelProto Model, string Input, DataType InputType, long[] SampleShape, string Output, DataType OutputType, int? FixedBatch)
{
    // Where and the other operators of the masked graph exist from 9 on; models of 7 and 8 are raised to it.
    private const long LowestOpset = 7;
    private const long MaskingOpset = 9;

    // Initializers need not be inputs as well from this IR version on.
    private const long FreeInitializers = 4;

    /// <summary>Whether the input holds token ids: whole numbers, fed as the float32 they are exact in.</summary>
    public bool TakesTokens => InputType is DataType.Int64 or DataType.Int32;

    /// <summary>Operators whose meaning differs between opset 7 or 8 and 9: everything else only gained element types or outputs.</summary>
    private static readonly HashSet<string> ChangedBeforeMasking = new(StringComparer.Ordinal) { "Upsample", "Scan" };

    /// <summary>Cells of a sample.</summary>
    public int Cells => checked((int)SampleShape.Aggregate(1L, (product, size) => checked(product * size)));

    /// <summary>Whether the logits are 0 and z of one number z.</summary>
    public bool IsOneUnit { get; init; }

    /// <summary>The tensor that players own where nothing else is cut (<see cref="OnnxModel.PlayersTensor"/>); null is the input.</summary>
    public string? Players { get; init; }

    /// <summary>What v is: of one unit the logit of a class is its log-odds.</summary>
    public ValueKind Meant(ValueKind value) => IsOneUnit && value == ValueKind.Logit ? ValueKind.LogOdds : value;

    /// <summary>Of the part behind a cut: tensors that go round the cut, fed once a sample.</summary>
    public IReadOnlyList<Bypass> Bypasses { get; init; } = [];

    /// <summary>Of the part behind a cut: shapes of tensors before the cut.</summary>
    public IReadOnlyList<BatchedShape> Sizes { get; init; } = [];

    /// <summary>Makes a graph with this network's input take it as float32, whatever it computes in.</summary>
    public void FeedAsFloat(ModelProto graph)
    {
        if (InputType == DataType.Float)
        {
            return;
        }

        var rest = graph.Graph.Node.ToList();
        graph.Graph.Node.Clear();
        graph.Graph.Input[0].Name = Input + "_float32";
        graph.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Float;
        new GraphBuilder(graph.Graph).Node("Cast", [Input + "_float32"], Input, ("to", (int)InputType));
        graph.Graph.Node.Add(rest);
    }

    public static NetworkGraph Prepare(OnnxModel model, IReadOnlyList<int> sampleShape, List<string> notes)
    {
        notes.AddRange(model.Notes);
        var input = OnlyInput(model);
        var shape = CheckSampleShape(input, sampleShape);
        var output = ChooseOutput(model, notes);
        var proto = model.CopyProto();
        RaiseOpset(proto);
        proto.IrVersion = Math.Max(proto.IrVersion, FreeInitializers);
        var declaration = proto.Graph.Input.Single(candidate => candidate.Name == input.Name);
        proto.Graph.Input.Clear();
        proto.Graph.Input.Add(declaration);
        var kept = proto.Graph.Output.Single(candidate => candidate.Name == output.Name);
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(kept);
        proto.TrainingInfo.Clear();
        return new NetworkGraph(
            proto,
            input.Name,
            (DataType)declaration.Type.TensorType.ElemType,
            shape,
            output.Name,
            (DataType)kept.Type.TensorType.ElemType,
            input.Shape.Count > 0 && input.Shape[0] is > 0 and < int.MaxValue ? (int)input.Shape[0]! : null)
        {
            IsOneUnit = model.IsOneUnit,
            Players = model.PlayersTensor,
        };
    }

    private static TensorSummary OnlyInput(OnnxModel model)
    {
        var inputs = model.Summary.Inputs;
        if (inputs.Count != 1)
        {
            throw new ModelRejectedException($"Masking needs a model with one input; this one has {inputs.Count} ({string.Join(", ", inputs.Take(5).Select(input => ModelValidator.Quote(input.Name)))}).");
        }

        return IsReal(inputs[0].Type) || inputs[0].Type is "int64" or "int32"
            ? inputs[0]
            : throw new ModelRejectedException($"Masking needs a floating-point input, or token ids (int64 or int32); {ModelValidator.Quote(inputs[0].Name)} is {inputs[0].Type}.");
    }

    private static long[] CheckSampleShape(TensorSummary input, IReadOnlyList<int> sampleShape)
    {
        var fits = input.Shape.Count == 0
            || (input.Shape.Count == sampleShape.Count + 1
                && input.Shape.Skip(1).Zip(sampleShape).All(pair => pair.First is null || pair.First == pair.Second));
        if (!fits || sampleShape.Any(size => size < 1))
        {
            var takes = string.Join(", ", input.Shape.Select(size => size?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"));
            throw new ModelRejectedException($"The model takes {ModelValidator.Quote(input.Name)} of shape [{takes}] and a sample has shape [{string.Join(", ", sampleShape)}].");
        }

        return [.. sampleShape.Select(size => (long)size)];
    }

    private static TensorSummary ChooseOutput(OnnxModel model, List<string> notes)
    {
        var outputs = model.Summary.Outputs;
        var logits = outputs.FirstOrDefault(output => IsReal(output.Type) && output.Shape.Count == 2)
            ?? outputs.FirstOrDefault(output => IsReal(output.Type) && output.Shape.Count == 0)
            ?? throw new ModelRejectedException("Masking needs an output of logits [batch, classes]; the model has none.");
        if (outputs.Count > 1)
        {
            notes.Add($"The model has {outputs.Count} outputs; {ModelValidator.Quote(logits.Name)} is taken for the logits.");
        }

        return logits;
    }

    private static void RaiseOpset(ModelProto model)
    {
        var import = model.OpsetImport.First(opset => opset.Domain is "" or "ai.onnx");
        if (import.Version >= MaskingOpset)
        {
            return;
        }

        var changed = model.Graph.Node.FirstOrDefault(node =>
            ChangedBeforeMasking.Contains(node.OpType)
            || (node.OpType == "BatchNormalization" && node.Attribute.Any(attribute => attribute.Name == "spatial" && attribute.I == 0)));
        if (import.Version < LowestOpset || changed is not null || model.Functions.Count > 0)
        {
            var why = changed is null ? "" : $" and its operator {ModelValidator.Quote(changed.OpType)} changed since";
            throw new ModelRejectedException($"The model is written for ONNX operator set {import.Version}{why}; masking needs {MaskingOpset} or later, so export it again.");
        }

        // The one attribute that opset 9 removed is at its default here.
        foreach (var node in model.Graph.Node.Where(node => node.OpType == "BatchNormalization"))
        {
            var rest = node.Attribute.Where(attribute => attribute.Name != "spatial").ToList();
            node.Attribute.Clear();
            node.Attribute.Add(rest);
        }

        import.Version = MaskingOpset;
    }

    private static bool IsReal(string type) => type is "float32" or "float64" or "float16";
}
