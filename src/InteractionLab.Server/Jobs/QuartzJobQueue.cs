using Quartz;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// The queue on Quartz with its ADO job store in a SQLite file of its own (so that its locks never wait for a cell's
/// commit). Quartz carries a job id, as the name of its job, and nothing else.
/// </summary>
internal sealed class QuartzJobQueue(ISchedulerFactory factory) : IJobQueue, IAsyncDisposable
{
    private IScheduler? _scheduler;

    /// <inheritdoc/>
    public string State => _scheduler?.Status switch
    {
        null or SchedulerStatus.Created => "created",
        SchedulerStatus.Running => "running",
        SchedulerStatus.Standby => "standby",
        _ => "stopped",
    };

    /// <inheritdoc/>
    public async Task EnqueueAsync(string jobId, DateTimeOffset since, CancellationToken cancellation)
    {
        var scheduler = await SchedulerAsync(cancellation);
        // Recovery is asked for, so that Quartz delivers again what it was delivering when the process died; the
        // reconciler enqueues the same jobs, and the second delivery finds nothing to do.
        var job = JobBuilder.Create<QuartzDelivery>()
            .WithIdentity(jobId)
            .RequestRecovery()
            .DisallowConcurrentExecution()
            .Build();
        // A trigger that waits its turn for hours is late by design: it must not be rescheduled behind the others.
        var trigger = TriggerBuilder.Create()
            .WithIdentity($"{jobId}/{Guid.NewGuid():N}")
            .StartAt(since)
            .WithSimpleSchedule(s => s.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        await scheduler.ScheduleJob(job, [trigger], ScheduleJobOptions.Replacing, cancellation);
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation) => await (await SchedulerAsync(cancellation)).Start(cancellation);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_scheduler is not null)
        {
            await _scheduler.Shutdown(true, cancellation);
        }
    }

    /// <summary>Ends the scheduler's threads also where the server never came to be started, and so is never stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_scheduler is { Status: not (SchedulerStatus.Shutdown or SchedulerStatus.ShuttingDown) })
        {
            await _scheduler.Shutdown(true, CancellationToken.None);
        }
    }

    private async ValueTask<IScheduler> SchedulerAsync(CancellationToken cancellation) =>
        _scheduler ??= await factory.GetScheduler(cancellation);
}

/// <summary>What Quartz calls when it is a job's turn.</summary>
internal sealed class QuartzDelivery(JobRunner runner) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await runner.RunAsync(context.JobDetail.Key.Name, cancellationToken);
}
