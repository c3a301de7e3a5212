using InteractionLab.Experiments;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>The finished cells of jobs.</summary>
internal sealed class CellStore(IDbContextFactory<LabDb> store, FileStore files, Manifests manifests, TimeProvider time)
{
    /// <summary>Commits a cell. When this returns, the cell is on disk and will never be computed again.</summary>
    public async Task<CellView> CommitAsync(JobRow job, int position, string key, CellPayload payload, CancellationToken cancellation)
    {
        // Checkpoint 1: the payload is on disk under the hash of its bytes. A crash from here to checkpoint 2 leaves a
        // file that no row refers to; the next start sets it aside and the cell is computed again.
        using var pin = await files.PutAsync(payload.Bytes, cancellation);
        await using var db = await store.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var sequence = await db.Cells.CountAsync(c => c.JobId == job.Id, cancellation) + 1;
        var row = new CellRow
        {
            JobId = job.Id,
            Position = position,
            Sequence = sequence,
            Key = key,
            Sha256 = pin.Sha256,
            SizeBytes = payload.Bytes.Length,
            Message = payload.Message,
            Attempt = job.Attempts,
            FinishedAt = time.Now(),
        };
        db.Cells.Add(row);
        await db.SaveChangesAsync(cancellation);
        await db.Jobs.Where(j => j.Id == job.Id).ExecuteUpdateAsync(set => set.SetProperty(j => j.Done, sequence).SetProperty(j => j.Recoveries, 0).SetProperty(j => j.Message, payload.Message), cancellation);
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

    /// <summary>The payloads of the cells that are finished now.</summary>
    public async Task<CellSource> OpenAsync(string jobId, int total, CancellationToken cancellation)
    {
        var finished = await FinishedAsync(jobId, cancellation);
        return new CellSource(total, finished.ToDictionary(c => c.Key, c => files.PathOf(c.Value.Sha256)));
    }

    private static CellView View(CellRow row) => new(row.Sequence, row.Position, row.Key, row.Message, row.FinishedAt);
}

/// <summary>Finished cells as files: a snapshot of one moment.</summary>
internal sealed class CellSource(int count, Dictionary<int, string> paths) : ICellSource
{
    /// <inheritdoc/>
    public int Count => count;

    /// <summary>How many of them are finished.</summary>
    public int Finished => paths.Count;

    /// <inheritdoc/>
    public Stream? Open(int index) =>
        paths.TryGetValue(index, out var path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete) : null;
}
