namespace InteractionLab.Server.Jobs;

/// <summary>
/// Progress of one attempt: told to subscribers as it comes (they throttle), written to the store every few seconds,
/// with an expectation of the time left from the cells of this attempt only.
/// </summary>
internal sealed class JobProgress(JobView job, JobStore jobs, JobEvents events, TimeProvider time) : IProgress<double>
{
    private static readonly TimeSpan PublishEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(3);
    private readonly Lock _lock = new();
    private readonly int _doneBefore = job.Progress.Done;
    private long _cellStart;
    private int _done = job.Progress.Done;
    private double _share;

    // When cells began to be computed, and the share of the first that was done by then: opening networks is over by the first share.
    private (long Start, double Share) _clock = (time.GetTimestamp(), 0);
    private bool _hasShare;
    private string? _message = job.Progress.Message;
    private long? _published;
    private long _saved = time.GetTimestamp();

    /// <summary>The share of the current cell that is done. May come from any thread.</summary>
    public void Report(double value)
    {
        lock (_lock)
        {
            _share = Math.Clamp(value, 0, 1);
            if (!_hasShare && _done == _doneBefore && _share < TimeLeft.LateShare)
            {
                (_hasShare, _clock) = (true, (time.GetTimestamp(), _share));
            }

            if (_published is { } at && time.GetElapsedTime(at) < PublishEvery)
            {
                return;
            }

            _published = time.GetTimestamp();
        }

        events.Publish(JobEventKind.Progress, job with { Progress = Current() });
    }

    /// <summary>A cell was committed.</summary>
    public async Task CellDoneAsync(CellView cell, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _done = cell.Sequence;
            _share = 0;
            _cellStart = time.GetTimestamp();
            _message = cell.Message;
            _published = time.GetTimestamp();
        }

        var progress = Current();
        events.Publish(JobEventKind.Progress, job with { Progress = progress });
        if (time.GetElapsedTime(_saved) >= SaveEvery)
        {
            _saved = time.GetTimestamp();
            await jobs.SaveProgressAsync(job.Id, progress, cancellation);
        }
    }

    private ProgressView Current()
    {
        lock (_lock)
        {
            var finished = _done - _doneBefore;
            var since = finished > 0 ? _cellStart : _clock.Start;
            var seconds = TimeLeft.Expect(
                time.GetElapsedTime(_clock.Start, since).TotalSeconds, time.GetElapsedTime(since).TotalSeconds, finished, _clock.Share, job.Progress.Total - _done, _share);
            return job.Progress with { Done = _done, Message = _message, SecondsLeft = seconds };
        }
    }
}
