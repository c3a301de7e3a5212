using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>
/// A model in the form the executor runs and exports: nodes in topological order, every stored tensor an initializer
/// with one role. Weights that an exporter stored once because they happened to be equal (biases and statistics of a fresh
/// network, joined by Identity nodes) are stored apart again, since training moves them apart; matrices stay shared.
/// </summary>
internal sealed class TrainableGraph
{
    private readonly GraphProto graph;
    private readonly HashSet<string> constants = new(StringComparer.Ordinal);
    private Dictionary<string, List<(NodeProto Node, int Input)>> readers = [];

    private TrainableGraph(ModelProto model)
    {
        Model = model;
        graph = model.Graph;
        Opset = model.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version
            ?? throw new ModelRejectedException("The model imports no version of ONNX's operator set.");
    }

    /// <summary>The rewritten model; owned by this object.</summary>
    public ModelProto Model { get; }

    public long Opset { get; }

    /// <summary>Stored tensors by name, in the order in which nodes first read them, with their roles.</summary>
    public OrderedDictionary<string, (TensorProto Tensor, WeightRole Role)> Stored { get; } = new(StringComparer.Ordinal);

    /// <summary>Rewrites a model, which is changed.</summary>
    public static TrainableGraph Build(ModelProto model)
    {
        var result = new TrainableGraph(model);
        result.Normalise();
        return result;
    }

    private void Normalise()
    {
        if (graph.SparseInitializer.Count > 0)
        {
            throw new ModelRejectedException("The torch executor does not read sparse initializers.");
        }

        var order = GraphOrder.Sort(graph.Node) ?? throw new ModelRejectedException("The graph has a cycle.");
        graph.Node.Clear();
        graph.Node.Add(order);
        DropOverridableInputs();
        StoreConstants();
        Separate();
        FindReaders();
        SeparateStatistics();
        FindReaders();
        AssignRoles();
    }

    /// <summary>Early graphs list their weights among the inputs.</summary>
    private void DropOverridableInputs()
    {
        var stored = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(input => !stored.Contains(input.Name)).ToList();
        graph.Input.Clear();
        graph.Input.Add(inputs);
        Model.IrVersion = Math.Max(Model.IrVersion, 4);
    }

    /// <summary>Constant nodes with floating-point tensors become initializers, so that those that are weights can be trained.</summary>
    private void StoreConstants()
    {
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (var node in graph.Node)
        {
            if (node is { OpType: "Constant", Domain: "" or "ai.onnx" }
                && node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { Dims.Count: > 0 } tensor
                && TensorData.IsFloating(tensor.DataType))
            {
                var stored = tensor.Clone();
                stored.Name = node.Output[0];
                graph.Initializer.Add(stored);
                constants.Add(stored.Name);
            }
            else
            {
                kept.Add(node);
            }
        }

        graph.Node.Clear();
        graph.Node.Add(kept);
    }

    /// <summary>A vector reached through Identity becomes a vector of its own; a larger tensor stays shared.</summary>
    private void Separate()
    {
        var stored = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<NodeProto>(graph.Node.Count);
        foreach (var node in graph.Node)
        {
            if (node is { OpType: "Identity", Domain: "" or "ai.onnx" }
                && stored.TryGetValue(node.Input[0], out var tensor)
                && tensor.Dims.Count <= 1 && TensorData.IsFloating(tensor.DataType) && !outputs.Contains(node.Output[0]))
            {
                var copy = tensor.Clone();
                copy.Name = node.Output[0];
                stored[copy.Name] = copy;
                graph.Initializer.Add(copy);
            }
            else
            {
                kept.Add(node);
            }
        }

        graph.Node.Clear();
        graph.Node.Add(kept);
    }

    /// <summary>A tensor that is a running statistic for one node and something else for another is stored twice.</summary>
    private void SeparateStatistics()
    {
        var taken = GraphOrder.AllNames(graph).ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in graph.Initializer.ToList())
        {
            var uses = readers.GetValueOrDefault(tensor.Name) ?? [];
            var statistics = uses.Where(use => use is { Node.OpType: "BatchNormalization", Input: 3 or 4 }).ToList();
            if (statistics.Count == uses.Count && uses.All(use => use.Input == uses[0].Input))
            {
                // One layer that the network runs several times.
                continue;
            }

            foreach (var (node, input) in statistics.Skip(statistics.Count == uses.Count ? 1 : 0))
            {
                var name = $"{node.Output[0]}_running_{(input == 3 ? "mean" : "var")}";
                while (!taken.Add(name))
                {
                    name += "_";
                }

                var copy = tensor.Clone();
                copy.Name = name;
                graph.Initializer.Add(copy);
                node.Input[input] = name;
            }
        }
    }

    private void FindReaders()
    {
        readers = new Dictionary<string, List<(NodeProto, int)>>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                Add(node.Input[i], node, i);
            }
        }

        // What reads a copy reads the original; nodes come after those they read, so going backwards carries readers up.
        foreach (var node in graph.Node.Reverse().Where(node => node is { OpType: "Identity", Domain: "" or "ai.onnx" }))
        {
            foreach (var (reader, input) in readers.GetValueOrDefault(node.Output[0]) ?? [])
            {
                Add(node.Input[0], reader, input);
            }
        }
    }

    private void Add(string name, NodeProto node, int input)
    {
        if (!readers.TryGetValue(name, out var list))
        {
            readers[name] = list = [];
        }

        list.Add((node, input));
    }

    private void AssignRoles()
    {
        var inputs = graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var waiting = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var name in graph.Node.SelectMany(node => node.Input).Concat(graph.Initializer.Select(tensor => tensor.Name)))
        {
            if (waiting.Remove(name, out var tensor))
            {
                Stored.Add(name, (tensor, WeightRoles.Find(tensor, constants.Contains(name), readers.GetValueOrDefault(name) ?? [], inputs)));
            }
        }
    }
}
