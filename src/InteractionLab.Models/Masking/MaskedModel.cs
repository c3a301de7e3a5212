using System.Runtime.InteropServices;
using InteractionLab.Interactions;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking.Cuts;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A network with masking compiled into its graph: mask bits go in, v(S) comes out (docs/masked-models.md). Several threads
/// may evaluate at once, so that the processors go on with the next sample while the last runs of the one before end;
/// everything else is for one thread at a time, beside those.
/// </summary>
public sealed class MaskedModel : IDisposable
{
    // Rows of a run of the head: a rule, since a mean outlives the session whose masks a measured number of rows would serve.
    private const int MeanRows = 32;
    private readonly NetworkGraph network;
    private readonly PlainNetwork plain;
    private readonly IMaskedSession session;
    private readonly RememberedBatch? remembered;
    private readonly List<string> notes;
    private readonly CutNetwork? cut;
    private readonly NetworkGraph masked;
    private readonly Lock heading = new();
    private readonly Lock sizing = new();
    private (float[] Sample, HeadOutputs Outputs)? latest;

    private MaskedModel(NetworkGraph network, PlainNetwork plain, CutNetwork? cut, IMaskedSession session, RememberedBatch? remembered, int classes, List<string> notes)
    {
        this.network = network;
        this.plain = plain;
        this.cut = cut;
        this.session = session;
        this.remembered = remembered;
        masked = cut?.Tail ?? network;
        Classes = classes;
        this.notes = notes;
    }

    /// <summary>Builds the masked graph and opens a session on it.</summary>
    /// <param name="model">
    /// A model with one input [batch, ...] of floats or of token ids (fed as floats, which hold ids below 2^24 exactly) and an output of logits [batch, classes] (the first of rank 2 where there
    /// are several). Where the graph ends in a softmax its probabilities are taken as the logits.
    /// </param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="options">Value, cut, executor, device. A cut that names the input is no cut.</param>
    /// <exception cref="ModelRejectedException">The graph cannot be masked, or the executor or the device is missing; the message says why.</exception>
    public static MaskedModel Build(OnnxModel model, IReadOnlyList<int> sampleShape, MaskedModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads ?? 1, 1, nameof(options));
        if (options is { Executor: NetworkExecutor.Torch, Threads: not null })
        {
            throw new ArgumentException("libtorch has one number of threads for the whole process.", nameof(options));
        }

        List<string> notes = [];
        var placement = Placement.Resolve(options.Executor, options.Device, options.Threads, out var deviceNote);
        if (deviceNote is not null)
        {
            notes.Add(deviceNote);
        }

