using Google.Protobuf;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Onnx.Proto;
using InteractionLab.Models.Torch.Graph;
using InteractionLab.Models.Torch.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch;

/// <summary>
/// An ONNX graph run by torch: every node a differentiable operation, so that gradients reach inputs, weights and any
/// tensor between. Owns its parameters and buffers. Not safe for use by several threads at once.
/// </summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly TrainableGraph graph;
    private readonly CompiledGraph compiled;
    private readonly TorchValue?[] permanent;
    private readonly OrderedDictionary<string, Tensor> parameters = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, Tensor> buffers = new(StringComparer.Ordinal);
    private readonly List<string> outputs;
    private readonly ScalarType real;
    private readonly Dictionary<string, ScalarType> inputTypes = new(StringComparer.Ordinal);
    private readonly string[] onlyLogits = new string[1];
    private string? logits;
    private Generator? random;

    private TorchNetwork(TrainableGraph graph, CompiledGraph compiled, Device device, ScalarType real)
    {
        this.graph = graph;
        this.compiled = compiled;
        this.real = real;
        Device = device;
        permanent = new TorchValue?[compiled.Slots];
        outputs = [.. graph.Model.Graph.Output.Select(output => output.Name)];
        if (graph.Model.Graph.Output.FirstOrDefault(output => output.Type?.TensorType is { ElemType: not 0 } type && TensorTypes.Find(type.ElemType, real) is null) is { } foreign)
        {
            throw new ModelRejectedException($"The torch executor cannot give the output {ModelValidator.Quote(foreign.Name)}: torch has no element type {TensorData.TypeName(foreign.Type.TensorType.ElemType)}.");
        }

        foreach (var input in graph.Model.Graph.Input)
        {
            inputTypes[input.Name] = TensorTypes.Find(input.Type?.TensorType?.ElemType ?? 0, real)
                ?? throw new ModelRejectedException($"The torch executor cannot take the input {ModelValidator.Quote(input.Name)}: it is no tensor of a type that torch has.");
        }
    }

    /// <summary>Trainable tensors by name, in the order in which nodes read them: leaves that require gradients.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => parameters;

    /// <summary>Running mean and variance of batch normalisation.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => buffers;

    /// <summary>The output that <see cref="Logits"/> gives.</summary>
    /// <exception cref="ModelRejectedException">There is none.</exception>
    public string LogitsName => logits ??= FindLogits();

    /// <summary>Where the tensors are.</summary>
    public Device Device { get; }

    /// <summary>What single precision is computed in.</summary>
    public ScalarType SinglePrecision => real;

    /// <summary>Names of the graph's inputs.</summary>
    public IReadOnlyCollection<string> Inputs => inputTypes.Keys;

    /// <summary>Compiles a model.</summary>
    /// <exception cref="ModelRejectedException">Operators, attributes or types that torch cannot run, all of them named; or the device or libtorch is missing.</exception>
    public static TorchNetwork Load(OnnxModel model, TorchOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Load(model.CopyProto(), options);
    }

    /// <summary>Compiles a model without storing its weights anywhere.</summary>
    /// <exception cref="ModelRejectedException">As <see cref="Load(OnnxModel, TorchOptions)"/>.</exception>
    public static void Check(OnnxModel model)
    {
        // Where a process has not used torch yet, this is what finds it.
        TorchRuntime.Resolve(DeviceKind.Cpu, out _);
        var graph = TrainableGraph.Build(model.CopyProto());
        new TorchNetwork(graph, CompiledGraph.Build(graph, ScalarType.Float32), CPU, ScalarType.Float32).Dispose();
    }

    /// <summary>Compiles a graph, which is changed and owned from here on.</summary>
    internal static TorchNetwork Load(ModelProto model, TorchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var device = TorchRuntime.Resolve(options.Device, out _) == DeviceKind.Cuda ? torch.device(DeviceType.CUDA, 0) : CPU;
        var real = options.Double ? ScalarType.Float64 : ScalarType.Float32;
        var graph = TrainableGraph.Build(model);
        var network = new TorchNetwork(graph, CompiledGraph.Build(graph, real), device, real);
        try
        {
            network.Store();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sets what dropout draws next. On the CPU each network has a stream of its own, which nothing beside it disturbs; on
    /// CUDA the device has one for the process.
    /// </summary>
    public void Seed(long seed)
    {
        if (Device.type == DeviceType.CPU)
        {
            (random ??= new Generator()).manual_seed(seed);
        }
        else
        {
            manual_seed(seed);
        }
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">
    /// Tensors by name, moved to the device and type of the graph where they differ. Not disposed. A tensor between may be
    /// given too, and is then not computed; inputs that nothing needs may be left out.
    /// </param>
    /// <param name="mode">Inference or training.</param>
    /// <param name="outputs">Tensors of the graph asked for, intermediate ones too; null asks for its outputs.</param>
    /// <returns>The tensors asked for, which the caller owns; gradients are recorded where torch records them.</returns>
    /// <exception cref="ModelRejectedException">A name is unknown, an input is missing, or an operation failed.</exception>
    public IReadOnlyDictionary<string, Tensor> Forward(IReadOnlyDictionary<string, Tensor> inputs, ForwardMode mode, IReadOnlyCollection<string>? outputs = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        outputs ??= this.outputs;
        string[]? given = inputs.Keys.All(inputTypes.ContainsKey) ? null : [.. inputs.Keys.Where(name => !inputTypes.ContainsKey(name)).Order(StringComparer.Ordinal)];
        var plan = compiled.PlanFor(outputs, given);
        using var frame = new Frame((TorchValue?[])permanent.Clone(), Device, mode, random);
        Feed(plan, frame, inputs);
        Run(plan, frame);
        var results = new Dictionary<string, Tensor>(outputs.Count, StringComparer.Ordinal);
        var i = 0;
        foreach (var name in outputs)
        {
            results[name] = frame.Release(plan.Outputs[i++]);
        }

        return results;
    }

    /// <summary>The logits [batch, classes] of a network with one input: the first floating-point output of rank 2.</summary>
    /// <param name="input">A batch of samples.</param>
    /// <param name="mode">Inference or training.</param>
    public Tensor Logits(Tensor input, ForwardMode mode)
    {
        if (inputTypes.Count != 1)
        {
            throw new ModelRejectedException($"Logits need a model with one input; this one has {inputTypes.Count}.");
        }

        onlyLogits[0] = LogitsName;
        var plan = compiled.PlanFor(onlyLogits);
        using var frame = new Frame((TorchValue?[])permanent.Clone(), Device, mode, random);
        Feed(frame, inputTypes.Keys.First(), input);
        Run(plan, frame);
        return frame.Release(plan.Outputs[0]);
    }

    /// <summary>
    /// A batch normalisation on the way to the logits for which a batch of so many samples holds one value a channel: it
    /// cannot train on such a batch. Null where there is none.
    /// </summary>
    /// <param name="sampleShape">Shape of one sample.</param>
    /// <param name="rows">Samples of the batch.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public string? NormalisesOneValue(IReadOnlyList<int> sampleShape, int rows)
    {
        var reached = GraphOrder.Ancestors(graph.Model.Graph, LogitsName);
        var nodes = graph.Model.Graph.Node.Where(node => node is { OpType: "BatchNormalization", Domain: "" or "ai.onnx" } && reached.Contains(node.Output[0])).ToList();
        if (nodes.Count == 0)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (name, type) = inputTypes.First();
        var sample = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [name] = zeros([rows, .. sampleShape.Select(side => (long)side)], type, Device) };
        var normalised = Forward(sample, ForwardMode.Inference, [.. nodes.Select(node => node.Input[0]).Distinct(StringComparer.Ordinal)]);
        var one = nodes.FirstOrDefault(node => normalised[node.Input[0]] is var x && x.ndim > 1 && x.NumberOfElements <= x.shape[1]);
        return one is null ? null : new OperatorNode(one, graph.Opset, real).Label;
    }

    /// <summary>
    /// The graph with the present parameters and buffers as initializers: nodes and names are kept, except that weights
    /// are stored apart as <see cref="TrainableGraph"/> says. The same values give the same bytes.
    /// </summary>
    public OnnxModel Export() => OnnxModel.Load(ExportProto().ToByteArray());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in permanent)
        {
            value?.Close();
        }

        random?.Dispose();
    }

    private ModelProto ExportProto()
    {
        var model = graph.Model.Clone();
        for (var i = 0; i < model.Graph.Initializer.Count; i++)
        {
            var stored = model.Graph.Initializer[i];
            var present = parameters.GetValueOrDefault(stored.Name) ?? buffers.GetValueOrDefault(stored.Name);
            if (present is not null)
            {
                model.Graph.Initializer[i] = TensorTypes.ToProto(present, stored.Name, stored.DataType);
            }
        }

        return model;
    }

    private void Store()
    {
        foreach (var (slot, host) in compiled.Constants)
        {
            permanent[slot] = TorchValue.Constant(host);
        }

        foreach (var (name, (tensor, role)) in graph.Stored)
        {
            if (!compiled.TryGetSlot(name, out var slot) || permanent[slot] is not null)
            {
                continue;
            }

            var value = TensorTypes.ToTensor(tensor, real, Device);
            permanent[slot] = TorchValue.Constant(value);
            if (role == WeightRole.Parameter)
            {
                value.requires_grad = true;
                parameters[name] = value;
            }
            else if (role == WeightRole.Buffer)
            {
                buffers[name] = value;
            }
        }
    }

    private void Feed(Plan plan, Frame frame, IReadOnlyDictionary<string, Tensor> inputs)
    {
        foreach (var (name, value) in inputs)
        {
            Feed(frame, name, value);
        }

        foreach (var name in inputTypes.Keys)
        {
            if (compiled.TryGetSlot(name, out var slot) && plan.Reads[slot] && frame[slot] is null)
            {
                throw new ModelRejectedException($"The input {ModelValidator.Quote(name)} is missing.");
            }
        }
    }

    private void Feed(Frame frame, string name, Tensor value)
    {
        compiled.TryGetSlot(name, out var slot);
        var type = inputTypes.TryGetValue(name, out var declared) ? declared : value.is_floating_point() ? real : value.dtype;
        frame[slot] = value.dtype == type && value.device_type == Device.type
            ? TorchValue.Borrow(value)
            : TorchValue.Own(as_tensor(value, type, Device).DetachFromDisposeScope());
    }

    private static void Run(Plan plan, Frame frame)
    {
        var i = 0;
        try
        {
            for (; i < plan.Steps.Length; i++)
            {
                plan.Steps[i].Run(frame);
                foreach (var slot in plan.Frees[i])
                {
                    frame.Free(slot);
                }
            }
        }
        catch (Exception fault) when (TorchRuntime.IsTorchFault(fault) || fault is ModelRejectedException)
        {
            throw new ModelRejectedException($"The node {plan.Steps[i].Label} failed to run: {TorchRuntime.Clean(fault.Message)}.", fault);
        }
    }

    private string FindLogits()
    {
        var declared = graph.Model.Graph.Output.Where(output => TensorData.IsFloating(output.Type?.TensorType?.ElemType ?? 0)).ToList();
        return (declared.FirstOrDefault(output => output.Type.TensorType.Shape?.Dim.Count == 2)
            ?? declared.FirstOrDefault(output => output.Type.TensorType.Shape is null or { Dim.Count: 0 })
            ?? throw new ModelRejectedException("The model has no output of logits [batch, classes].")).Name;
    }
}
