using InteractionLab.Server.Configuration;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Jobs;

/// <summary>Deletes finished jobs that are older than <see cref="LabOptions.KeepFinishedDays"/>, some time after start and then every hour; nothing where it is not set.</summary>
internal sealed partial class Retention(IDbContextFactory<LabDb> store, JobService jobs, IOptions<LabOptions> options, TimeProvider time, ILogger<Retention> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Deletes what is too old now.</summary>
    public async Task<int> RunAsync(int days, CancellationToken cancellation)
    {
        var limit = time.Now().AddDays(-days);
        await using var db = await store.CreateDbContextAsync(cancellation);
        List<string> finished = ["succeeded", "failed", "cancelled"];
        var old = await db.Jobs.Where(j => finished.Contains(j.State) && j.FinishedAt < limit).Select(j => j.Id).ToListAsync(cancellation);
        foreach (var id in old)
        {
            try
            {
                await jobs.DeleteAsync(id, cancellation);
            }
            catch (LabException)
            {
                // Deleted or retried meanwhile.
            }
        }

        return old.Count;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.KeepFinishedDays is not { } days)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                var deleted = await RunAsync(days, stoppingToken);
                LogDeleted(log, deleted, days);
            }
#pragma warning disable CA1031 // What fails now is tried again in an hour.
            catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
            {
                LogFailed(log, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} jobs that ended more than {Days} days ago deleted")]
    private static partial void LogDeleted(ILogger logger, int count, int days);

    [LoggerMessage(Level = LogLevel.Error, Message = "Old jobs could not be deleted")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
