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
internal sealed class JobStates(IDbContextFactory<LabDb> store, Manifests manifests, DiskReserve disk, TimeProvider time)
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

        var now = time.Now();
        var (source, target, waits) = (Format(from), Format(to), Format(change.Waits));
        await using var db = await store.CreateDbContextAsync(cancellation);

        // One statement: whoever else changes the state comes before it or after it. On the right stand the values of before.
        var changed = await disk.EssentialAsync(() => db.Jobs.Where(j => j.Id == id && j.State == source).ExecuteUpdateAsync(
            set =>
            {
                set.SetProperty(j => j.State, target)
                    .SetProperty(j => j.Waits, waits)
                    .SetProperty(j => j.Turn, (DateTimeOffset?)null)
                    .SetProperty(j => j.SecondsLeft, (double?)null)
                    .SetProperty(j => j.FinishedAt, change.Finished ? (DateTimeOffset?)now : null)
                    .SetProperty(j => j.Message, j => change.Message ?? (j.Waits == null ? j.Message : null));
                if (change.ClearError || change.Error is not null)
                {
                    set.SetProperty(j => j.Error, change.ClearError ? null : change.Error);
                }

                if (change.Started)
                {
                    set.SetProperty(j => j.Attempts, j => j.Waits == null ? j.Attempts + 1 : j.Attempts)
                        .SetProperty(j => j.StartedAt, j => j.Waits == null ? now : j.StartedAt);
                }

                if (change.ResetRecoveries)
                {
                    set.SetProperty(j => j.Recoveries, 0);
                }
                else if (change.Recovered)
                {
                    set.SetProperty(j => j.Recoveries, j => j.Recoveries + 1);
                }
            },
            cancellation));
        if (changed == 1 && (IsEnd(from) || IsEnd(to)))
        {
            // What starts and waits in between is of no interest to who finds the job without its row: it waits then.
            await manifests.WriteJobAsync(db, id);
        }

        return changed == 1;
    }

    private static bool IsEnd(JobState state) => state is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

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
