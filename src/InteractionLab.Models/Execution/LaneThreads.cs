using System.Runtime.ExceptionServices;

namespace InteractionLab.Models.Execution;

/// <summary>
/// Threads that work side by side with the caller's, kept from one piece of work to the next. They are no threads of the
/// pool: a network's run holds one for long, and who waits for the pool's must not wait for it.
/// </summary>
internal sealed class LaneThreads : IDisposable
{
    private readonly List<Lane> lanes = [];

    /// <summary>Threads that work at once at most, the caller's among them; at least 1.</summary>
    public required int Most { get; set; }

    /// <summary>
    /// Does work for each number 0..<paramref name="count"/>-1: a lane takes the next when it is done with one. Returns when
    /// all have ended; where one failed no more are begun, and what the first failed with is thrown.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="work">Is given the number and its lane; lane 0 is the caller's thread.</param>
    public void Each(int count, Action<int, int> work)
    {
        var taken = 0;
        ExceptionDispatchInfo? fault = null;
        Run(Math.Clamp(count, 1, Most), lane =>
        {
            try
            {
                while (Volatile.Read(ref fault) is null && Interlocked.Increment(ref taken) - 1 is var item && item < count)
                {
                    work(item, lane);
                }
            }
#pragma warning disable CA1031 // Thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(exception), null);
            }
        });
        fault?.Throw();
    }

    /// <summary>Ends the threads; no work is going on.</summary>
    public void Dispose()
    {
        foreach (var lane in lanes)
        {
            lane.Dispose();
        }

        lanes.Clear();
    }

    private void Run(int count, Action<int> work)
    {
        while (lanes.Count < count - 1)
        {
            lanes.Add(new Lane(lanes.Count + 1));
        }

        for (var lane = 0; lane < count - 1; lane++)
        {
            lanes[lane].Begin(work);
        }

        work(0);
        for (var lane = 0; lane < count - 1; lane++)
        {
            lanes[lane].Wait();
        }
    }

    private sealed class Lane : IDisposable
    {
        private readonly SemaphoreSlim begun = new(0);
        private readonly SemaphoreSlim ended = new(0);
        private readonly Thread thread;
        private Action<int>? next;

        public Lane(int number)
        {
            thread = new Thread(() =>
            {
                for (begun.Wait(); next is { } work; begun.Wait())
                {
                    work(number);
                    ended.Release();
                }
            })
            {
                IsBackground = true,
                Name = $"lane {number}",
            };
            thread.Start();
        }

        public void Begin(Action<int> work)
        {
            next = work;
            begun.Release();
        }

        public void Wait() => ended.Wait();

        public void Dispose()
        {
            next = null;
            begun.Release();
            thread.Join();
            begun.Dispose();
            ended.Dispose();
        }
    }
}
