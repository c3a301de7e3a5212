using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Components.Overview;

/// <summary>What the lab holds, in numbers.</summary>
internal sealed record OverviewCounts(int Models, int Datasets, IReadOnlyDictionary<JobState, int> Jobs)
{
    public int Of(JobState state) => Jobs.GetValueOrDefault(state);

    public int AllJobs => Jobs.Values.Sum();

    public bool Empty => Models == 0 && Datasets == 0 && AllJobs == 0;
}

/// <summary>Counts for the overview.</summary>
internal sealed class OverviewReader(IDbContextFactory<LabDb> store)
{
    /// <summary>Counts models, datasets, and jobs by state.</summary>
    public async Task<OverviewCounts> CountAsync(CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var jobs = await db.Jobs.GroupBy(j => j.State).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellation);
        return new(
            await db.Models.CountAsync(cancellation),
            await db.Datasets.CountAsync(cancellation),
            jobs.ToDictionary(g => JobStates.Parse(g.Key), g => g.Count));
    }
}
