using System.Diagnostics;
using InteractionLab.Interactions;

namespace InteractionLab.Benchmarks;

/// <summary>
/// Times the transforms, one thread unless said: n = 20 beside copying the table n/4 times, n = 14 beside the naive
/// O(3^n) sum. Each time is the least of the repeats: <c>transforms [--repeats 30]</c>.
/// </summary>
internal static class TransformBenchmark
{
    public static object Run(string[] args)
    {
        var repeats = Options.Number(args, "--repeats", 30);
        Warm();
        return new
        {
            benchmark = "transforms",
            n20 = Large(20, repeats),
            n24 = Large(24, Math.Max(3, repeats / 10)),
            n14 = BesideNaive(14, repeats),
        };
    }

    /// <summary>Lets the just-in-time compiler finish before anything is timed.</summary>
    private static void Warm()
    {
        var table = new double[1 << 16];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(3);)
        {
            Transforms.Mobius(table);
            Transforms.Zeta(table);
            Transforms.MobiusAdjoint(table);
            Transforms.OrMobius(table);
            Transforms.Mobius(table, 2);
        }
    }

    private static object Large(int players, int repeats)
    {
        var table = new double[1 << players];
        var random = new Random(1);
        for (var mask = 0; mask < table.Length; mask++)
        {
            table[mask] = random.NextDouble();
        }

        var target = new double[table.Length];
        var copies = Least(repeats, () =>
        {
            for (var i = 0; i < players / 4; i++)
            {
                table.AsSpan().CopyTo(target);
            }
        });
        var work = new double[table.Length];
        double Time(Action transform) => Least(repeats, () => table.AsSpan().CopyTo(work), transform);
        var mobius = Time(() => Transforms.Mobius(work));
        var zeta = Time(() => Transforms.Zeta(work));
        var adjoint = Time(() => Transforms.MobiusAdjoint(work));
        var or = Time(() => Transforms.OrMobius(work));
        var threaded = Time(() => Transforms.Mobius(work, Environment.ProcessorCount));
        return new
        {
            n = players,
            copiesMs = copies,
            copies = players / 4,
            mobiusMs = mobius,
            zetaMs = zeta,
            mobiusAdjointMs = adjoint,
            orMobiusMs = or,
            mobiusAllCoresMs = threaded,
            cores = Environment.ProcessorCount,
            ratioToCopies = Math.Max(mobius, Math.Max(zeta, adjoint)) / copies,
            orRatioToCopies = or / copies,
        };
    }

    private static object BesideNaive(int players, int repeats)
    {
        var table = new double[1 << players];
        var random = new Random(2);
        for (var mask = 0; mask < table.Length; mask++)
        {
            table[mask] = random.NextDouble();
        }

        var naive = new double[table.Length];
        var naiveMs = Least(5, () => Naive(table, naive));
        var work = new double[table.Length];
        var fast = Least(repeats, () => table.AsSpan().CopyTo(work), () => Transforms.Mobius(work));
        var difference = naive.Zip(work, (a, b) => Math.Abs(a - b)).Max();
        return new { n = players, naiveMs, mobiusMs = fast, ratio = naiveMs / fast, largestDifference = difference };
    }

    /// <summary>Every subset of every mask: 3^n terms.</summary>
    private static void Naive(double[] table, double[] result)
    {
        for (var mask = 0; mask < table.Length; mask++)
        {
            var sum = 0.0;
            for (var subset = mask; ; subset = (subset - 1) & mask)
            {
                sum += (int.PopCount(mask ^ subset) & 1) == 0 ? table[subset] : -table[subset];
                if (subset == 0)
                {
                    break;
                }
            }

            result[mask] = sum;
        }
    }

    private static double Least(int repeats, Action action) => Least(repeats, () => { }, action);

    private static double Least(int repeats, Action prepare, Action action)
    {
        var least = double.PositiveInfinity;
        for (var repeat = 0; repeat <= repeats; repeat++)
        {
            prepare();
            var start = Stopwatch.GetTimestamp();
            action();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return least;
    }
}
