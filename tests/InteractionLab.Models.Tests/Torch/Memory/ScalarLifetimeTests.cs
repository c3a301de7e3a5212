using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace InteractionLab.Models.Tests.Torch.Memory;

/// <summary>
/// A number that TorchSharp passes to libtorch is an object with a finalizer, which may run while libtorch still reads it:
/// a sum can then be that of another factor, or an error that speaks of a type nobody gave.
/// </summary>
public sealed class ScalarLifetimeTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("LAB_FULL") == "1" ? 60 : 5);

    [Fact]
    public void Sums_are_right_while_the_collector_runs_all_the_time()
    {
        TorchLibrary.Require();
        var (end, sums, wrong) = (Stopwatch.StartNew(), 0L, 0L);
        using var stop = new CancellationTokenSource(Duration);
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            }
        });
        var adders = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            using var scope = NewDisposeScope();
            var (a, b) = (ones(4), full([4], 2f));
            while (!stop.IsCancellationRequested)
            {
                using var inner = NewDisposeScope();
                try
                {
                    var sum = ((a + b) * 2.5).sub(b).add(1.25);
                    Interlocked.Increment(ref sums);
                    if (MemoryMarshal.Cast<byte, float>(sum.bytes)[3] != 6.75f)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
                catch (ExternalException)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })).ToList();
        collector.Start();
        adders.ForEach(thread => thread.Start());
        adders.ForEach(thread => thread.Join());
        collector.Join();
        Assert.True(sums > 1000, $"{sums} sums");
        Assert.True(wrong == 0, $"{wrong} of {sums} sums were wrong or failed within {end.Elapsed.TotalSeconds:F0} s.");
    }
}
