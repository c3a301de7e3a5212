using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace InteractionLab.Server.Jobs;

/// <summary>What happened to a job.</summary>
internal enum JobEventKind
{
    /// <summary>Progress, or a cell was finished.</summary>
    Progress,

    /// <summary>It is in another state, or it is new.</summary>
    State,

    /// <summary>It was deleted.</summary>
    Deleted,
}

/// <summary>News of a job. Events of one job that a slow reader has not taken are merged: the latest view wins.</summary>
/// <param name="Kind">The most important of what was merged.</param>
/// <param name="JobId">The job.</param>
/// <param name="Job">The job now; null when it was deleted.</param>
internal sealed record JobEvent(JobEventKind Kind, string JobId, JobView? Job);

/// <summary>The one source of live news: dashboards and event streams subscribe here, so all of them see the same.</summary>
internal sealed class JobEvents(TimeProvider time)
{
    /// <summary>The least time between two deliveries of progress to one subscriber.</summary>
    public static readonly TimeSpan Throttle = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();
    private readonly ConcurrentDictionary<string, JobView> _live = new();

    /// <summary>The freshest view of a running job, null where the store has it.</summary>
    public JobView? Live(string jobId) => _live.GetValueOrDefault(jobId);

    /// <summary>Tells every subscriber. Never waits for one.</summary>
    public void Publish(JobEventKind kind, JobView job)
    {
        if (job.State is JobState.Running)
        {
            _live[job.Id] = job;
        }
        else
        {
            _live.TryRemove(job.Id, out _);
        }

        Send(new JobEvent(kind, job.Id, job));
    }

    /// <summary>Tells every subscriber that a job is gone.</summary>
    public void PublishDeleted(string jobId)
    {
        _live.TryRemove(jobId, out _);
        Send(new JobEvent(JobEventKind.Deleted, jobId, null));
    }

    /// <summary>
    /// News of one job or of all, from now on. The subscription stands when this returns, before the first item is
    /// asked for: read the store after subscribing and nothing is missed. Progress comes at most every
    /// <see cref="Throttle"/>; a change of state comes at once.
    /// </summary>
    public IAsyncEnumerable<JobEvent> Subscribe(string? jobId, CancellationToken cancellation)
    {
        var subscription = new Subscription(jobId);
        _subscriptions[subscription] = 0;
        return ReadAsync(subscription, cancellation);
    }

    /// <summary>Subscribers now.</summary>
    public int Count => _subscriptions.Count;

    private void Send(JobEvent news)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Offer(news);
        }
    }

    private async IAsyncEnumerable<JobEvent> ReadAsync(Subscription subscription, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                if (!await subscription.WaitAsync(time, cancellation))
                {
                    yield break;
                }

                foreach (var news in subscription.Take(time.GetTimestamp()))
                {
                    yield return news;
                }
            }
        }
        finally
        {
            _subscriptions.TryRemove(subscription, out _);
            subscription.Dispose();
        }
    }

    private sealed class Subscription(string? jobId) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, JobEvent> _pending = [];
        private readonly SemaphoreSlim _signal = new(0, 1);
        private readonly SemaphoreSlim _urgent = new(0, 1);
        private long? _delivered;
        private bool _disposed;

        public void Offer(JobEvent news)
        {
            if (jobId is not null && jobId != news.JobId)
            {
                return;
            }

            lock (_lock)
            {
                if (_disposed)
                {
                    return;
                }

                // Latest view wins; the kind is the most important one not yet delivered.
                _pending[news.JobId] = _pending.TryGetValue(news.JobId, out var old) && old.Kind > news.Kind && news.Job is not null
                    ? news with { Kind = old.Kind }
                    : news;
                Set(_signal);
                if (news.Kind is not JobEventKind.Progress)
                {
                    Set(_urgent);
                }
            }
        }

        /// <summary>Waits for news, and then for the throttle unless the news is urgent. False when cancelled.</summary>
        public async Task<bool> WaitAsync(TimeProvider time, CancellationToken cancellation)
        {
            try
            {
                await _signal.WaitAsync(cancellation);
                var rest = _delivered is { } at ? Throttle - time.GetElapsedTime(at) : TimeSpan.Zero;
                if (rest > TimeSpan.Zero)
                {
                    await _urgent.WaitAsync(rest, cancellation);
                }

                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        public List<JobEvent> Take(long now)
        {
            lock (_lock)
            {
                _delivered = now;
                _urgent.Wait(0);
                _signal.Wait(0);
                List<JobEvent> news = [.. _pending.Values];
                _pending.Clear();
                return news;
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _disposed = true;
                _signal.Dispose();
                _urgent.Dispose();
            }
        }

        private static void Set(SemaphoreSlim signal)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }
}
