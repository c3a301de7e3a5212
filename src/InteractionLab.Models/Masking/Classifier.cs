using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A network as it is: samples in, logits out, many at once; on the CPU runs go on side by side, on one thread each
/// (<see cref="MaskedRuns"/>). Not safe for use by several threads at once.
/// </summary>
public sealed class Classifier : IDisposable
{
    private readonly PlainNetwork plain;
    private readonly int cells;
    private readonly bool rowsAreFixed;
    private readonly List<string> notes;
    private readonly LaneThreads threads;

    private Classifier(PlainNetwork plain, int cells, int rows, bool rowsAreFixed, int lanes, List<string> notes)
    {
        threads = new LaneThreads(lanes);
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

        var (network, plain) = BatchChoice.Open(NetworkGraph.Prepare(model, sampleShape, notes), placement.IsSideBySide ? placement with { Threads = 1 } : placement, notes);
        var rows = network.FixedBatch ?? batch ?? BatchChoice.Default(placement);
        return new Classifier(plain, sampleShape.Aggregate(1, (product, size) => checked(product * size)), rows, network.FixedBatch is not null, placement.Lanes, notes);
    }

    /// <summary>Samples a run of the runtime takes; half as many wherever memory ran out.</summary>
    public int BatchSize { get; private set; }

    /// <summary>Samples that are worked on at once: those of the runs that go on side by side.</summary>
    public int SamplesAtOnce => BatchSize * threads.Most;

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
        while (true)
        {
            var rows = BatchSize;
            try
            {
                return Logits(samples, rows, progress, cancellation);
            }
            catch (ModelRejectedException fault) when (rows > 1 && !rowsAreFixed && MemoryFaults.IsMemory(fault.InnerException?.Message ?? ""))
            {
                BatchSize = rows / 2;
                notes.Add($"Memory ran out at {rows} samples a run, so the network runs {BatchSize} at a time.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        threads.Dispose();
        plain.Dispose();
    }

    private float[][] Logits(IReadOnlyList<float[]> samples, int rows, IProgress<double>? progress, CancellationToken cancellation)
    {
        var logits = new float[samples.Count][];
        var (done, reporting) = (0, new Lock());
        threads.Each((samples.Count + rows - 1) / rows, (run, _) =>
        {
            cancellation.ThrowIfCancellationRequested();
            var first = run * rows;
            var count = Math.Min(rows, samples.Count - first);
            Run(samples, first, count, rowsAreFixed ? rows : count).CopyTo(logits, first);
            lock (reporting)
            {
                done += count;
                progress?.Report((double)done / samples.Count);
            }
        });
        return logits;
    }

    /// <summary>Logits of some samples in a row; a graph of a fixed batch size is fed the last of them again.</summary>
    private float[][] Run(IReadOnlyList<float[]> samples, int first, int count, int rows)
    {
        var batch = new float[checked(rows * cells)];
        for (var row = 0; row < rows; row++)
        {
            samples[first + Math.Min(row, count - 1)].CopyTo(batch, row * cells);
        }

        var together = plain.Rows(batch, rows);
        var classes = together.Length / rows;
        return [.. Enumerable.Range(0, count).Select(row => together[(row * classes)..((row + 1) * classes)])];
    }
}
