using InteractionLab.Experiments;
using InteractionLab.Server.Errors;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>
/// The link between jobs and what they read: an input cannot go while a job may still read it. That is every job but
/// those that succeeded: a failed or cancelled one reads its inputs again for a retry and for its partial result.
/// </summary>
internal static class JobInputs
{
    private const int Named = 3;

    /// <summary>Deletes a model or dataset row unless a job that has not succeeded reads it.</summary>
    /// <exception cref="ConflictException">One does.</exception>
    /// <exception cref="NotFoundException">Somebody else deleted it meanwhile.</exception>
    public static Task DeleteInputAsync<TRow>(LabDb db, DiskReserve disk, string type, string id, IQueryable<TRow> row, CancellationToken cancellation) =>
        disk.EssentialAsync(() => DeleteRowAsync(db, type, id, row, cancellation));

    private static async Task<bool> DeleteRowAsync<TRow>(LabDb db, string type, string id, IQueryable<TRow> row, CancellationToken cancellation)
    {
        // Guarantee: SQLite has one writer and this transaction takes that place at once, and so does the one that
        // inserts a job, so no job can be queued on the input between the question and the deletion.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await RequireUnusedAsync(db, type, id, cancellation);
        if (await row.ExecuteDeleteAsync(cancellation) == 0)
        {
            throw new NotFoundException(type, id);
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Inside the transaction that deletes an input: no job that has not succeeded may read it.</summary>
    /// <exception cref="ConflictException">One does.</exception>
    public static async Task RequireUnusedAsync(LabDb db, string type, string id, CancellationToken cancellation)
    {
        // A study reads what its finished jobs made, and a follower what the job it follows does.
        var readers = db.JobInputs.Where(i => i.Type == type && i.InputId == id).Select(i => i.JobId);
        var through = db.JobInputs.Where(i => i.Type == JobInputRow.Job && readers.Contains(i.InputId)).Select(i => i.JobId);
        var users = await db.Jobs
            .Where(j => j.State != "succeeded" && (readers.Contains(j.Id) || through.Contains(j.Id))).OrderByDescending(j => j.Sequence)
            .Select(j => new { j.Id, j.State }).ToListAsync(cancellation);
        if (users.Count > 0)
        {
            var named = string.Join(", ", users.Take(Named).Select(u => $"'{u.Id}' ({u.State})"));
            var more = users.Count > Named ? $" and {users.Count - Named} more" : "";
            throw new ConflictException(users.Count == 1
                ? $"Job {named} still uses this {type}. Delete the job first."
                : $"Jobs {named}{more} still use this {type}. Delete the jobs first.");
        }
    }

    /// <summary>Inside the transaction that inserts a job: everything it reads must still be there.</summary>
    /// <exception cref="ConflictException">Something was deleted meanwhile.</exception>
    public static async Task RequireAsync(LabDb db, string jobId, IExperimentPlan plan, CancellationToken cancellation)
    {
        foreach (var id in plan.Models.Distinct())
        {
            Require(await db.Models.AnyAsync(m => m.Id == id, cancellation), db, jobId, JobInputRow.Model, id);
        }

        foreach (var id in plan.Datasets.Distinct())
        {
            Require(await db.Datasets.AnyAsync(d => d.Id == id, cancellation), db, jobId, JobInputRow.Dataset, id);
        }

        foreach (var id in plan.Jobs.Distinct())
        {
            Require(await db.Jobs.AnyAsync(j => j.Id == id, cancellation), db, jobId, JobInputRow.Job, id);
        }
    }

    /// <summary>A model that a job made counts among those it reads: until the job has succeeded its result may still name it.</summary>
    public static async Task KeepAsync(LabDb db, string jobId, string modelId, CancellationToken cancellation)
    {
        // The one place for a writer is taken before the questions: neither answer changes until the row is in.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.Models.AnyAsync(m => m.Id == modelId, cancellation)
            && !await db.JobInputs.AnyAsync(i => i.JobId == jobId && i.Type == JobInputRow.Model && i.InputId == modelId, cancellation))
        {
            db.JobInputs.Add(new JobInputRow { JobId = jobId, Type = JobInputRow.Model, InputId = modelId });
            await db.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>What a job reads must still be there for it to run again.</summary>
    /// <exception cref="ConflictException">Something was deleted.</exception>
    public static async Task RequireForRetryAsync(LabDb db, string jobId, CancellationToken cancellation)
    {
        var inputs = await db.JobInputs.AsNoTracking().Where(i => i.JobId == jobId).ToListAsync(cancellation);
        foreach (var input in inputs)
        {
            var exists = input.Type switch
            {
                JobInputRow.Model => await db.Models.AnyAsync(m => m.Id == input.InputId, cancellation),
                JobInputRow.Dataset => await db.Datasets.AnyAsync(d => d.Id == input.InputId, cancellation),
                _ => await db.Jobs.AnyAsync(j => j.Id == input.InputId, cancellation),
            };
            if (!exists)
            {
                throw new ConflictException($"The {input.Type} '{input.InputId}' was deleted; the job cannot be retried.");
            }
        }
    }

    private static void Require(bool exists, LabDb db, string jobId, string type, string id)
    {
        if (!exists)
        {
            throw new ConflictException($"The {type} '{id}' was deleted.");
        }

        db.JobInputs.Add(new JobInputRow { JobId = jobId, Type = type, InputId = id });
    }
}
