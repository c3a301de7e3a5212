using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Gradients;

/// <summary>
/// A network whose v can be differentiated, for attribution and attacks. Statistics and dropout are those of inference.
/// Not safe for use by several threads at once.
/// </summary>
public sealed class DifferentiableModel : IDisposable
{
    private const int RowsPerRun = 25;
    private readonly NetworkGraph graph;
    private readonly TorchNetwork network;
    private readonly int cells;

    private DifferentiableModel(NetworkGraph graph, TorchNetwork network, int classes, IReadOnlyList<string> notes)
    {
        this.graph = graph;
        this.network = network;
        cells = (int)graph.SampleShape.Aggregate(1L, (product, size) => product * size);
        Classes = classes;
        Notes = notes;
    }

    /// <summary>Number of classes of the output.</summary>
    public int Classes { get; }

    /// <summary>Fallbacks the reader of a result should know of (device, batch dimension).</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Why torch cannot run a model, or null where it can: unsupported operators are named.</summary>
    public static string? WhyNot(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            TorchNetwork.Check(model);
            return null;
        }
        catch (ModelRejectedException refusal)
        {
            return refusal.Message;
        }
    }

    /// <summary>Opens a network on torch.</summary>
    /// <param name="model">A model that <see cref="MaskedModel.Build"/> takes.</param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="inDouble">Computes in double, which finite differences need.</param>
    /// <exception cref="ModelRejectedException">libtorch or the device is missing, or the graph cannot be run; the message says why.</exception>
    public static DifferentiableModel Open(OnnxModel model, IReadOnlyList<int> sampleShape, DeviceKind device = DeviceKind.Auto, bool inDouble = false)
    {
        List<string> notes = [];
        var placement = Placement.Resolve(NetworkExecutor.Torch, device, null, out var note);
        if (note is not null)
        {
            notes.Add(note);
        }

        var (graph, plain) = BatchChoice.Open(NetworkGraph.Prepare(model, sampleShape, notes), placement, notes);
        using (plain)
        {
            var classes = plain.Row(new float[sampleShape.Aggregate(1, (product, size) => checked(product * size))]).Length;
            return new DifferentiableModel(graph, TorchNetwork.Load(graph.Model.Clone(), new TorchOptions(placement.Device, inDouble)), classes, notes);
        }
    }

    /// <summary>Logits [classes] of a sample.</summary>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public double[] Logits(IReadOnlyList<double> sample)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        return network.Logits(Rows([Checked(sample)]), ForwardMode.Inference).narrow(0, 0, 1).Reals();
    }

    /// <summary>
    /// The gradient of v at the input or at a tensor between. Where other ways lead round that tensor (skip connections),
    /// what goes along them stays as it is.
    /// </summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="target">The class y.</param>
    /// <param name="value">What v is.</param>
    /// <param name="tensor">The name of a tensor of the graph; null is the input.</param>
    /// <exception cref="ModelRejectedException">There is no such tensor, v does not depend on it, or the network failed to run.</exception>
    public GradientResult Gradient(IReadOnlyList<double> sample, int target, ValueKind value, string? tensor = null)
    {
        using var scope = NewDisposeScope();
        CheckTarget(target, value);
        var input = Rows([Checked(sample)]);
        var point = At(tensor, input).detach().requires_grad_();
        var (gradient, v) = Differentiate(tensor, point, input, target, value);
        return new GradientResult(gradient.narrow(0, 0, 1).Reals(), point.shape[1..], v.Reals()[0]);
    }

    /// <summary>Integrated gradients (Sundararajan et al. 2017) of v along the straight line from the baseline to the sample at a tensor; what goes round it stays the sample's.</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">The baseline, in the input; at a tensor between, its image under the network.</param>
    /// <param name="target">The class y.</param>
    /// <param name="value">What v is.</param>
    /// <param name="tensor">The name of a tensor of the graph; null is the input.</param>
    /// <param name="steps">Gauss-Legendre steps.</param>
    /// <param name="cancellation">Checked between runs.</param>
    /// <exception cref="ModelRejectedException">There is no such tensor, v does not depend on it, or the network failed to run.</exception>
    public AttributionResult IntegratedGradients(IReadOnlyList<double> sample, IReadOnlyList<double> baseline, int target, ValueKind value, string? tensor = null, int steps = 50, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        CheckTarget(target, value);
        using var scope = NewDisposeScope();
        var input = Rows([Checked(sample)]);
        return Integrate(input, One(At(tensor, Rows([Checked(baseline)]))), One(At(tensor, input)), target, value, tensor, steps, cancellation);
    }

    /// <summary>Integrated gradients where the baseline is given at the tensor itself; otherwise as from a baseline in the input.</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">The baseline, as many numbers as the tensor has cells for one sample.</param>
    /// <param name="target">The class y.</param>
    /// <param name="value">What v is.</param>
    /// <param name="tensor">The name of a tensor of the graph; null is the input.</param>
    /// <param name="steps">Gauss-Legendre steps.</param>
    /// <param name="cancellation">Checked between runs.</param>
    /// <exception cref="ModelRejectedException">There is no such tensor, v does not depend on it, or the network failed to run.</exception>
    public AttributionResult IntegratedGradientsFrom(IReadOnlyList<double> sample, IReadOnlyList<double> baseline, int target, ValueKind value, string? tensor, int steps = 50, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        CheckTarget(target, value);
        using var scope = NewDisposeScope();
        var input = Rows([Checked(sample)]);
        var to = One(At(tensor, input));
        if (to.NumberOfElements != baseline.Count)
        {
            throw new ArgumentException($"The tensor has {to.NumberOfElements} cells; {baseline.Count} were given.", nameof(baseline));
        }

        return Integrate(input, TorchSharp.torch.tensor([.. baseline], to.shape, to.dtype, to.device), to, target, value, tensor, steps, cancellation);
    }

    /// <summary>Adversarial versions of samples: the cross-entropy of the label is driven up within epsilon (Madry et al. 2018).</summary>
    /// <param name="samples">Samples, row-major.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="options">Bound, steps and start.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[][] Attack(IReadOnlyList<IReadOnlyList<float>> samples, IReadOnlyList<int> labels, AttackOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Epsilon);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StepSize);
        if (samples.Count != labels.Count)
        {
            throw new ArgumentException($"There are {samples.Count} samples and {labels.Count} labels.", nameof(labels));
        }

        if (labels.Any(label => label < 0 || label >= Classes))
        {
            throw new ArgumentOutOfRangeException(nameof(labels), $"Labels are 0 to {Classes - 1}.");
        }

        var attacked = new float[samples.Count][];
        var rows = graph.FixedBatch ?? RowsPerRun;
        for (var first = 0; first < samples.Count; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, samples.Count - first);
            var batch = Enumerable.Range(first, count).Select(i => Checked([.. samples[i].Select(cell => (double)cell)])).ToArray();
            var found = ProjectedGradient.Run(this, Rows(batch), [.. labels.Skip(first).Take(count)], options, first, cancellation).narrow(0, 0, count).Reals();
            for (var i = 0; i < count; i++)
            {
                attacked[first + i] = [.. found.Skip(i * cells).Take(cells).Select(cell => (float)cell)];
            }
        }

        return attacked;
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    /// <summary>A tensor between for one sample.</summary>
    internal double[] Activations(double[] sample, string tensor)
    {
        using var scope = NewDisposeScope();
        return One(At(tensor, Rows([Checked(sample)]))).Reals();
    }

    /// <summary>v of a sample where a tensor (null is the input) has the values given.</summary>
    internal double ValueAt(double[] sample, double[] point, int target, ValueKind value, string? tensor)
    {
        using var scope = NewDisposeScope();
        var input = Rows([Checked(sample)]);
        var shape = At(tensor, input).shape;
        shape[0] = 1;
        return ValueAt(tensor, TorchSharp.torch.tensor(point, shape, network.SinglePrecision, network.Device), One(input), target, value);
    }

    /// <summary>Logits of a batch as torch has them, gradients recorded.</summary>
    internal Tensor Logits(Tensor batch) => network.Logits(batch, ForwardMode.Inference);

    /// <summary>Cells of a sample.</summary>
    internal int Cells => cells;

    /// <summary>Along the straight line from a baseline to the sample at a tensor; <paramref name="rows"/> hold the sample in the input.</summary>
    private AttributionResult Integrate(Tensor rows, Tensor from, Tensor to, int target, ValueKind value, string? tensor, int steps, CancellationToken cancellation)
    {
        var input = One(rows);
        var difference = to - from;
        var (nodes, weights) = Quadrature.GaussLegendre(steps);
        var sum = zeros_like(difference).type(ScalarType.Float64);
        var together = graph.FixedBatch ?? RowsPerRun;
        for (var done = 0; done < steps; done += together)
        {
            cancellation.ThrowIfCancellationRequested();
            using var part = NewDisposeScope();
            var count = Math.Min(together, steps - done);
            var places = Enumerable.Range(done, Full(count)).Select(k => nodes[Math.Min(k, done + count - 1)]).ToArray();
            var point = (from + (difference * Column(places, difference))).detach().requires_grad_();
            var (gradient, _) = Differentiate(tensor, point, input, target, value);
            var share = Column([.. Enumerable.Range(done, count).Select(k => weights[k])], sum);
            sum.add_((gradient.narrow(0, 0, count).type(ScalarType.Float64) * share).sum(0, true));
        }

        var attribution = (sum * difference).Reals();
        var (vSample, vBaseline) = (ValueAt(tensor, to, input, target, value), ValueAt(tensor, from, input, target, value));
        return new AttributionResult(attribution, difference.shape[1..], vSample, vBaseline, attribution.Sum() - (vSample - vBaseline));
    }

    /// <summary>A batch of samples; a graph of fixed batch size gets the last one again until it is full.</summary>
    private Tensor Rows(double[][] samples)
    {
        var rows = Full(samples.Length);
        var values = new double[rows * cells];
        for (var row = 0; row < rows; row++)
        {
            samples[Math.Min(row, samples.Length - 1)].CopyTo(values, row * cells);
        }

        return tensor(values, [rows, .. graph.SampleShape], network.SinglePrecision, network.Device);
    }

    private int Full(int count) => graph.FixedBatch is { } size && count < size ? size : count;

    /// <summary>The tensor at which gradients are asked for, for a batch of inputs.</summary>
    private Tensor At(string? name, Tensor input)
    {
        if (name is null || name == graph.Input)
        {
            return input;
        }

        using var inference = no_grad();
        return network.Forward(new Dictionary<string, Tensor>(StringComparer.Ordinal) { [graph.Input] = input }, ForwardMode.Inference, [name])[name].detach();
    }

    private (Tensor Gradient, Tensor V) Differentiate(string? name, Tensor point, Tensor input, int target, ValueKind value)
    {
        var v = ValueFunction.Of(LogitsFrom(name, point, input), target, graph.Meant(value));
        return Backward.Of(v.sum(), [point])[0] is { } gradient
            ? (gradient, v)
            : throw new ModelRejectedException($"v does not depend on the tensor {ModelValidator.Quote(name ?? graph.Input)}.");
    }

    /// <summary>Logits where a tensor is given; what else the network needs is as the input makes it.</summary>
    private Tensor LogitsFrom(string? name, Tensor point, Tensor input)
    {
        var fed = new Dictionary<string, Tensor>(StringComparer.Ordinal) { [name ?? graph.Input] = point };
        if (name is not null && name != graph.Input)
        {
            fed[graph.Input] = input.expand([point.shape[0], .. graph.SampleShape]);
        }

        return network.Forward(fed, ForwardMode.Inference, [graph.Output])[graph.Output];
    }

    private double ValueAt(string? name, Tensor point, Tensor input, int target, ValueKind value)
    {
        using var inference = no_grad();
        return ValueFunction.Of(LogitsFrom(name, Repeated(point), input), target, graph.Meant(value)).Reals()[0];
    }

    private Tensor Repeated(Tensor one) => graph.FixedBatch is { } size and > 1 ? one.expand([size, .. one.shape[1..]]) : one;

    private static Tensor One(Tensor batch) => batch.narrow(0, 0, 1);

    private static Tensor Column(double[] values, Tensor like)
    {
        var shape = new long[like.ndim];
        Array.Fill(shape, 1);
        shape[0] = values.Length;
        return tensor(values, shape, like.dtype, like.device);
    }

    private double[] Checked(IReadOnlyList<double> sample) => sample.Count == cells
        ? [.. sample]
        : throw new ArgumentException($"A sample has {cells} cells; {sample.Count} were given.", nameof(sample));

    private void CheckTarget(int target, ValueKind value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Classes);
        if (Classes < 2 && value != ValueKind.Logit)
        {
            throw new ModelRejectedException($"The value compares classes, but the model has {Classes} output; use 'logit'.");
        }
    }
}
