using InteractionLab.Experiments;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>The finished cells of jobs.</summary>
internal sealed class CellStore(IDbContextFactory<LabDb> store, FileStore files, FileChecks checks, Manifests manifests, TimeProvider time)
{
    /// <summary>Commits a cell, or what replaces one that was damaged. When this returns, the cell is on disk and will not be computed again as long as it stays whole.</summary>
    public async Task<CellView> CommitAsync(JobRow job, int position, string key, CellPayload payload, CancellationToken cancellation)
    {
        try
        {
            return await InsertAsync(job, position, key, payload, cancellation);
        }
        catch
        {
            await using var db = await store.CreateDbContextAsync(CancellationToken.None);
            await files.DeleteUnreferencedAsync([FileStore.NameOf(payload.Bytes)], candidates => StoreStart.ReferencedAsync(db, candidates, CancellationToken.None), CancellationToken.None);
            throw;
        }
    }

    private async Task<CellView> InsertAsync(JobRow job, int position, string key, CellPayload payload, CancellationToken cancellation)
    {
        // Checkpoint 1: the payload is on disk under the hash of its bytes. A crash from here to checkpoint 2 leaves a
        // file that no row refers to; the next start sets it aside and the cell is computed again.
        using var pin = await files.PutAsync(payload.Bytes, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var done = await db.Cells.CountAsync(c => c.JobId == job.Id, cancellation);
        var damaged = await db.Cells.AsNoTracking().SingleOrDefaultAsync(c => c.JobId == job.Id && c.Position == position, cancellation);
        var row = new CellRow
        {
            JobId = job.Id,
            Position = position,
            Sequence = damaged?.Sequence ?? ++done,
            Key = key,
            Sha256 = pin.Sha256,
            SizeBytes = payload.Bytes.Length,
            Message = payload.Message,
            Attempt = job.Attempts,
            FinishedAt = time.Now(),
        };
        db.Cells.Entry(row).State = damaged is null ? EntityState.Added : EntityState.Modified;
        await db.SaveChangesAsync(cancellation);
        await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(set => set.SetProperty(j => j.Done, done).SetProperty(j => j.Recoveries, 0).SetProperty(j => j.Message, payload.Message), cancellation);
        await transaction.CommitAsync(cancellation);
        // Checkpoint 2: the cell and the count of finished cells are committed together. From here no crash computes it again.
        manifests.Append(row);
        return View(row);
    }

    /// <summary>Finished cells by position.</summary>
    public async Task<Dictionary<int, CellRow>> FinishedAsync(string jobId, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        return await db.Cells.AsNoTracking().Where(c => c.JobId == jobId).ToDictionaryAsync(c => c.Position, cancellation);
    }

    /// <summary>Cells committed after one, in the order of commitment.</summary>
    public async Task<IReadOnlyList<CellView>> AfterAsync(string jobId, int sequence, int take, CancellationToken cancellation)
    {
        await using var db = await store.CreateDbContextAsync(cancellation);
        var rows = await db.Cells.AsNoTracking().Where(c => c.JobId == jobId && c.Sequence > sequence).OrderBy(c => c.Sequence).Take(take).ToListAsync(cancellation);
        return [.. rows.Select(View)];
    }

    /// <summary>Those of the finished cells whose payloads are not what was stored.</summary>
    public IReadOnlyList<CellRow> Damaged(IEnumerable<CellRow> finished) =>
        [.. finished.Where(cell => checks.Fault(files.PathOf(cell.Sha256), cell.Sha256) is not null)];

    /// <summary>The payloads of the cells that are finished now.</summary>
    public async Task<CellSource> OpenAsync(string jobId, int total, CancellationToken cancellation) =>
        Open(total, (await FinishedAsync(jobId, cancellation)).Values);

    /// <summary>The payloads of some finished cells.</summary>
    public CellSource Open(int total, IEnumerable<CellRow> finished) => new(total, finished.ToDictionary(c => c.Position, c => c), files, checks);

    private static CellView View(CellRow row) => new(row.Sequence, row.Position, row.Key, row.Message, row.FinishedAt);
}

/// <summary>Finished cells as files: a snapshot of one moment.</summary>
internal sealed class CellSource(int count, Dictionary<int, CellRow> finished, FileStore files, FileChecks checks) : ICellSource
{
    /// <inheritdoc/>
    public int Count => count;

    /// <summary>How many of them are finished.</summary>
    public int Finished => finished.Count;

    /// <inheritdoc/>
    /// <exception cref="Errors.DamagedException">The payload is not what was stored.</exception>
    public Stream? Open(int index)
    {
        if (!finished.TryGetValue(index, out var cell))
        {
            return null;
        }

        var path = files.PathOf(cell.Sha256);
        checks.Require(path, cell.Sha256, $"The cell '{cell.Key}' of the job '{cell.JobId}'", "The job computes it again when it is retried; one that has succeeded has to be submitted again.");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
    }
}
