using System.Runtime.ExceptionServices;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InteractionLab.Models.Masking;

/// <summary>
/// A masked graph on ONNX Runtime with its buffers, which are bound once and serve sample after sample of the same shapes.
/// Two sets of them take turns, so that the masks of the next run are written while one runs. Owns the session.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="session">A session on it.</param>
/// <param name="copies">Whether binding an input copies it to a device.</param>
internal sealed unsafe class MaskedRuns(MaskedGraph graph, InferenceSession session, bool copies) : IDisposable
{
    // Fewer bits are written in less time than it takes to wake a thread for it.
    private const int WorthAThread = 1 << 15;
    private readonly RunFeeds?[] turns = new RunFeeds?[2];
    private RunFeeds? rest;
    private SampleFeeds? sample;

    /// <summary>How the graph masks.</summary>
    public MaskForm Form => graph.Form;

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
            for (var done = 0; done < masks.Count; done += rows)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(rows, masks.Count - done);
                var current = FeedsOf(done / rows, rowsAreFixed ? rows : count);
                if (done == 0)
                {
                    current.Write(masks, 0, count, product);
                }

                current.Send();
                var left = Math.Min(rows, masks.Count - done - count);
                var next = left > 0 ? FeedsOf((done / rows) + 1, rowsAreFixed ? rows : left) : null;
                Run(options, current, next, masks, done + count, left, product);
                current.Values[..count].CopyTo(values[done..]);
                progress?.Report((double)(done + count) / masks.Count);
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
        turns[0]?.Refresh();
        turns[1]?.Refresh();
        rest?.Refresh();
    }

    /// <summary>The buffers of a run by its position; a last run of fewer rows than the others has its own.</summary>
    private RunFeeds FeedsOf(int run, int rows)
    {
        ref var feeds = ref turns[run % 2];
        if (run > 0 && turns[0]!.Rows != rows)
        {
            feeds = ref rest;
        }

        if (feeds is null || feeds.Rows != rows)
        {
            feeds?.Dispose();
            feeds = null;
            feeds = new RunFeeds(graph, session, sample!, rows, copies);
        }

        return feeds;
    }

    private void Run(RunOptions options, RunFeeds current, RunFeeds? next, MaskWords masks, int first, int count, MaskTable? product)
    {
        if (next is null || count * sample!.Columns < WorthAThread)
        {
            session.RunWithBinding(options, current.Binding);
            next?.Write(masks, first, count, product);
            return;
        }

        fixed (ulong* words = masks.Words)
        {
            var (address, length, wordsOfMask) = ((nint)words, masks.Words.Length, masks.WordsOfMask);
            try
            {
                Parallel.Invoke(
                    () => session.RunWithBinding(options, current.Binding),
                    () => next.Write(new MaskWords(new ReadOnlySpan<ulong>((void*)address, length), wordsOfMask), first, count, product));
            }
            catch (AggregateException faults)
            {
                ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
            }
        }
    }

    private void Release()
    {
        turns[0]?.Dispose();
        turns[1]?.Dispose();
        rest?.Dispose();
        sample?.Dispose();
        (turns[0], turns[1], rest, sample) = (null, null, null, null);
    }
}
