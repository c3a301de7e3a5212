using InteractionLab.Server.Errors;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Store;

/// <summary>The link between jobs and what they read: an input cannot go while an unfinished job needs it.</summary>
internal static class JobInputs
{
    /// <summary>Deletes a model or dataset row unless an unfinished job reads it.</summary>
    /// <exception cref="ConflictException">One does.</exception>
    /// <exception cref="NotFoundException">Somebody else deleted it meanwhile.</exception>
    public static async Task DeleteInputAsync(LabDb db, string type, string id, string deleteSql, CancellationToken cancellation)
    {
        // Guarantee: SQLite has one writer and this transaction takes that place at once, and so does the one that
        // inserts a job, so no job can be queued on the input between the question and the deletion.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        List<string> unfinished = ["queued", "running", "cancelling"];
        var user = await db.JobInputs.Where(i => i.Type == type && i.InputId == id)
            .Join(db.Jobs, i => i.JobId, j => j.Id, (i, j) => j)
            .Where(j => unfinished.Contains(j.State)).Select(j => j.Id).FirstOrDefaultAsync(cancellation);
        if (user is not null)
        {
            throw new ConflictException($"Job '{user}' is not finished and reads this {type}. Cancel it first.");
        }

        if (await db.Database.ExecuteSqlRawAsync(deleteSql, [id], cancellation) == 0)
        {
            throw new NotFoundException(type, id);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Inside the transaction that inserts a job: everything it reads must still be there.</summary>
    /// <exception cref="ConflictException">Something was deleted meanwhile.</exception>
    public static async Task RequireAsync(LabDb db, string jobId, IReadOnlyList<string> models, IReadOnlyList<string> datasets, CancellationToken cancellation)
    {
        foreach (var id in models.Distinct())
        {
            Require(await db.Models.AnyAsync(m => m.Id == id, cancellation), db, jobId, JobInputRow.Model, id);
        }

        foreach (var id in datasets.Distinct())
        {
            Require(await db.Datasets.AnyAsync(d => d.Id == id, cancellation), db, jobId, JobInputRow.Dataset, id);
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
