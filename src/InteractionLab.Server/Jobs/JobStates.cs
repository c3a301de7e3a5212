using InteractionLab.Experiments;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>What changes together with the state; null leaves a column as it is.</summary>
internal sealed record StateChange
{
    public string? Error { get; init; }

    public bool ClearError { get; init; }

    public string? Message { get; init; }

    public bool Started { get; init; }

    public bool Finished { get; init; }

    /// <summary>What a job that goes back into the queue waits for; a move without it leaves a job that waits for nothing.</summary>
    public JobWait? Waits { get; init; }

    public bool Recovered { get; init; }

    public bool ResetRecoveries { get; init; }
}

/// <summary>The state machine of jobs.</summary>
internal sealed class JobStates(IDbContextFactory<LabDb> store, TimeProvider time)
{
    private static readonly HashSet<(JobState From, JobState To)> Moves =
    [
        (JobState.Queued, JobState.Running),
        (JobState.Queued, JobState.Cancelled),
        (JobState.Running, JobState.Succeeded),
        (JobState.Running, JobState.Failed),
        (JobState.Running, JobState.Cancelling),
        (JobState.Running, JobState.Queued),
        (JobState.Cancelling, JobState.Cancelled),
        (JobState.Failed, JobState.Queued),
        (JobState.Cancelled, JobState.Queued),
    ];

    /// <summary>
    /// The one function that changes a job's state: compare and set. False where the job is not (or no longer) in
    /// <paramref name="from"/>; then nothing was changed. A job that waited for another goes on with the attempt it was in.
    /// </summary>
    public async Task<bool> MoveAsync(string id, JobState from, JobState to, StateChange change, CancellationToken cancellation)
    {
        if (!Moves.Contains((from, to)))
        {
            throw new InvalidOperationException($"A job does not go from {from} to {to}.");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await store.CreateDbContextAsync(cancellation);
        var changed = await db.Database.ExecuteSqlInterpolatedAsync(
            $"""
            UPDATE jobs SET
                State = {Format(to)},
                Error = CASE WHEN {change.ClearError} THEN NULL ELSE COALESCE({change.Error}, Error) END,
                Message = COALESCE({change.Message}, CASE WHEN Waits IS NULL THEN Message END),
                SecondsLeft = NULL,
                Waits = {Format(change.Waits)},
                Attempts = Attempts + CASE WHEN {change.Started} AND Waits IS NULL THEN 1 ELSE 0 END,
                Recoveries = CASE WHEN {change.ResetRecoveries} THEN 0 ELSE Recoveries + {(change.Recovered ? 1 : 0)} END,
                StartedAt = CASE WHEN {change.Started} AND Waits IS NULL THEN {now} ELSE StartedAt END,
                FinishedAt = CASE WHEN {change.Finished} THEN {now} ELSE NULL END
            WHERE Id = {id} AND State = {Format(from)}
            """,
            cancellation);
        return changed == 1;
    }

    /// <summary>The name of a wait in the store.</summary>
    public static string? Format(JobWait? wait) => wait switch
    {
        null => null,
        JobWait.Cell => "cell",
        JobWait.End => "end",
        _ => throw new ArgumentOutOfRangeException(nameof(wait)),
    };

    /// <summary>The wait of a name in the store.</summary>
    public static JobWait? ParseWait(string? name) => name switch
    {
        null => null,
        "cell" => JobWait.Cell,
        "end" => JobWait.End,
        _ => throw new InvalidDataException($"The store has a job with the unknown wait '{name}'."),
    };

    /// <summary>The name in the store and in the API.</summary>
    public static string Format(JobState state) => state switch
    {
        JobState.Queued => "queued",
        JobState.Running => "running",
        JobState.Cancelling => "cancelling",
        JobState.Cancelled => "cancelled",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The state of a name; throws where there is none.</summary>
    public static JobState Parse(string name) =>
        TryParse(name) ?? throw new InvalidDataException($"The store has a job in the unknown state '{name}'.");

    /// <summary>The state of a name, or null.</summary>
    public static JobState? TryParse(string name)
    {
        foreach (var state in Enum.GetValues<JobState>())
        {
            if (Format(state) == name)
            {
                return state;
            }
        }

        return null;
    }
}
