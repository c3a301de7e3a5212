using InteractionLab.Models.Execution;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Masking.Cuts;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Masking;

/// <summary>What there is at a cut.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Shape">Its shape for one sample, without the batch dimension.</param>
/// <param name="Leaks">Tensors that carry features round it: under every mask they keep the sample's own values.</param>
public sealed record CutDescription(string Tensor, IReadOnlyList<int> Shape, IReadOnlyList<string> Leaks)
{
    /// <summary>Whether it holds pictures [height, width, channels], and not [channels, height, width].</summary>
    public bool IsChannelsLast { get; init; }
}

/// <summary>A cut worth considering: everything that the network makes of the sample goes through its tensor.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Shape">Its shape for one sample, without the batch dimension.</param>
/// <param name="ShareBehind">Share of the network's work behind it, 0..1, counted from shapes (docs/masked-models.md): a mask costs this share of a whole pass.</param>
/// <param name="Why">Where it lies.</param>
public sealed record SuggestedCut(string Tensor, IReadOnlyList<int> Shape, double ShareBehind, string Why);

/// <summary>Where a model can be cut.</summary>
public static class ModelCuts
{
    // Less work than this behind a cut: hardly any network is left to look at.
    private const double LeastShare = 0.01;
    private const int Most = 12;

    private static readonly HashSet<string> Activations = new(StringComparer.Ordinal)
    {
        "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "HardSigmoid", "HardSwish", "Mish", "Sigmoid", "Softplus", "Softsign", "Tanh", "ThresholdedRelu", "Clip",
    };

    /// <summary>Checks that a model can be cut at a tensor, and says what is there. Runs on the CPU.</summary>
    /// <param name="model">A model as <see cref="MaskedModel.Build"/> takes it.</param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="cut">The tensor's name.</param>
    /// <exception cref="ModelRejectedException">It cannot be cut there; the message says why.</exception>
    public static CutDescription Describe(OnnxModel model, IReadOnlyList<int> sampleShape, string cut)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentException.ThrowIfNullOrEmpty(cut);
        var placement = Placement.Resolve(NetworkExecutor.OnnxRuntime, DeviceKind.Cpu, threads: null, out _);
        var (network, plain) = BatchChoice.Open(NetworkGraph.Prepare(model, sampleShape, []), placement, []);
        using (plain)
        {
            if (cut == network.Input)
            {
                return new CutDescription(cut, [.. sampleShape], []);
            }

            using var divided = CutNetwork.Open(network, plain, cut, placement);
            return new CutDescription(cut, [.. divided.Tail.SampleShape.Select(size => (int)size)], divided.Leaks)
            {
                IsChannelsLast = sampleShape.Count == 3 && divided.Tail.SampleShape.Length == 3 && PictureLayout.IsChannelsLast(network.Model.Graph, network.Input, cut),
            };
        }
    }

    /// <summary>
    /// Clean cuts of a model in the order of the network: after the first activation, patch embedding, token embedding, and
    /// before each further block. None where the model cannot be masked or its shapes are open. Nothing is run.
    /// </summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<SuggestedCut> Suggest(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Summary.Inputs is not [{ Shape.Count: > 1 } input] || input.Shape.Skip(1).Any(size => size is null or < 1))
        {
            return [];
        }

        NetworkGraph network;
        try
        {
            network = NetworkGraph.Prepare(model, [.. input.Shape.Skip(1).Select(size => (int)size!.Value)], []);
        }
        catch (ModelRejectedException)
        {
            return [];
        }

        var flow = new TensorFlow(network);
        return Shapes(network) is { } shapes ? [.. Thin(Suggest(network, flow, shapes))] : [];
    }

    private static List<SuggestedCut> Suggest(NetworkGraph network, TensorFlow flow, Dictionary<string, IReadOnlyList<long?>> shapes)
    {
        var count = new WorkCount(shapes);
        var work = flow.Nodes.Select(count.Of).ToArray();
        var total = work.Sum();
        var (suggested, activated, block) = (new List<SuggestedCut>(), false, 0);
        foreach (var cut in CleanCuts.Find(network, flow))
        {
            var why = cut switch
            {
                { Node.OpType: "Gather" or "GatherND" } when cut.Node.Input.Any(name => flow[name] == SampleContent.Ids) => "token embedding",
                { Node: var node } when IsPatchEmbedding(node, shapes) => "patch embedding",
                { Node: var node } when !activated && Activations.Contains(node.OpType) => "first activation",
                { Node.OpType: "MaxPool" or "AveragePool" } => "pooling",
                { Readers.Count: > 1 } => $"before residual block {block + 1}",
                { Node: var node } when Activations.Contains(node.OpType) => "activation",
                _ => null,
            };
            activated |= why == "first activation";
            block += cut.Readers.Count > 1 ? 1 : 0;
            if (why is null || !shapes.TryGetValue(cut.Tensor, out var shape) || shape.Count < 2 || shape.Any(size => size is null or < 1))
            {
                continue;
            }

            var behind = flow.Behind(cut.Tensor);
            var share = total > 0 ? flow.Nodes.Index().Where(node => node.Item.Output.Any(behind.Contains)).Sum(node => work[node.Index]) / total : 0;
            if (share >= LeastShare)
            {
                suggested.Add(new SuggestedCut(cut.Tensor, [.. shape.Skip(1).Select(size => (int)size!.Value)], share, why));
            }
        }

        return suggested;
    }

    /// <summary>A convolution whose patches do not overlap, of whole patches and not of pixels.</summary>
    private static bool IsPatchEmbedding(NodeProto node, Dictionary<string, IReadOnlyList<long?>> shapes)
    {
        var strides = node.Attribute.FirstOrDefault(attribute => attribute.Name == "strides")?.Ints;
        return node.OpType == "Conv" && strides is { Count: > 0 } && strides.All(step => step > 1)
            && shapes.TryGetValue(node.Input[1], out var kernel) && kernel.Skip(2).SequenceEqual(strides.Select(step => (long?)step));
    }

    /// <summary>The named places, and of the others evenly spread ones.</summary>
    private static IEnumerable<SuggestedCut> Thin(List<SuggestedCut> cuts)
    {
        var named = cuts.Where(cut => cut.Why is "token embedding" or "patch embedding" or "first activation").ToList();
        var others = cuts.Except(named).ToList();
        var room = Math.Max(0, Most - named.Count);
        var kept = others.Count <= room ? others : [.. Enumerable.Range(0, room).Select(i => others[i * others.Count / room])];
        return cuts.Where(cut => named.Contains(cut) || kept.Contains(cut));
    }

    /// <summary>Shapes of all tensors for one sample, weights included; null where ONNX Runtime cannot infer them.</summary>
    private static Dictionary<string, IReadOnlyList<long?>>? Shapes(NetworkGraph network)
    {
        var shapes = NodeShapes.TryInfer(network.Model, network.FixedBatch ?? 1);
        if (shapes is null)
        {
            return null;
        }

        foreach (var weight in network.Model.Graph.Initializer)
        {
            shapes[weight.Name] = [.. weight.Dims.Select(size => (long?)size)];
        }

        shapes[network.Input] = [network.FixedBatch ?? 1, .. network.SampleShape];
        return shapes;
    }
}
