using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// Sets the jobs table right at start, before the queue delivers anything: what ran when the last process ended is queued
/// again, unless it is what ends the process each time, and every queued job has its turn.
/// </summary>
internal sealed partial class Reconciler(IDbContextFactory<LabDb> store, JobStates states, JobTurns turns, IOptions<LabOptions> options, ILogger<Reconciler> log)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        List<string> interrupted = ["running", "cancelling"];
        var jobs = await db.Jobs.AsNoTracking().Where(j => interrupted.Contains(j.State)).OrderBy(j => j.Sequence).ToListAsync(cancellation);
        List<string> resumed = [];
        foreach (var job in jobs)
        {
            if (await SettleAsync(job, cancellation))
            {
                resumed.Add(job.Id);
            }
        }

        // What ran goes on before what only waited; as it ran in the order of creation, so it resumes.
        await turns.GiveAllAsync(resumed, cancellation);
    }

    /// <summary>Moves an interrupted job to where it may stand at start; true where that is queued.</summary>
    private async Task<bool> SettleAsync(JobRow job, CancellationToken cancellation)
    {
        switch (JobStates.Parse(job.State))
        {
            case JobState.Cancelling:
                await states.MoveAsync(job.Id, JobState.Cancelling, JobState.Cancelled, new() { Finished = true, ResetRecoveries = true }, cancellation);
                return false;
            case JobState.Running when job.Recoveries + 1 >= options.Value.MaxRecoveries:
                LogGivenUp(log, job.Id, job.Recoveries + 1);
                await states.MoveAsync(job.Id, JobState.Running, JobState.Failed, GiveUp(job), cancellation);
                return false;
            default:
                LogRecovered(log, job.Id, job.Done, job.Total);
                await states.MoveAsync(job.Id, JobState.Running, JobState.Queued, new() { Recovered = true }, cancellation);
                return true;
        }
    }

    private static StateChange GiveUp(JobRow job) => new()
    {
        Finished = true,
        Recovered = true,
        Error = $"The server ended {job.Recoveries + 1} times in a row while this job ran, without one more of its {job.Unit} being finished ({job.Done} of {job.Total} are). It was given up; retry starts it again from there.",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Id} was running when the server ended; it continues after {Done} of {Total} cells")]
    private static partial void LogRecovered(ILogger logger, string id, int done, int total);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Id} was running {Times} times in a row when the server ended; it is given up")]
    private static partial void LogGivenUp(ILogger logger, string id, int times);
}
