using System.Diagnostics;

namespace InteractionLab.Benchmarks;

/// <summary>Seconds by the clock, and of the process's threads together.</summary>
internal readonly record struct Elapsed(double Seconds, double Processor)
{
    /// <summary>Times an action.</summary>
    public static Elapsed Of(Action action)
    {
        var busy = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        action();
        return new(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
    }
}

/// <summary>
/// Interleaved measurements: every contender runs once a round, and the first of a round is the next one's last, so that a
/// machine that is busy for a while is so for all of them.
/// </summary>
internal static class Rounds
{
    /// <summary>The measurements of each contender.</summary>
    public static List<Elapsed>[] Run(int rounds, params Action[] contenders)
    {
        var measured = contenders.Select(_ => new List<Elapsed>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var who = (round + turn) % contenders.Length;
                measured[who].Add(Elapsed.Of(contenders[who]));
            }
        }

        return measured;
    }

    /// <summary>The candidate that takes least at best of a few tries, the tries interleaved; one that is far behind is not tried again.</summary>
    public static T Fastest<T>(IReadOnlyList<T> candidates, Action<T> run, int tries = 3)
    {
        const double Far = 1.3;
        var best = candidates.Select(_ => double.PositiveInfinity).ToArray();
        for (var turn = 0; turn < tries; turn++)
        {
            for (var i = 0; i < candidates.Count; i++)
            {
                if (turn == 0 || best[i] <= Far * best.Min())
                {
                    var candidate = candidates[i];
                    best[i] = Math.Min(best[i], Elapsed.Of(() => run(candidate)).Seconds);
                }
            }
        }

        return candidates[Array.IndexOf(best, best.Min())];
    }

    /// <summary>The median of the seconds.</summary>
    public static double Seconds(this IEnumerable<Elapsed> runs) => Median(runs.Select(run => run.Seconds));

    /// <summary>The median of the processor seconds.</summary>
    public static double Processor(this IEnumerable<Elapsed> runs) => Median(runs.Select(run => run.Processor));

    /// <summary>The median of the ratios within rounds: of seconds of the first to seconds of the second.</summary>
    public static double Ratio(IReadOnlyList<Elapsed> first, IReadOnlyList<Elapsed> second) => Median(first.Zip(second, (one, other) => one.Seconds / other.Seconds));

    /// <summary>The middle of the values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
