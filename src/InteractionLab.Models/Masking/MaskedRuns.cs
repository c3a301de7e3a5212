using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A masked graph on ONNX Runtime with its buffers, which are bound once and serve sample after sample of the same shapes.
/// Runs are divided among lanes: threads that take the next run when they are done with one. On a CPU the lanes run side by
/// side, each on its own processor, where none waits for another in the middle of an operator; on a GPU they take turns, so
/// that one writes its masks while the other runs. Several threads may evaluate at once: the lanes go on with the next
/// sample while the last runs of the one before end. Owns the session.
/// </summary>
internal sealed unsafe class MaskedRuns : IDisposable
{
    private readonly MaskedGraph graph;
    private readonly InferenceSession session;
    private readonly bool sideBySide;
    private readonly bool copies;
    private readonly LaneThreads threads;
    private readonly int lanes;
    private readonly Lock turn = new();
    private readonly Lock resting = new();
    private readonly Stack<SampleRuns> idle = new();

    /// <summary>Takes over a session.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="session">A session on it.</param>
    /// <param name="lanes">How many lanes; where they are side by side, the session has one thread a run.</param>
    /// <param name="sideBySide">Whether lanes run at once.</param>
    /// <param name="copies">Whether binding an input copies it to a device.</param>
    public MaskedRuns(MaskedGraph graph, InferenceSession session, int lanes, bool sideBySide, bool copies)
    {
        (this.graph, this.session, this.lanes, this.sideBySide, this.copies) = (graph, session, lanes, sideBySide, copies);
        threads = new LaneThreads(lanes);
    }

    /// <summary>How the graph masks.</summary>
    public MaskForm Form => graph.Form;

    /// <summary>How many lanes are used; no more than there were at first.</summary>
    public int Lanes
    {
        get => threads.Most;
        set => threads.Most = value;
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
        var sample = Take(inputs, product);
        try
        {
            sample.Feeds.Load(inputs, product);
            fixed (ulong* words = masks.Words)
            fixed (double* results = values)
            {
                var work = new Work(options, sample, new MaskMemory(words, masks.Words.Length, masks.WordsOfMask), results, masks.Count, rows, rowsAreFixed, product);
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
        catch (OutOfMemoryException fault)
        {
            // What the runtime left may be too little for the lanes themselves.
            throw new DeviceMemoryException(fault.Message, fault);
        }
        finally
        {
            lock (resting)
            {
                idle.Push(sample);
            }
        }
    }

    public void Dispose()
    {
        threads.Dispose();
        while (idle.TryPop(out var sample))
        {
            sample.Dispose();
        }

        session.Dispose();
    }

    /// <summary>Buffers for a sample of such shapes: those of one before, or new ones.</summary>
    private SampleRuns Take(MaskedInputs inputs, MaskTable? product)
    {
        SampleRuns? before;
        lock (resting)
        {
            idle.TryPop(out before);
        }

        if (before is not null && before.Feeds.Fits(inputs, product))
        {
            return before;
        }

        before?.Dispose();
        return new SampleRuns(new SampleFeeds(graph, inputs, product), lanes);
    }

    /// <summary>One run; how many masks it had.</summary>
    private int Run(Work work, int run, int lane)
    {
        var first = run * work.Rows;
        var count = Math.Min(work.Rows, work.Count - first);
        var bound = Bound(work, run, lane);
        bound.Write(work.Masks.Words, first, count, work.Product);
        using (Turn())
        {
            bound.Send();
            session.RunWithBinding(work.Options, bound.Binding);
        }

        bound.Values[..count].CopyTo(new Span<double>(work.Values + first, count));
        return count;
    }

    /// <summary>The buffers of a lane, or those of a last run of fewer rows than the others.</summary>
    private RunFeeds Bound(Work work, int run, int lane)
    {
        using var own = Turn();
        return run == work.Runs - 1 && work.LastHasItsOwn
            ? Fit(ref work.Sample.Rest, work.Count % work.Rows)
            : Fit(ref work.Sample.Lanes[lane], work.Rows);

        RunFeeds Fit(ref RunFeeds? feeds, int rows)
        {
            if (feeds?.Rows != rows)
            {
                feeds?.Dispose();
                feeds = null;
                feeds = new RunFeeds(graph, session, work.Sample.Feeds, rows, copies);
            }

            return feeds;
        }
    }

    /// <summary>The device for one lane alone, where lanes take turns.</summary>
    private Lock.Scope Turn() => sideBySide ? default : turn.EnterScope();

    /// <summary>Masks that other threads read; the memory is held by who began the work.</summary>
    private readonly struct MaskMemory(ulong* words, int length, int wordsOfMask)
    {
        public MaskWords Words => new(new ReadOnlySpan<ulong>(words, length), wordsOfMask);
    }

    /// <summary>Buffers of one evaluation at a time: what all its runs read, and those of its runs.</summary>
    private sealed class SampleRuns(SampleFeeds feeds, int lanes) : IDisposable
    {
        public readonly RunFeeds?[] Lanes = new RunFeeds?[lanes];
        public RunFeeds? Rest;

        public SampleFeeds Feeds => feeds;

        public void Dispose()
        {
            foreach (var bound in Lanes)
            {
                bound?.Dispose();
            }

            Rest?.Dispose();
            feeds.Dispose();
        }
    }

    /// <summary>One evaluation: what its lanes share.</summary>
    private sealed class Work(RunOptions options, SampleRuns sample, MaskMemory masks, double* values, int count, int rows, bool rowsAreFixed, MaskTable? product)
    {
        public RunOptions Options => options;

        public SampleRuns Sample => sample;

        public MaskMemory Masks => masks;

        public double* Values => values;

        public int Count => count;

        public int Rows => rows;

        public int Runs { get; } = (int)(((long)count + rows - 1) / rows);

        public MaskTable? Product => product;

        /// <summary>Whether the last run has fewer rows than the others, and buffers of its own.</summary>
        public bool LastHasItsOwn => !rowsAreFixed && count % rows > 0;
    }
}
