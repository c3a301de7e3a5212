using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A masked graph on ONNX Runtime with its buffers, which are bound once and serve sample after sample of the same shapes.
/// Runs are divided among lanes: threads that take the next run when they are done with one. On a CPU the lanes run side by
/// side, each on its own processor, where none waits for another in the middle of an operator; on a GPU they take turns, so
/// that one writes its masks while the other runs. Owns the session.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="session">A session on it.</param>
/// <param name="lanes">How many lanes; where they are side by side, the session has one thread a run.</param>
/// <param name="sideBySide">Whether lanes run at once.</param>
/// <param name="copies">Whether binding an input copies it to a device.</param>
internal sealed unsafe class MaskedRuns(MaskedGraph graph, InferenceSession session, int lanes, bool sideBySide, bool copies) : IDisposable
{
    private readonly LaneThreads threads = new() { Most = lanes };
    private readonly RunFeeds?[] feeds = new RunFeeds?[lanes];
    private readonly Lock turn = new();
    private RunFeeds? rest;
    private SampleFeeds? sample;

    /// <summary>How the graph masks.</summary>
    public MaskForm Form => graph.Form;

    /// <summary>How many lanes are used; no more than there were at first.</summary>
    public int Lanes
    {
        get => threads.Most;
        set => threads.Most = Math.Clamp(value, 1, feeds.Length);
    }

    /// <summary>
    /// Rows of a run of so many masks: the most, or as many fewer as it takes for all lanes to have the same number of runs.
    /// </summary>
    public static int RowsOf(int masks, int most, int lanes)
    {
        var rounds = Math.Max(1, (masks + ((long)most * lanes) - 1) / ((long)most * lanes));
        return (int)Math.Max(1, (masks + (rounds * lanes) - 1) / (rounds * lanes));
    }

    /// <summary>v of each mask, <paramref name="rows"/> at a time; what is left over runs as it is, or filled up where rows are fixed.</summary>
    /// <exception cref="DeviceMemoryException">Memory ran out.</exception>
    /// <exception cref="ModelRejectedException">The network failed to run.</exception>
    public void Evaluate(MaskedInputs inputs, MaskTable? product, MaskWords masks, int rows, bool rowsAreFixed, Span<double> values, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var options = new RunOptions();
        using var stop = cancellation.Register(() => options.Terminate = true);
        try
        {
            Load(inputs, product);
            fixed (ulong* words = masks.Words)
            fixed (double* results = values)
            {
                var work = new Work(options, new MaskMemory(words, masks.Words.Length, masks.WordsOfMask), results, masks.Count, rows, product);
                Prepare(work, rowsAreFixed);
                var (done, reporting) = (0, new Lock());
                threads.Each(work.Runs, (run, lane) =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    var count = Run(work, run, lane);
                    lock (reporting)
                    {
                        done += count;
                        progress?.Report((double)done / work.Count);
                    }
                });
            }
        }
        catch (OnnxRuntimeException fault)
        {
            cancellation.ThrowIfCancellationRequested();
            throw MemoryFaults.OfRuntime(fault);
        }
    }

    public void Dispose()
    {
        threads.Dispose();
        Release();
        session.Dispose();
    }

    private void Load(MaskedInputs inputs, MaskTable? product)
    {
        if (sample is null || !sample.Fits(inputs, product))
        {
            Release();
            sample = new SampleFeeds(graph, inputs, product);
        }

        sample.Load(inputs, product);
        foreach (var bound in feeds)
        {
            bound?.Refresh();
        }

        rest?.Refresh();
    }

    /// <summary>Binds the buffers of each lane, and those of a last run of fewer rows than the others.</summary>
    private void Prepare(Work work, bool rowsAreFixed)
    {
        for (var lane = 0; lane < Math.Min(Lanes, work.Runs); lane++)
        {
            Fit(ref feeds[lane], work.Rows);
        }

        if (work.Count % work.Rows is > 0 and var left && !rowsAreFixed)
        {
            Fit(ref rest, left);
            work.LastHasItsOwn = true;
        }
    }

    private void Fit(ref RunFeeds? bound, int rows)
    {
        if (bound?.Rows != rows)
        {
            bound?.Dispose();
            bound = null;
            bound = new RunFeeds(graph, session, sample!, rows, copies);
        }
    }

    /// <summary>One run; how many masks it had.</summary>
    private int Run(Work work, int run, int lane)
    {
        var first = run * work.Rows;
        var count = Math.Min(work.Rows, work.Count - first);
        var bound = run == work.Runs - 1 && work.LastHasItsOwn ? rest! : feeds[lane]!;
        bound.Write(work.Masks.Words, first, count, work.Product);
        if (sideBySide)
        {
            Run(work, bound);
        }
        else
        {
            lock (turn)
            {
                Run(work, bound);
            }
        }

        bound.Values[..count].CopyTo(new Span<double>(work.Values + first, count));
        return count;
    }

    private void Run(Work work, RunFeeds bound)
    {
        bound.Send();
        session.RunWithBinding(work.Options, bound.Binding);
    }

    private void Release()
    {
        foreach (ref var bound in feeds.AsSpan())
        {
            bound?.Dispose();
            bound = null;
        }

        rest?.Dispose();
        sample?.Dispose();
        (rest, sample) = (null, null);
    }

    /// <summary>Masks that other threads read; the memory is held by who began the work.</summary>
    private readonly struct MaskMemory(ulong* words, int length, int wordsOfMask)
    {
        public MaskWords Words => new(new ReadOnlySpan<ulong>(words, length), wordsOfMask);
    }

    /// <summary>One evaluation: what its lanes share.</summary>
    private sealed class Work(RunOptions options, MaskMemory masks, double* values, int count, int rows, MaskTable? product)
    {
        public RunOptions Options => options;

        public MaskMemory Masks => masks;

        public double* Values => values;

        public int Count => count;

        public int Rows => rows;

        public int Runs { get; } = (int)(((long)count + rows - 1) / rows);

        public MaskTable? Product => product;

        /// <summary>Whether the last run has fewer rows than the others, and buffers of its own.</summary>
        public bool LastHasItsOwn { get; set; }
    }
}
