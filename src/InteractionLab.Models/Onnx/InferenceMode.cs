using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Onnx;

/// <summary>
/// Brings a graph that was exported in training mode into inference mode where that is exact: dropout hands on what it is
/// given, batch normalisation takes its stored mean and variance. What stays random, or normalises by the batch and has no
/// statistics of its own, is refused by the name of its node.
/// </summary>
internal sealed class InferenceMode
{
    private const int MostNamed = 5;

    private static readonly HashSet<(string Domain, string Name)> Random =
    [
        ("", "RandomNormal"), ("", "RandomNormalLike"), ("", "RandomUniform"), ("", "RandomUniformLike"), ("", "Multinomial"), ("", "Bernoulli"),
        ("com.microsoft", "Sampling"),
    ];

    private readonly ModelProto model;
    private readonly long opset;
    private readonly Dictionary<string, TensorProto> constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = new(StringComparer.Ordinal);
    private readonly HashSet<string> outputs = new(StringComparer.Ordinal);
    private readonly List<string> changed = [];

    private InferenceMode(ModelProto model)
    {
        this.model = model;
        opset = model.OpsetImport.First(import => import.Domain is "" or "ai.onnx").Version;
        Survey(model.Graph);
    }

    /// <summary>The model in inference mode: itself where nothing is to be changed, else a copy, and what was changed in words.</summary>
    /// <exception cref="ModelRejectedException">A node is random, or normalises by the batch and cannot do otherwise.</exception>
    public static (ModelProto Model, string? Note) Of(ModelProto model)
    {
        RefuseRandom(model.Graph);
        if (!Nodes(model.Graph).Any(MayTrain))
        {
            return (model, null);
        }

        var mode = new InferenceMode(model.Clone());
        mode.Change(mode.model.Graph);
        return mode.changed.Count == 0 ? (model, null) : (mode.model, mode.Note());
    }

