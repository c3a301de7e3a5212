namespace InteractionLab.Server.Jobs;

/// <summary>
/// Decides when and on which thread a job runs; it knows ids only. The jobs table is the truth: a queue that forgets is
/// filled again at start, and a queue that delivers twice does no harm, since only one delivery can take a queued job.
/// </summary>
internal interface IJobQueue
{
    /// <summary>Lets a queued job run when it is its turn: who waits since longest is next.</summary>
    Task EnqueueAsync(string jobId, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Starts delivering: what has its turn already, and what is enqueued from now on. Does not wait for the former.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Stops delivering and asks running jobs to stop; returns when they have.</summary>
    Task StopAsync(CancellationToken cancellation);

    /// <summary>One word on how it is: <c>running</c>, <c>standby</c>, <c>stopped</c>.</summary>
    string State { get; }
}
