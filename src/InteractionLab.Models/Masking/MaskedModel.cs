using System.Runtime.InteropServices;
using InteractionLab.Interactions;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A network with masking compiled into its graph: mask bits go in, v(S) comes out (docs/masked-models.md).
/// Not safe for use by several threads at once.
/// </summary>
public sealed class MaskedModel : IDisposable
{
    private readonly NetworkGraph network;
    private readonly PlainNetwork plain;
    private readonly IMaskedSession session;
    private readonly RememberedBatch? remembered;
    private readonly int cells;
    private readonly List<string> notes;

    private MaskedModel(NetworkGraph network, PlainNetwork plain, IMaskedSession session, RememberedBatch? remembered, int classes, List<string> notes)
    {
        this.network = network;
        this.plain = plain;
        this.session = session;
        this.remembered = remembered;
        cells = (int)network.SampleShape.Aggregate(1L, (product, size) => product * size);
        Classes = classes;
        this.notes = notes;
    }

    /// <summary>Builds the masked graph and opens a session on it.</summary>
    /// <param name="model">
    /// A model with one input [batch, ...] of floats or of token ids (fed as floats, which hold ids below 2^24 exactly) and an output of logits [batch, classes] (the first of rank 2 where there
    /// are several). Where the graph ends in a softmax its probabilities are taken as the logits.
    /// </param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="options">Value, cut, executor, device.</param>
    /// <exception cref="ModelRejectedException">The graph cannot be masked, or the executor or the device is missing; the message says why.</exception>
    public static MaskedModel Build(OnnxModel model, IReadOnlyList<int> sampleShape, MaskedModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads ?? 1, 1, nameof(options));
        if (options.Cut is not null)
        {
            throw new ModelRejectedException($"The cut {ModelValidator.Quote(options.Cut)} is not supported: only the input can be masked.");
        }

        List<string> notes = [];
        var placement = Placement.Resolve(options.Executor, options.Device, options.Threads, out var deviceNote);
        if (deviceNote is not null)
        {
            notes.Add(deviceNote);
        }

        var original = NetworkGraph.Prepare(model, sampleShape, notes);
        var (network, plain) = BatchChoice.Open(original, placement, notes);
        IMaskedSession? session = null;
        try
        {
            var classes = plain.Row(new float[sampleShape.Aggregate(1, (product, size) => checked(product * size))]).Length;
            var rows = network.FixedBatch ?? options.Batch ?? BatchChoice.Default(network, placement.Device);
            session = IMaskedSession.Open(form => MaskedGraph.Build(network, classes, options.Value, form), network.Cells, placement, rows, network.FixedBatch is not null);
            var remembered = network.FixedBatch is null && options is { Batch: null, Speed: { } memory } ? new RememberedBatch(memory, SpeedKey.Of(model, sampleShape, options)) : null;
            if (remembered is not null)
            {
                session.Rows = BatchMeasurement.Recall(session, network, remembered, placement.Device).Rows;
            }

            return new MaskedModel(network, plain, session, remembered, classes, notes);
        }
        catch
        {
            session?.Dispose();
            plain.Dispose();
            throw;
        }
    }

    /// <summary>Number of classes of the output.</summary>
    public int Classes { get; }

    /// <summary>Rows evaluated per run of the runtime: the graph's own batch size (mostly 1) where that is fixed and cannot soundly be relaxed.</summary>
    public int BatchSize => session.Rows;

    /// <summary>Fallbacks the reader of a result should know of (device, batch dimension, memory that ran out); may grow with evaluations.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Logits [classes] of one unmasked sample.</summary>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[] Logits(ReadOnlySpan<float> sample)
    {
        CheckLength(sample.Length, nameof(sample));
        return plain.Row(sample);
    }

    /// <summary>v(S) for each mask given, computed in double from the logits as the network gives them (mostly float32).</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">What absent cells become; same length.</param>
    /// <param name="layout">Players, at most 32.</param>
    /// <param name="target">Class y, 0..<see cref="Classes"/>-1.</param>
    /// <param name="masks">Masks; bit i = player i present. Bits from n on are ignored.</param>
    /// <param name="values">Receives v, same length as <paramref name="masks"/>.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the run in progress.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public void Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, ReadOnlySpan<uint> masks, Span<double> values, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (layout.Players is < 0 or > 32)
        {
            throw new ArgumentOutOfRangeException(nameof(layout), layout.Players, "A mask has 32 bits, so at most 32 players.");
        }

        var words = new ulong[masks.Length];
        for (var k = 0; k < words.Length; k++)
        {
            words[k] = masks[k];
        }

        Evaluate(sample, baseline, layout, target, new MaskWords(words, 1), values, progress, cancellation);
    }

    /// <summary>v(S) for each mask of a list, over any number of players; otherwise as for few players.</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">What absent cells become; same length.</param>
    /// <param name="layout">Players, as many as the masks have.</param>
    /// <param name="target">Class y, 0..<see cref="Classes"/>-1.</param>
    /// <param name="masks">Masks.</param>
    /// <param name="values">Receives v by mask.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the run in progress.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public void Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, MaskList masks, Span<double> values, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(masks);
        if (layout.Players != masks.Players)
        {
            throw new ArgumentException($"The masks have {masks.Players} players, the layout {layout.Players}.", nameof(masks));
        }

        Evaluate(sample, baseline, layout, target, new MaskWords(masks.Bits, masks.Words), values, progress, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        plain.Dispose();
    }

    private void Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        CheckLength(sample.Length, nameof(sample));
        CheckLength(baseline.Length, nameof(baseline));
        CheckLength(layout.PlayerOf.Count, nameof(layout));
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Classes);
        if (values.Length != masks.Count)
        {
            throw new ArgumentException($"There are {masks.Count} masks and room for {values.Length} values.", nameof(values));
        }

        WithinMemory(new MaskedInputs(sample.ToArray(), baseline.ToArray(), LayoutIndex.Build(layout, network.SampleShape), network.SampleShape, layout.Players, target), masks, values, progress, cancellation);
    }

    /// <summary>
    /// Evaluates with half the rows wherever memory runs out, down to one. The sample starts again then, so that its values
    /// are what that many rows at once give.
    /// </summary>
    private void WithinMemory(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        var asked = session.Rows;
        for (var fits = false; !fits;)
        {
            try
            {
                session.Evaluate(inputs, masks, values, progress, cancellation);
                fits = true;
            }
            catch (DeviceMemoryException fault) when (session.Rows == 1 || network.FixedBatch is not null)
            {
                throw new ModelRejectedException($"The network needs more memory than there is, even for {session.Rows} row{(session.Rows == 1 ? "" : "s")} at a time: {fault.Message}.", fault);
            }
            catch (DeviceMemoryException)
            {
                // No more rows ran than there were masks.
                session.Rows = Math.Max(1, Math.Min(session.Rows, masks.Count) / 2);
            }
        }

        if (session.Rows != asked)
        {
            remembered?.Lower(session.Rows);
            notes.Add($"Memory ran out at {asked} rows a run, so the network runs {session.Rows} at a time.");
        }
    }

    private void CheckLength(int length, string name)
    {
        if (length != cells)
        {
            throw new ArgumentException($"A sample has {cells} cells; {length} were given.", name);
        }
    }
}
