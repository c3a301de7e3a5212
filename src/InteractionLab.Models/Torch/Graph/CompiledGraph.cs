using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch.Operators;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>
/// The steps of a graph, compiled once: operators looked up, attributes read, names turned into slots, and whatever
/// depends on constants alone computed.
/// </summary>
internal sealed class CompiledGraph
{
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Plan> plans = new(StringComparer.Ordinal);
    private readonly List<Step> steps = [];
    private readonly TrainableGraph graph;

    private CompiledGraph(TrainableGraph graph) => this.graph = graph;

    /// <summary>Number of values a pass can hold.</summary>
    public int Slots { get; private set; }

    /// <summary>Host values computed when the graph was compiled, by slot.</summary>
    public Dictionary<int, HostArray> Constants { get; } = [];

    /// <summary>Compiles every node, or names all that torch cannot run here.</summary>
    /// <exception cref="ModelRejectedException">Unsupported operators, attributes or element types.</exception>
    public static CompiledGraph Build(TrainableGraph graph, ScalarType real)
    {
        var compiled = new CompiledGraph(graph);
        compiled.AddStored(real);
        compiled.Compile(real);
        compiled.Slots = compiled.slots.Values.DefaultIfEmpty(-1).Max() + 1;
        return compiled;
    }

    public bool TryGetSlot(string name, out int slot) => slots.TryGetValue(name, out slot);

    /// <summary>
    /// The steps that the outputs asked for need, with what can be freed after each; kept for the next time. What
    /// <paramref name="given"/> names is fed and not computed.
    /// </summary>
    public Plan PlanFor(IReadOnlyCollection<string> outputs, IReadOnlyCollection<string>? given = null)
    {
        var key = string.Join('\n', outputs) + (given is { Count: > 0 } ? "\n\n" + string.Join('\n', given) : "");
        if (!plans.TryGetValue(key, out var plan))
        {
            plans[key] = plan = Plan.Build(steps, [.. outputs.Select(SlotOf)], (given ?? []).Select(SlotOf).ToHashSet(), Slots);
        }

        return plan;
    }

    private int SlotOf(string name) =>
        slots.TryGetValue(name, out var slot) ? slot : throw new ModelRejectedException($"The graph has no tensor {ModelValidator.Quote(name)}.");

    private void AddStored(ScalarType real)
    {
        foreach (var input in graph.Model.Graph.Input)
        {
            Assign(input.Name);
        }

        foreach (var (name, (tensor, role)) in graph.Stored)
        {
            Assign(name);
            if (role == WeightRole.Constant && TensorData.Count(tensor.Dims) <= HostArray.MaxElements && TensorTypes.Find(tensor.DataType, real) is not null)
            {
                Constants[slots[name]] = TensorTypes.ToHost(tensor, real);
            }
        }
    }

    private void Compile(ScalarType real)
    {
        var faults = new List<string>();
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var proto in graph.Model.Graph.Node)
        {
            if (proto is { OpType: "Identity", Domain: "" or "ai.onnx" })
            {
                slots[proto.Output[0]] = slots[proto.Input[0]];
                continue;
            }

            var node = new OperatorNode(proto, graph.Opset, real);
            if (OperatorTable.Find(proto) is not { } compile)
            {
                unknown.Add(proto.Domain is "" or "ai.onnx" ? proto.OpType : $"{proto.Domain}:{proto.OpType}");
            }
            else
            {
                TryAdd(node, compile, faults);
            }

            foreach (var output in proto.Output.Where(output => output.Length > 0))
            {
                Assign(output);
            }
        }

        if (unknown.Count > 0)
        {
            faults.Insert(0, $"operators {string.Join(", ", unknown.Select(ModelValidator.Quote))}");
        }

        if (faults.Count > 0)
        {
            throw new ModelRejectedException($"The torch executor cannot run this model: {string.Join("; ", faults.Take(10))}{(faults.Count > 10 ? " and others" : "")}.");
        }
    }

    private void TryAdd(OperatorNode node, Func<OperatorNode, Kernel> compile, List<string> faults)
    {
        Kernel kernel;
        try
        {
            RefuseOldMeaning(node);
            kernel = compile(node);
        }
        catch (ModelRejectedException fault)
        {
            faults.Add($"node {node.Label}: {fault.Message}");
            return;
        }

        foreach (var output in node.Proto.Output.Where(output => output.Length > 0))
        {
            Assign(output);
        }

        var step = new Step(
            node.Label,
            kernel,
            [.. node.Proto.Input.Select(name => name.Length == 0 ? -1 : SlotOf(name))],
            [.. node.Proto.Output.Select(name => name.Length == 0 ? -1 : slots[name])]);
        if (!TryFold(step))
        {
            steps.Add(step);
        }
    }

    /// <summary>Before operator set 7 a few operators took their shapes, broadcasting or mode from attributes.</summary>
    private static void RefuseOldMeaning(OperatorNode node)
    {
        if (node.Opset < 7 && (node.Flag("broadcast") || node.HasAttribute("consumed_inputs") || node.HasAttribute("shape") || node.HasAttribute("is_test")
            || node.Proto.OpType is "BatchNormalization" or "Dropout" or "Upsample" or "Gemm"))
        {
            throw OperatorNode.Unsupported($"operator set {node.Opset} gives {node.Proto.OpType} another meaning; export the model again");
        }
    }

    /// <summary>Runs a step on constants; its outputs are constants too.</summary>
    private bool TryFold(Step step)
    {
        if (step.Kernel.Host is null || step.Inputs.Any(slot => slot >= 0 && !Constants.ContainsKey(slot)))
        {
            return false;
        }

        var results = step.Kernel.Host([.. step.Inputs.Select(slot => slot < 0 ? null : Constants[slot])]);
        for (var i = 0; i < results?.Length && i < step.Outputs.Length; i++)
        {
            if (step.Outputs[i] >= 0)
            {
                Constants[step.Outputs[i]] = results[i];
            }
        }

        return results is not null;
    }

    private void Assign(string name) => slots.TryAdd(name, slots.Count);
}
