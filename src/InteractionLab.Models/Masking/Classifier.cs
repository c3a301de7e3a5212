using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>A network as it is: samples in, logits out, many at once. Not safe for use by several threads at once.</summary>
public sealed class Classifier : IDisposable
{
    private readonly PlainNetwork plain;
    private readonly int cells;
    private readonly bool rowsAreFixed;
    private readonly List<string> notes;

    private Classifier(PlainNetwork plain, int cells, int rows, bool rowsAreFixed, List<string> notes)
    {
        this.plain = plain;
        this.cells = cells;
        this.rowsAreFixed = rowsAreFixed;
        BatchSize = rows;
        this.notes = notes;
    }

    /// <summary>Opens a session.</summary>
    /// <param name="model">A model as <see cref="MaskedModel.Build"/> takes it.</param>
    /// <param name="sampleShape">Shape of one sample, without the batch dimension.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="batch">Samples a run; null for the default.</param>
    /// <param name="executor">What runs it.</param>
    /// <exception cref="ModelRejectedException">The graph is no classifier of such samples, or the device is missing.</exception>
    public static Classifier Open(OnnxModel model, IReadOnlyList<int> sampleShape, DeviceKind device, int? batch = null, NetworkExecutor executor = NetworkExecutor.OnnxRuntime)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sampleShape);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch ?? 1, 1, nameof(batch));
        List<string> notes = [];
        var placement = Placement.Resolve(executor, device, threads: null, out var note);
        if (note is not null)
        {
            notes.Add(note);
        }

        var (network, plain) = BatchChoice.Open(NetworkGraph.Prepare(model, sampleShape, notes), placement, notes);
        var rows = network.FixedBatch ?? batch ?? BatchChoice.Default(network, placement.Device);
        return new Classifier(plain, sampleShape.Aggregate(1, (product, size) => checked(product * size)), rows, network.FixedBatch is not null, notes);
    }

    /// <summary>Samples a run of the runtime takes; half as many wherever memory ran out.</summary>
    public int BatchSize { get; private set; }

    /// <summary>Fallbacks the reader of a result should know of; may grow with runs.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Logits of each sample. The same samples in the same order give the same bits.</summary>
    /// <param name="samples">Samples, row-major.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Checked between runs.</param>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public float[][] Logits(IReadOnlyList<float[]> samples, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var logits = new float[samples.Count][];
        for (var done = 0; done < samples.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(BatchSize, samples.Count - done);
            var rows = rowsAreFixed ? BatchSize : count;
            var batch = new float[checked(rows * cells)];
            for (var row = 0; row < rows; row++)
            {
                // A graph of a fixed batch size is fed the last sample again.
                samples[done + Math.Min(row, count - 1)].CopyTo(batch, row * cells);
            }

            if (Run(batch, rows) is not { } together)
            {
                continue;
            }

            var classes = together.Length / rows;
            for (var row = 0; row < count; row++)
            {
                logits[done + row] = together[(row * classes)..((row + 1) * classes)];
            }

            done += count;
            progress?.Report((double)done / samples.Count);
        }

        return logits;
    }

    /// <inheritdoc/>
    public void Dispose() => plain.Dispose();

    /// <summary>Logits of a batch; null where memory ran out and fewer at once are to be tried.</summary>
    private float[]? Run(float[] batch, int rows)
    {
        try
        {
            return plain.Rows(batch, rows);
        }
        catch (ModelRejectedException fault) when (rows > 1 && !rowsAreFixed && MemoryFaults.IsMemory(fault.InnerException?.Message ?? ""))
        {
            BatchSize = rows / 2;
            notes.Add($"Memory ran out at {rows} samples a run, so the network runs {BatchSize} at a time.");
            return null;
        }
    }
}
