using System.Collections.Concurrent;

namespace InteractionLab.Server.Jobs;

/// <summary>The attempts that run in this process, so that a cancel request finds them.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<string, Attempt> _attempts = new();

    /// <summary>Registers an attempt; null where one of the same job runs already. Disposing it ends it.</summary>
    public Attempt? Begin(string jobId, CancellationToken stopping)
    {
        var attempt = new Attempt(a => _attempts.TryRemove(KeyValuePair.Create(jobId, a)), stopping);
        if (_attempts.TryAdd(jobId, attempt))
        {
            return attempt;
        }

        attempt.Dispose();
        return null;
    }

    /// <summary>Asks an attempt to stop; nothing where there is none.</summary>
    public void Cancel(string jobId)
    {
        if (_attempts.TryGetValue(jobId, out var attempt))
        {
            attempt.Cancel();
        }
    }

    /// <summary>Jobs that run now.</summary>
    public int Count => _attempts.Count;
}

/// <summary>One attempt at a job.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly Action<Attempt> _end;
    private readonly Lock _lock = new();
    private bool _ended;

    public Attempt(Action<Attempt> end, CancellationToken stopping)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _end = end;
        Token = _source.Token;
    }

    /// <summary>Cancelled on request and when the server stops.</summary>
    public CancellationToken Token { get; }

    public void Cancel()
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _source.Cancel();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end(this);
        lock (_lock)
        {
            _ended = true;
            _source.Dispose();
        }
    }
}
