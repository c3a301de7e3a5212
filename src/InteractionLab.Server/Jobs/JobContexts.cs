using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Execution;
using InteractionLab.Server.Models;
using InteractionLab.Server.Store;
using Microsoft.EntityFrameworkCore;

namespace InteractionLab.Server.Jobs;

/// <summary>What attempts at jobs are lent; a job's own files lie in <c>jobs/{id}/work</c>.</summary>
internal sealed class JobContexts(IDbContextFactory<LabDb> store, DataDirectory data, ModelService models, JobService jobs, IValueCache values, ILabCatalog catalog)
{
    /// <summary>The name of the folder of a job's own files in that of the job.</summary>
    public const string Folder = "work";

    /// <summary>Opens the context of an attempt.</summary>
    public IJobContext Open(string jobId, string name, ICellSource finished)
    {
        var folder = FolderOf(jobId);
        Directory.CreateDirectory(folder);
        return new JobContext(jobId, name, finished, folder, store, models, jobs, values, catalog);
    }

    /// <summary>Removes what a job that has its result kept for further attempts.</summary>
    public void Close(string jobId)
    {
        var folder = FolderOf(jobId);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string FolderOf(string jobId) => Path.Combine(data.Jobs, jobId, Folder);

    private sealed class JobContext(string jobId, string name, ICellSource finished, string folder, IDbContextFactory<LabDb> store, ModelService models, JobService jobs, IValueCache values, ILabCatalog catalog) : IJobContext
    {
        public string JobId => jobId;

        public string Name => name;

        public ICellSource Finished => finished;

        public string Folder => folder;

        public IValueCache Values => values;

        public ISpeedMemory? Speed => catalog.Rates;

        public async Task<CatalogModel> RegisterModelAsync(string name, ReadOnlyMemory<byte> onnx, CancellationToken cancellation)
        {
            using var content = new MemoryStream(onnx.ToArray(), writable: false);
            var (model, _) = await models.AddAsync(content, Names.Fit(name), cancellation);
            await using var db = await store.CreateDbContextAsync(cancellation);
            await JobInputs.KeepAsync(db, jobId, model.Id, cancellation);
            return await catalog.FindModelAsync(model.Id, cancellation) ?? throw new ExperimentException($"The model '{name}' was deleted while the job ran.");
        }

        public async Task<CatalogJob> StartChildAsync(string role, string kind, string name, JsonElement spec, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            var child = await jobs.SubmitChildAsync(jobId, role, kind, Names.Fit(name), spec, cancellation);
            return await catalog.FindJobAsync(child, cancellation) ?? throw new ExperimentException($"The job '{name}' was deleted while this job ran.");
        }

        public Task CancelChildrenAsync(CancellationToken cancellation) => jobs.CancelChildrenAsync(jobId, cancellation);
    }
}
