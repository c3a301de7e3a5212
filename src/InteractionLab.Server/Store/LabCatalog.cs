using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Store;

/// <summary>What experiments see of the store.</summary>
internal sealed class LabCatalog(IDbContextFactory<LabDb> store, FileStore files, CellStore cells, FileChecks checks, DatasetFiles datasets, SpeedFile speeds, IValueCache values, RunningJobs running, IOptions<LabOptions> options) : ILabCatalog
{
    /// <inheritdoc/>
    public long MaxForwardPasses => options.Value.MaxForwardPasses;

    /// <inheritdoc/>
    public RateMemory Rates => speeds.Rates;

    /// <inheritdoc/>
    public IValueCache Values => values;

    /// <inheritdoc/>
    public int RunningJobs => running.Count;

    /// <inheritdoc/>
    public async Task<CatalogModel?> FindModelAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var row = await db.Models.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation);
        if (row is null)
        {
            return null;
        }

        // Before anything is run with it: what is kept of its outputs is kept under this hash.
        checks.RequireModel(files, row);
        return new CatalogModel(row.Id, row.Name, row.Sha256, files.PathOf(row.Sha256), JsonSerializer.Deserialize<ModelSummary>(row.Summary, LabJson.Options)!);
    }

    /// <inheritdoc/>
    public async Task<CatalogDataset?> FindDatasetAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var row = await db.Datasets.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellation);
        return row is null ? null : new CatalogDataset(row.Id, row.Name, datasets.Require(row), JsonSerializer.Deserialize<DatasetSummary>(row.Summary, LabJson.Options)!);
    }

    /// <inheritdoc/>
    public async Task<CatalogJob?> FindJobAsync(string id, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        // The state is read before the cells: a job that is finished here has all its cells there.
        var row = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, cancellation);
        if (row is null)
        {
            return null;
        }

        var state = JobStates.Parse(row.State) switch
        {
            JobState.Succeeded => CatalogJobState.Succeeded,
            JobState.Failed => CatalogJobState.Failed,
            JobState.Cancelled => CatalogJobState.Cancelled,
            _ => CatalogJobState.Unfinished,
        };
        var spec = JsonSerializer.Deserialize<JsonElement>(row.Spec, LabJson.Options);
        return new CatalogJob(row.Id, row.Kind, row.Name, state, spec, row.Error, await cells.OpenAsync(id, row.Total, cancellation));
    }
}
