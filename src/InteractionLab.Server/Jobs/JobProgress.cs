using InteractionLab.Server.Store;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// Progress of one attempt: told to subscribers as it comes (they throttle), written to the store every few seconds,
/// with an expectation of the time left from the cells of this attempt only. Of the cells that are being computed the one
/// that is committed next counts.
/// </summary>
internal sealed class JobProgress(JobRow row, JobStore jobs, JobEvents events, TimeProvider time)
{
    private static readonly TimeSpan PublishEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(3);
    private readonly Lock _lock = new();

    // Begun and not committed, in the order of both.
    private readonly Queue<Cell> _open = new();
    private readonly JobView _job = JobView.From(row);
    private long _cellStart;
    private int _done = row.Done;

    // When cells began to be computed, and the share of the first that was done by then: opening networks is over by the first share.
    private (long Start, double Share) _clock = (time.GetTimestamp(), 0);
    private bool _hasShare;
    private string? _message = row.Message;
    private long? _published;
    private long _saved = time.GetTimestamp();

    /// <summary>A cell begins to be computed; what this gives is told the share of it that is done, from any thread.</summary>
    public IProgress<double> Begin()
    {
        lock (_lock)
        {
            var cell = new Cell(this);
            _open.Enqueue(cell);
            return cell;
        }
    }

    /// <summary>A cell was committed.</summary>
    public async Task CellDoneAsync(CellView cell, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // One that replaces a damaged cell is not one more.
            _done = Math.Max(_done, cell.Sequence);
            _open.TryDequeue(out _);
            _cellStart = time.GetTimestamp();
            _message = cell.Message;
            _published = time.GetTimestamp();
        }

        var progress = Current();
        events.Publish(JobEventKind.Progress, _job with { Progress = progress });
        if (time.GetElapsedTime(_saved) >= SaveEvery)
        {
            _saved = time.GetTimestamp();
            await jobs.SaveProgressAsync(row.Id, progress, cancellation);
        }
    }

    private void Report(Cell cell, double share)
    {
        lock (_lock)
        {
            cell.Share = Math.Clamp(share, 0, 1);
            if (!_open.TryPeek(out var next) || next != cell)
            {
                return;
            }

            if (!_hasShare && _done == row.Done && cell.Share < TimeLeft.LateShare)
            {
                (_hasShare, _clock) = (true, (time.GetTimestamp(), cell.Share));
            }

            if (_published is { } at && time.GetElapsedTime(at) < PublishEvery)
            {
                return;
            }

            _published = time.GetTimestamp();
        }

        events.Publish(JobEventKind.Progress, _job with { Progress = Current() });
    }

    private ProgressView Current()
    {
        lock (_lock)
        {
            var finished = _done - row.Done;
            var since = finished > 0 ? _cellStart : _clock.Start;
            var seconds = TimeLeft.Expect(
                time.GetElapsedTime(_clock.Start, since).TotalSeconds, time.GetElapsedTime(since).TotalSeconds, finished, _clock.Share, row.Total - _done, _open.TryPeek(out var cell) ? cell.Share : 0);
            return ProgressView.Of(row, _done) with { Message = _message, SecondsLeft = seconds };
        }
    }

    private sealed class Cell(JobProgress progress) : IProgress<double>
    {
        public double Share { get; set; }

        public void Report(double value) => progress.Report(this, value);
    }
}
