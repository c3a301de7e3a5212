using System.Runtime.ExceptionServices;

namespace InteractionLab.Models.Execution;

/// <summary>
/// Threads that work side by side for whoever asks them. Several callers may: a lane takes the next item of the oldest work
/// that has one left, so that the lanes go on with the next caller's work while the last items of the one before are
/// worked on. They are no threads of the pool: a network's run holds one for long, and who waits for the pool's must not
/// wait for it.
/// </summary>
internal sealed class LaneThreads : IDisposable
{
    private readonly object gate = new();
    private readonly Queue<Work> waiting = new();
    private readonly Thread[] threads;
    private int most;
    private bool ended;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">How many; at least 1.</param>
    public LaneThreads(int count)
    {
        most = count;
        threads = [.. Enumerable.Range(0, count).Select(lane => new Thread(() => Serve(lane)) { IsBackground = true, Name = $"lane {lane}" })];
        foreach (var thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>Lanes that work at once at most: 1 to as many as were started.</summary>
    public int Most
    {
        get => Volatile.Read(ref most);
        set
        {
            var lanes = Math.Clamp(value, 1, threads.Length);
            if (lanes <= Most)
            {
                // Guarantee: this takes no memory, not even that of a lock others wait for, since it is done where memory ran out.
                // Lanes above the new number see it when they next look for work, and none needs to be woken for that.
                Volatile.Write(ref most, lanes);
                return;
            }

            lock (gate)
            {
                most = lanes;
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>
    /// Does work for each number 0..<paramref name="count"/>-1: a lane takes the next when it is done with one. Returns when
    /// all have ended; where one failed no more are begun, and what the first failed with is thrown. Not to be called from a lane.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="work">Is given the number and its lane, 0..<see cref="Most"/>-1.</param>
    public void Each(int count, Action<int, int> work)
    {
        if (count <= 0)
        {
            return;
        }

        using var mine = new Work(count, work);
        lock (gate)
        {
            waiting.Enqueue(mine);
            Monitor.PulseAll(gate);
        }

        Await(mine);
        mine.Fault?.Throw();
    }

    /// <summary>Ends the threads; no work is going on.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            Monitor.PulseAll(gate);
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    /// <summary>Waits even where memory for waiting is short: nobody may go on while lanes use what the work was given.</summary>
    private static void Await(Work work)
    {
        while (true)
        {
            try
            {
                work.Ended.Wait();
                return;
            }
            catch (OutOfMemoryException)
            {
                Thread.Sleep(1);
            }
        }
    }

    private void Serve(int lane)
    {
        while (Take(lane) is var (work, item))
        {
            ExceptionDispatchInfo? fault = null;
            try
            {
                work.Do(item, lane);
            }
#pragma warning disable CA1031 // Thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                fault = ExceptionDispatchInfo.Capture(exception);
            }

            End(work, fault);
        }
    }

    private (Work Work, int Item)? Take(int lane)
    {
        lock (gate)
        {
            while (!ended && (lane >= most || waiting.Count == 0))
            {
                Monitor.Wait(gate);
            }

            if (ended)
            {
                return null;
            }

            var work = waiting.Peek();
            var item = work.Taken++;
            if (work.Taken == work.Count)
            {
                waiting.Dequeue();
            }

            return (work, item);
        }
    }

    private void End(Work work, ExceptionDispatchInfo? fault)
    {
        lock (gate)
        {
            work.Done++;
            work.Fault ??= fault;
            if (fault is not null && work.Taken < work.Count)
            {
                // Items are left, so it is the work that is taken from: the first in the queue.
                work.Count = work.Taken;
                waiting.Dequeue();
            }

            if (work.Done == work.Count)
            {
                work.Ended.Set();
            }
        }
    }

    private sealed class Work(int count, Action<int, int> act) : IDisposable
    {
        public int Count { get; set; } = count;

        public int Taken { get; set; }

        public int Done { get; set; }

        public ExceptionDispatchInfo? Fault { get; set; }

        public ManualResetEventSlim Ended { get; } = new(initialState: false, spinCount: 0);

        public void Do(int item, int lane) => act(item, lane);

        public void Dispose() => Ended.Dispose();
    }
}
