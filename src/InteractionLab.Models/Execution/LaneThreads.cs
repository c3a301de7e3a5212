namespace InteractionLab.Models.Execution;

/// <summary>
/// Threads that work side by side with the caller's, kept from one piece of work to the next. They are no threads of the
/// pool: a network's run holds one for long, and who waits for the pool's must not wait for it.
/// </summary>
/// <param name="most">Threads at most, the caller's among them; at least 1.</param>
internal sealed class LaneThreads(int most) : IDisposable
{
    private readonly List<Lane> lanes = [];

    /// <summary>Does work on some lanes at once, lane 0 on the caller's thread; returns when all have ended.</summary>
    /// <param name="count">How many lanes, 1 to <c>most</c>.</param>
    /// <param name="work">Is given its lane; must not throw.</param>
    public void Run(int count, Action<int> work)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, most);
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

    /// <summary>Ends the threads; no work is going on.</summary>
    public void Dispose()
    {
        foreach (var lane in lanes)
        {
            lane.Dispose();
        }

        lanes.Clear();
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