        var original = NetworkGraph.Prepare(model, sampleShape, notes);
        var (network, plain) = BatchChoice.Open(original, placement, notes);
        CutNetwork? cut = null;
        IMaskedSession? session = null;
        try
        {
            var classes = plain.Row(new float[network.Cells]).Length;
            var tensor = options.Cut is null || options.Cut == network.Input ? network.Players : options.Cut;
            cut = tensor is null ? null : CutNetwork.Open(network, plain, tensor, placement);
            var masked = cut?.Tail ?? network;
            var rows = network.FixedBatch ?? options.Batch ?? BatchChoice.Default(placement);
            session = IMaskedSession.Open(form => MaskedGraph.Build(masked, classes, options.Value, form), masked.Cells, placement, rows, network.FixedBatch is not null);
            var remembered = options is { Batch: null, Speed: { } memory } ? new RememberedBatch(memory, SpeedKey.Of(model, sampleShape, options)) : null;
            if (remembered is not null)
            {
                session.Rows = BatchMeasurement.Recall(session, masked, remembered, placement.Device, network.FixedBatch).Rows;
            }

            return new MaskedModel(network, plain, cut, session, remembered, classes, [.. notes, .. cut?.Notes ?? []]);
        }
        catch
        {
            session?.Dispose();
            cut?.Dispose();
            plain.Dispose();
            throw;
        }
    }

    /// <summary>Number of classes of the output.</summary>
    public int Classes { get; }

    /// <summary>
    /// Rows evaluated per run of the runtime at most: the graph's own batch size (mostly 1) where that is fixed and cannot
    /// soundly be relaxed. Where there are too few masks for all lanes to be given that many, runs have fewer.
    /// </summary>
    public int BatchSize => session.Rows;

    /// <summary>Rows that are worked on at once: those of the runs that go on side by side.</summary>
    public int RowsAtOnce => session.Rows * session.Lanes;

    /// <summary>Shape of the tensor that is masked, without the batch dimension: the cut tensor's, or a sample's.</summary>
    public IReadOnlyList<int> MaskedShape => [.. masked.SampleShape.Select(size => (int)size)];

    /// <summary>Fallbacks the reader of a result should know of (device, batch dimension, memory that ran out); may grow with evaluations.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (sizing)
            {
                return [.. notes];
            }
        }
    }

    /// <summary>Logits [classes] of one unmasked sample.</summary>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[] Logits(ReadOnlySpan<float> sample)
    {
        CheckLength(sample.Length, nameof(sample));
        return plain.Row(sample);
    }

    /// <summary>The tensor that is masked as one sample has it, row-major: the cut tensor, or the sample itself.</summary>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[] Feature(ReadOnlySpan<float> sample)
    {
        CheckLength(sample.Length, nameof(sample));
        return [.. HeadOf(sample).Feature];
    }

    /// <summary>The mean over many samples of the tensor that is masked, summed in double in their order; the same samples give the same bits.</summary>
    /// <param name="count">How many samples; at least 1.</param>
    /// <param name="sample">Gives each, row-major.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[] MeanFeature(int count, Func<int, ReadOnlyMemory<float>> sample, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(sample);
        var sums = new double[masked.Cells];
        for (var done = 0; done < count;)
        {
            cancellation.ThrowIfCancellationRequested();
            var wanted = Math.Min(network.FixedBatch ?? MeanRows, count - done);
            var rows = network.FixedBatch ?? wanted;
            var batch = new float[checked(rows * network.Cells)];
            for (var row = 0; row < rows; row++)
            {
                // A graph of a fixed batch size is fed the last sample again.
                sample(done + Math.Min(row, wanted - 1)).Span.CopyTo(batch.AsSpan(row * network.Cells));
            }

            float[] features;
            lock (heading)
            {
                features = cut is null ? batch : cut.Head.Features(batch, rows);
            }

            for (var i = 0; i < wanted * masked.Cells; i++)
            {
                sums[i % masked.Cells] += features[i];
            }

            done += wanted;
            progress?.Report((double)done / count);
        }

        return [.. sums.Select(sum => (float)(sum / count))];
    }

    /// <summary>v(S) for each mask given, computed in double from the logits as the network gives them (mostly float32).</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">What absent cells become; as many numbers as <see cref="MaskedShape"/> has cells.</param>
    /// <param name="layout">Players of the cells of the tensor that is masked, at most 32.</param>
    /// <param name="target">Class y, 0..<see cref="Classes"/>-1.</param>
    /// <param name="masks">Masks; bit i = player i present. Bits from n on are ignored.</param>
    /// <param name="values">Receives v, same length as <paramref name="masks"/>.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the run in progress.</param>
    /// <returns>The <see cref="BatchSize"/> that it ran with: the last bits of v depend on it.</returns>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public int Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, ReadOnlySpan<uint> masks, Span<double> values, IProgress<double>? progress = null, CancellationToken cancellation = default)
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

        return Evaluate(sample, baseline, layout, target, new MaskWords(words, 1), values, progress, cancellation);
    }

    /// <summary>v(S) for each mask of a list, over any number of players; otherwise as for few players.</summary>
    /// <param name="sample">One sample, row-major.</param>
    /// <param name="baseline">What absent cells become; as many numbers as <see cref="MaskedShape"/> has cells.</param>
    /// <param name="layout">Players of the cells of the tensor that is masked, as many as the masks have.</param>
    /// <param name="target">Class y, 0..<see cref="Classes"/>-1.</param>
    /// <param name="masks">Masks.</param>
    /// <param name="values">Receives v by mask.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the run in progress.</param>
    /// <returns>The <see cref="BatchSize"/> that it ran with: the last bits of v depend on it.</returns>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public int Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, MaskList masks, Span<double> values, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(masks);
        if (layout.Players != masks.Players)
        {
            throw new ArgumentException($"The masks have {masks.Players} players, the layout {layout.Players}.", nameof(masks));
        }

        return Evaluate(sample, baseline, layout, target, new MaskWords(masks.Bits, masks.Words), values, progress, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        cut?.Dispose();
        plain.Dispose();
    }

    private int Evaluate(ReadOnlySpan<float> sample, ReadOnlySpan<float> baseline, PlayerLayout layout, int target, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        CheckLength(sample.Length, nameof(sample));
        CheckMasked(baseline.Length, nameof(baseline));
        CheckMasked(layout.PlayerOf.Count, nameof(layout));
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target, Classes);
        if (values.Length != masks.Count)
        {
            throw new ArgumentException($"There are {masks.Count} masks and room for {values.Length} values.", nameof(values));
        }

        var outputs = HeadOf(sample);
        return WithinMemory(
            new MaskedInputs(outputs.Feature, baseline.ToArray(), LayoutIndex.Build(layout, masked.SampleShape), masked.SampleShape, layout.Players, target) { Bypasses = outputs.Bypasses },
            masks,
            values,
            progress,
            cancellation);
    }

    /// <summary>
    /// Evaluates with half the rows wherever memory runs out, down to one, and then with fewer runs at once. The sample starts
    /// again then, so that its values are what that many rows at once give.
    /// </summary>
    private int WithinMemory(MaskedInputs inputs, MaskWords masks, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        (int Rows, int Lanes)? first = null;
        while (true)
        {
            var (most, lanes) = (session.Rows, session.Lanes);
            try
            {
                var ran = session.Evaluate(inputs, masks, values, progress, cancellation);
                if (first is { } lowered)
                {
                    Note(lowered, masks.Count);
                }

                return ran;
            }
            catch (DeviceMemoryException fault)
            {
                lock (sizing)
                {
                    // Where another evaluation has taken less meanwhile, that is tried first.
                    if ((session.Rows, session.Lanes) == (most, lanes))
                    {
                        first ??= (session.RowsOf(masks.Count), lanes);
                        if (!session.TryTakeLess(masks.Count))
                        {
                            throw new ModelRejectedException($"The network needs more memory than there is, even for {session.Rows} row{(session.Rows == 1 ? "" : "s")} at a time: {fault.Message}.", fault);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Says how much less is taken than at first, and remembers it.</summary>
    private void Note((int Rows, int Lanes) first, int masks)
    {
        lock (sizing)
        {
            var rows = session.RowsOf(masks);
            if (rows != first.Rows)
            {
                remembered?.Lower(session.Rows);
                notes.Add($"Memory ran out at {first.Rows} rows a run, so the network runs {session.Rows} at a time.");
            }

            if (session.Lanes != first.Lanes)
            {
                notes.Add($"Memory ran out with {first.Lanes} runs at once, so the network runs {session.Lanes} at once.");
            }
        }
    }

    /// <summary>The head runs once a sample, however often its masks are asked for in a row.</summary>
    private HeadOutputs HeadOf(ReadOnlySpan<float> sample)
    {
        if (cut is null)
        {
            return new HeadOutputs(sample.ToArray(), []);
        }

        using var own = heading.EnterScope();
        if (latest is not { } known || !sample.SequenceEqual(known.Sample))
        {
            latest = known = (sample.ToArray(), cut.Head.Of(sample));
        }

        return known.Outputs;
    }

    private void CheckLength(int length, string name)
    {
        if (length != network.Cells)
        {
            throw new ArgumentException($"A sample has {network.Cells} cells; {length} were given.", name);
        }
    }

    private void CheckMasked(int length, string name)
    {
        if (length != masked.Cells)
        {
            throw new ArgumentException($"The tensor that is masked has {masked.Cells} cells; {length} were given.", name);
        }
    }
}
