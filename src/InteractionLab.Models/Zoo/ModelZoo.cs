using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Zoo.Families;

namespace InteractionLab.Models.Zoo;

/// <summary>
/// Untrained networks, built as ONNX graphs (opset 17) with PyTorch's initialisation. Input <c>input</c> float32
/// [batch, sample] (text: <c>input_ids</c> int64 [batch, length]), output <c>logits</c> [batch, classes].
/// Batch normalisation and dropout stay nodes, in their inference form. docs/zoo.md lists the networks.
/// </summary>
public static class ModelZoo
{
    /// <summary>Opset of the graphs: the first with LayerNormalization, which opset 13 would spell out in nine nodes.</summary>
    internal const int Opset = 17;

    /// <summary>The most parameters a network may have.</summary>
    public const long MostParameters = 50_000_000;

    private const int MostClasses = 100_000;

    /// <summary>Every architecture, in the order of a form.</summary>
    public static IReadOnlyList<ZooFamily> Architectures { get; } =
        [new Mlp(), new LeNet(), new AlexNetSmall(), new Vgg(), new ResNet(), new VisionTransformer(), new TextTransformer()];

    /// <summary>Reads an <c>architecture</c> field. Every fault is told; nothing is thrown.</summary>
    /// <param name="element">The object.</param>
    /// <param name="fault">Takes the field below <c>architecture</c> ("depth"; empty for the object itself) and why it is wrong.</param>
    /// <returns>The architecture with its defaults, null where there was a fault.</returns>
    public static ZooArchitecture? Read(JsonElement element, Action<string, string> fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return ZooReader.Read(element, fault);
    }

    /// <summary>Tells why an architecture cannot be built for an input; tells nothing where it can.</summary>
    public static void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(fault);
        var family = architecture.Family;
        var rank = input.Kind == SampleKind.Image ? 3 : 1;
        if (!family.Kinds.Contains(input.Kind) || input.SampleShape.Count != rank || input.SampleShape.Any(side => side < 1))
        {
            fault("name", $"{family.Name} takes {string.Join(" or ", family.Kinds.Select(Word))}; the samples are {Word(input.Kind)} of shape [{string.Join(", ", input.SampleShape)}]");
            return;
        }

        if (input.Classes is < 2 or > MostClasses)
        {
            fault("name", input.Classes < 1 ? "a network is trained on classes; the dataset has no labels" : $"needs 2 to {MostClasses} classes; the dataset has {input.Classes}");
            return;
        }

        var clean = true;
        family.Check(architecture, input, (field, why) =>
        {
            clean = false;
            fault(field, why);
        });
        if (clean && Parameters(architecture, input) is var count && count > MostParameters)
        {
            fault("name", $"the network would have {count} parameters; the limit is {MostParameters}");
        }
    }

    /// <summary>Number of trained parameters (without running statistics), known without building anything.</summary>
    /// <exception cref="ArgumentException">The architecture does not fit the input.</exception>
    public static long Parameters(ZooArchitecture architecture, ZooInput input)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(input);
        var graph = new ZooGraph(null);
        architecture.Family.Build(architecture, input, graph, "input");
        return graph.Parameters;
    }

    /// <summary>Builds and initialises a network.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="input">What for.</param>
    /// <param name="seed">Of the weights: the same seed gives the same bytes.</param>
    /// <exception cref="ArgumentException">The architecture does not fit the input.</exception>
    public static OnnxModel Build(ZooArchitecture architecture, ZooInput input, long seed)
    {
        var faults = new List<string>();
        Check(architecture, input, (field, why) => faults.Add($"{field}: {why}"));
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(architecture));
        }

        var graph = new ZooGraph(seed);
        long?[] shape = [null, .. input.SampleShape];
        var x = input.Kind == SampleKind.Text
            ? graph.Builder.Input("input_ids", TensorProto.Types.DataType.Int64, shape)
            : graph.Builder.Input("input", shape);
        var logits = architecture.Family.Build(architecture, input, graph, x);
        graph.Builder.Output(logits, null, input.Classes);
        return OnnxModel.Load(graph.Builder.ToBytes(Opset));
    }

    private static string Word(SampleKind kind) => kind switch
    {
        SampleKind.Image => "pictures",
        SampleKind.Tabular => "tables",
        SampleKind.Text => "text",
        _ => "games",
    };
}
