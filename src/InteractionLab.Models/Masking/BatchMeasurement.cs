using System.Diagnostics;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Masking;

/// <summary>
/// Finds the rows of a run at which a masked graph is fastest, by running it: sizes double from 8 rows at once on until they
/// no longer help, for about a second. The choice is kept and not made again by itself.
/// </summary>
public static class BatchMeasurement
{
    /// <summary>The most rows that are ever measured.</summary>
    public const int Largest = LargestOnCuda;

    private const int Smallest = 8;
    private const int LargestOnCpu = 256;
    private const int LargestOnCuda = 4096;

    // Of sizes that are equally fast but for noise the smaller one takes less memory.
    private const double Tie = 0.02;

    // A size that is this much slower than the best has passed the point where more rows help.
    private const double Worse = 0.1;

    // The share of the memory a process may use that one network's run may grow to by a larger batch.
    private const double MemoryShare = 0.25;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OfCandidate = TimeSpan.FromMilliseconds(120);

    /// <summary>What is remembered; where nothing is, what measuring gives, which is then remembered. A graph written for a fixed batch has no choice and is only timed.</summary>
    internal static SpeedMeasurement Recall(IMaskedSession session, NetworkGraph network, RememberedBatch remembered, DeviceKind device, int? fixedRows)
    {
        if (remembered.Known is { } known && (fixedRows is null || fixedRows == known.Rows))
        {
            return known;
        }

        var measured = fixedRows is { } only
            ? new SpeedMeasurement(only, Time(session, Inputs(network), only))
            : Measure(session, network, device == DeviceKind.Cuda ? LargestOnCuda : LargestOnCpu);
        remembered.Keep(measured);
        return measured;
    }

    private static SpeedMeasurement Measure(IMaskedSession session, NetworkGraph network, int largest)
    {
        var inputs = Inputs(network);
        List<SpeedMeasurement> tried = [];
        var started = Stopwatch.GetTimestamp();
        for (var rows = Math.Max(1, Smallest / session.Lanes); rows <= largest; rows *= 2)
        {
            var before = Environment.WorkingSet;
            if (TryTime(session, inputs, rows) is not { } seconds)
            {
                break;
            }

            tried.Add(new SpeedMeasurement(rows, seconds));
            var best = tried.Min(size => size.SecondsPerRow);
            var next = TimeSpan.FromSeconds(seconds * rows * session.Lanes * 2 * 3);
            var growth = Math.Max(0, Environment.WorkingSet - before) * 2.0;
            if (seconds > best * (1 + Worse)
                || Stopwatch.GetElapsedTime(started) + next > Budget
                || growth > MemoryShare / ProcessorShare.ParallelJobs * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            {
                break;
            }
        }

        if (tried.Count == 0)
        {
            return new SpeedMeasurement(1, Time(session, inputs, 1), Lowered: true);
        }

        var fastest = tried.Min(size => size.SecondsPerRow);
        return tried.First(size => size.SecondsPerRow <= fastest * (1 + Tie));
    }

    private static double? TryTime(IMaskedSession session, MaskedInputs inputs, int rows)
    {
        try
        {
            return Time(session, inputs, rows);
        }
        catch (DeviceMemoryException)
        {
            return null;
        }
    }

    /// <summary>Seconds a row at best of a few tries, each a run on every lane.</summary>
    private static double Time(IMaskedSession session, MaskedInputs inputs, int rows)
    {
        var masks = new ulong[rows * session.Lanes];
        var values = new double[masks.Length];
        session.Rows = rows;
        Run();
        var best = double.PositiveInfinity;
        var started = Stopwatch.GetTimestamp();
        for (var run = 0; run < 2 || (run < 10 && Stopwatch.GetElapsedTime(started) < OfCandidate); run++)
        {
            var start = Stopwatch.GetTimestamp();
            Run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best / masks.Length;

        void Run() => session.Evaluate(inputs, new MaskWords(masks, 1), values, null, CancellationToken.None);
    }

    // One player who owns everything: what the values are does not change how long a row takes.
    private static MaskedInputs Inputs(NetworkGraph network)
    {
        var feature = new float[network.Cells];
        Array.Fill(feature, 1);
        return new MaskedInputs(feature, new float[network.Cells], LayoutIndex.Build(new PlayerLayout(1, new int[network.Cells]), network.SampleShape), network.SampleShape, 1, 0)
        {
            Bypasses = [.. network.Bypasses.Select(bypass => new float[bypass.Shape.Aggregate(1L, (product, size) => product * size)])],
        };
    }
}