    /// <summary>Random operators that the outputs depend on.</summary>
    private static void RefuseRandom(GraphProto graph)
    {
        var live = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in (GraphOrder.Sort(graph.Node) ?? []).Reverse())
        {
            if (!node.Output.Any(live.Contains))
            {
                continue;
            }

            live.UnionWith(GraphOrder.Reads(node));
            if (GraphOrder.Subgraphs(node).SelectMany(Nodes).Prepend(node).FirstOrDefault(inner => Random.Contains((Domain(inner), inner.OpType))) is { } random)
            {
                throw new ModelRejectedException($"The node {Label(random)} draws random numbers, so the network gives another output at every run; export it for inference (model.eval()), without noise or sampling.");
            }
        }
    }

    private static bool MayTrain(NodeProto node) => Domain(node).Length == 0 && node.OpType switch
    {
        "Dropout" => node.Input.Count > 2 && node.Input[2].Length > 0,
        "BatchNormalization" => IsFlagged(node) || node.Output.Skip(1).Any(output => output.Length > 0),
        _ => false,
    };

    private void Survey(GraphProto graph)
    {
        outputs.UnionWith(graph.Output.Select(output => output.Name));
        foreach (var tensor in graph.Initializer)
        {
            constants[tensor.Name] = tensor;
        }

        foreach (var node in graph.Node)
        {
            read.UnionWith(node.Input);
            if (node.OpType == "Constant" && Domain(node).Length == 0 && node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } value)
            {
                constants[node.Output[0]] = value;
            }

            foreach (var subgraph in GraphOrder.Subgraphs(node))
            {
                Survey(subgraph);
            }
        }
    }

    private void Change(GraphProto graph)
    {
        foreach (var node in graph.Node.ToList())
        {
            foreach (var subgraph in GraphOrder.Subgraphs(node))
            {
                Change(subgraph);
            }

            if (!MayTrain(node))
            {
                continue;
            }

            if (node.OpType == "Dropout")
            {
                Quiet(node);
            }
            else
            {
                Normalise(node, graph);
            }
        }
    }

    /// <summary>Dropout without its third input is in inference mode, whatever its ratio; a mask that somebody reads is all true then.</summary>
    private void Quiet(NodeProto node)
    {
        var mode = node.Input[2];
        if (constants.TryGetValue(mode, out var constant) && !IsTrue(constant))
        {
            return;
        }

        node.Input.RemoveAt(2);
        changed.Add(Label(node));

        // A flag that was an input of the graph and serves nothing else is no input of the network.
        if (model.Graph.Input.FirstOrDefault(input => input.Name == mode) is { } flag && !outputs.Contains(mode) && !Nodes(model.Graph).Any(other => other.Input.Contains(mode)))
        {
            model.Graph.Input.Remove(flag);
        }
    }

    private void Normalise(NodeProto node, GraphProto graph)
    {
        var extra = node.Output.Skip(1).Where(output => output.Length > 0).ToList();
        var trains = opset >= 14 ? IsFlagged(node) : extra.Count > 0;
        if (extra.Any(read.Contains) || node.Output.Skip(3).Any(outputs.Contains))
        {
            throw new ModelRejectedException($"The node {Label(node)} was exported in training mode, and its statistics of the batch are read by the graph; export the model for inference (model.eval()).");
        }

        if (trains && All(node.Input[3], 0) && All(node.Input[4], 1))
        {
            // What a network without running statistics, or one never trained, has in their place.
            throw new ModelRejectedException($"The node {Label(node)} was exported in training mode: it normalises by the statistics of the batch, and those it stores (mean 0, variance 1) are of no training; export the model for inference (model.eval()).");
        }

        // In inference the running statistics are those that go in.
        for (var i = 1; i < Math.Min(node.Output.Count, 3); i++)
        {
            if (node.Output[i].Length > 0 && outputs.Contains(node.Output[i]))
            {
                new GraphBuilder(graph).Node("Identity", [node.Input[i + 2]], node.Output[i]);
                graph.Node[^1].Name = $"{node.Output[i]}_stored";
            }
        }

        while (node.Output.Count > 1)
        {
            node.Output.RemoveAt(node.Output.Count - 1);
        }

        if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "training_mode") is { } flag)
        {
            node.Attribute.Remove(flag);
        }

        if (trains)
        {
            changed.Add($"{Label(node)}, by its stored mean and variance");
        }
        else
        {
            changed.Add($"{Label(node)}, whose further outputs nothing reads");
        }
    }

    private bool All(string name, double value) => constants.TryGetValue(name, out var tensor)
        && TensorData.IsFloating(tensor.DataType)
        && Pruning.WeightBytes.Values(tensor).All(element => element == value);

    private string Note() =>
        $"The graph was exported in training mode; it is run in inference mode: {string.Join("; ", changed.Take(MostNamed))}{(changed.Count > MostNamed ? FormattableString.Invariant($"; and {changed.Count - MostNamed} more") : "")}.";

    private static bool IsFlagged(NodeProto node) => node.Attribute.Any(attribute => attribute.Name == "training_mode" && attribute.I != 0);

    private static bool IsTrue(TensorProto tensor) => tensor.RawData.Any(value => value != 0) || tensor.Int32Data.Any(value => value != 0);

    private static string Domain(NodeProto node) => node.Domain == "ai.onnx" ? "" : node.Domain;

    private static string Label(NodeProto node) => node.Name.Length > 0
        ? $"{ModelValidator.Quote(node.Name)} ({node.OpType})"
        : $"{node.OpType} (output {ModelValidator.Quote(node.Output.FirstOrDefault(name => name.Length > 0) ?? "")})";

    private static IEnumerable<NodeProto> Nodes(GraphProto graph) =>
        graph.Node.SelectMany(node => GraphOrder.Subgraphs(node).SelectMany(Nodes).Prepend(node));
}
