using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>Whose turn it is, as the jobs table says: of the queued jobs with a turn the one that has it since longest.</summary>
internal sealed class JobTurns(IDbContextFactory<LabDb> store, DiskReserve disk)
{
    /// <summary>The turn before all others: of what ran when the last process ended.</summary>
    public static readonly DateTimeOffset First = DateTimeOffset.UnixEpoch;

    /// <summary>Gives a job its turn, unless it is no longer queued. It is gone when the job's state changes.</summary>
    public async Task<bool> GiveAsync(string jobId, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await disk.EssentialAsync(() => db.Jobs.Where(j => j.Id == jobId && j.State == "queued")
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.Turn, since), cancellation)) == 1;
    }

    /// <summary>Gives every queued job its turn: first those named, then the others since they were queued.</summary>
    public async Task GiveAllAsync(List<string> first, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        await db.Jobs.Where(j => j.State == "queued").ExecuteUpdateAsync(set => set.SetProperty(j => j.Turn, j => first.Contains(j.Id) ? First : j.CreatedAt), cancellation);
    }

    /// <summary>The queued jobs that have a turn, in the order of their turns.</summary>
    public async Task<IReadOnlyList<string>> WaitingAsync(CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Jobs.Where(j => j.State == "queued" && j.Turn != null).OrderBy(j => j.Turn).ThenBy(j => j.Sequence).Select(j => j.Id).ToListAsync(cancellation);
    }

    /// <summary>The job that is next, not looking at those passed over; null where there is none.</summary>
    public async Task<string?> NextAsync(List<string> passed, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Jobs.Where(j => j.State == "queued" && j.Turn != null && !passed.Contains(j.Id))
            .OrderBy(j => j.Turn).ThenBy(j => j.Sequence).Select(j => j.Id).FirstOrDefaultAsync(cancellation);
    }
}
