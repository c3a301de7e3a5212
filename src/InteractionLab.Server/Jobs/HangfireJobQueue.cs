using Hangfire;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// The queue on Hangfire. What it carries is a wish that some job be run: which one, the jobs table says when the wish is
/// delivered. So the order is that of the turns however Hangfire orders its own, a delivery too many finds nothing to do,
/// and one that was lost is made up for by <see cref="WatchAsync"/>.
/// </summary>
internal sealed partial class HangfireJobQueue(QueueStorage storage, JobTurns turns, RunningJobs running, DiskReserve disk, IServiceProvider services, IOptions<LabOptions> options, TimeProvider time, ILogger<HangfireJobQueue> log) : IJobQueue, IAsyncDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(15);

    // What the lab does not use, delayed and recurring jobs, is looked for as seldom as can be set.
    private static readonly TimeSpan Seldom = TimeSpan.FromHours(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private BackgroundJobServer? _server;
    private Task _watch = Task.CompletedTask;
    private Task _refill = Task.CompletedTask;

    /// <inheritdoc/>
    public string State => _stopping.IsCancellationRequested ? "stopped" : _server is null ? "created" : "running";

    /// <inheritdoc/>
    public async Task EnqueueAsync(string jobId, DateTimeOffset since, CancellationToken cancellation)
    {
        // The turn first: a delivery that comes between the lines finds it, and the one below then finds nothing.
        if (await turns.GiveAsync(jobId, since, cancellation))
        {
            try
            {
                await Task.Run(() => Deliver(jobId), cancellation);
            }
            catch (Exception error) when (DiskFull.Is(error))
            {
                // The job has its turn; the watch delivers it when there is space.
                LogUndelivered(log, jobId, error.Message);
            }
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var settings = new BackgroundJobServerOptions
        {
            ServerName = "lab",
            WorkerCount = options.Value.ParallelJobs,
            Activator = new DeliveryActivator(() => new JobDelivery(turns, services.GetRequiredService<JobRunner>(), disk, time, _stopping.Token)),
            SchedulePollingInterval = Seldom,
            HeartbeatInterval = Heartbeat,
            ServerCheckInterval = Seldom,
            CancellationCheckInterval = Seldom,
        };
        _server = await Task.Run(() => new BackgroundJobServer(settings, storage.Value), cancellation);
        _refill = Task.Run(RefillAsync, CancellationToken.None);
        _watch = WatchAsync();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        // Running jobs end at this token and go back into the queue; Hangfire's own is not listened to.
        await _stopping.CancelAsync();
        await Task.WhenAll(_watch, _refill);
        if (_server is not null)
        {
            _server.SendStop();
            await _server.WaitForShutdownAsync(cancellation);
        }
    }

    /// <summary>Ends Hangfire's threads also where the server never came to be started, and so is never stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_watch, _refill);
        _server?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Lets Hangfire's log go where the server's goes. It has one for the process, so a server in a test has none.</summary>
    public static void LogTo(ILoggerFactory logs) => Hangfire.Logging.LogProvider.SetCurrentLogProvider(new Hangfire.AspNetCore.AspNetCoreLogProvider(logs));

    private void Deliver(string jobId) => new BackgroundJobClient(storage.Value).Enqueue<JobDelivery>(delivery => delivery.RunNextAsync(jobId));

    /// <summary>A delivery for every job that had its turn before the start. There may be ten thousand: the server answers meanwhile.</summary>
    private async Task RefillAsync()
    {
        try
        {
            foreach (var job in await turns.WaitingAsync(_stopping.Token))
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                Deliver(job);
            }
        }
#pragma warning disable CA1031 // What was not delivered is found by the watch.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogRefillFailed(log, error);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>Now and then asks for a delivery where a job has its turn and a place is free: so none is waited for that was lost.</summary>
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await WatchOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>One look of <see cref="WatchAsync"/>.</summary>
    public async Task WatchOnceAsync()
    {
        try
        {
            if (disk.HasRoom() && running.Count < options.Value.ParallelJobs && await turns.NextAsync([], _stopping.Token) is { } next)
            {
                await Task.Run(() => Deliver(next), _stopping.Token);
            }
        }
#pragma warning disable CA1031 // What fails now is tried again at the next look.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogWatchFailed(log, error);
        }
    }

    private sealed class DeliveryActivator(Func<JobDelivery> make) : JobActivator
    {
        public override object ActivateJob(Type jobType) => make();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue could not be filled; its jobs are delivered one by one as places come free")]
    private static partial void LogRefillFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Id} is queued and not delivered yet: {Reason}")]
    private static partial void LogUndelivered(ILogger logger, string id, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue could not be looked at")]
    private static partial void LogWatchFailed(ILogger logger, Exception error);
}

/// <summary>What Hangfire calls: runs the job whose turn it is. While the disk is full none is started, which could only fail; they go on waiting.</summary>
internal sealed class JobDelivery(JobTurns turns, JobRunner runner, DiskReserve disk, TimeProvider time, CancellationToken stopping)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs the next job, to its end; nothing where none has its turn.</summary>
    /// <param name="queuedWith">The job that was queued with this delivery. It is not asked for: another may be before it.</param>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("The job whose turn it is (queued with {0})")]
    public async Task RunNextAsync(string queuedWith)
    {
        List<string> passed = [];
        while (!stopping.IsCancellationRequested && disk.HasRoom())
        {
            if (await turns.NextAsync(passed, CancellationToken.None) is { } next)
            {
                if (await runner.RunAsync(next, stopping))
                {
                    return;
                }

                // Another delivery was faster, or the job's last attempt is just about to end: who is next after it?
                passed.Add(next);
            }
            else if (passed.Count > 0)
            {
                passed.Clear();
                await Task.Delay(Pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                return;
            }
        }
    }
}
