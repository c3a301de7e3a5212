using System.Text.Json;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments;

/// <summary>What the server lends to one attempt at a job.</summary>
public interface IJobContext
{
    /// <summary>The job's id; the same in every attempt.</summary>
    string JobId { get; }

    /// <summary>The job's name, for naming what it makes.</summary>
    string Name { get; }

    /// <summary>The cells that were finished before this attempt began.</summary>
    ICellSource Finished { get; }

    /// <summary>
    /// A folder of this job alone, for what the next attempt goes on from (checkpoints). It exists, survives a killed
    /// server, and goes when the job has succeeded or is deleted. A file in it counts only if it was written under another
    /// name, flushed and renamed.
    /// </summary>
    string Folder { get; }

    /// <summary>Outputs of networks that this and earlier jobs computed.</summary>
    IValueCache Values { get; }

    /// <summary>Measured batch sizes of networks, kept across jobs; null measures none.</summary>
    ISpeedMemory? Speed => null;

    /// <summary>Registers a model that the job made. The same bytes again give the model that is there already.</summary>
    /// <param name="name">What a person reads, e.g. <c>training run, epoch 4</c>.</param>
    /// <param name="onnx">The ONNX file.</param>
    /// <param name="cancellation">Stops the registration; the model is there or not.</param>
    /// <exception cref="ModelRejectedException">It is not a model the lab takes.</exception>
    Task<CatalogModel> RegisterModelAsync(string name, ReadOnlyMemory<byte> onnx, CancellationToken cancellation);

    /// <summary>
    /// Queues a job that belongs to this one. The same role again gives the job that is there already, in whatever state,
    /// also after a crash. It is cancelled and retried with this job, and cannot be deleted before this job is finished.
    /// </summary>
    /// <param name="role">What the child is to this job, e.g. <c>baseline-1</c>: each once.</param>
    /// <param name="kind">Kind of experiment.</param>
    /// <param name="name">What a person reads.</param>
    /// <param name="spec">What it computes.</param>
    /// <param name="cancellation">Stops; the child is queued or not.</param>
    /// <exception cref="SpecException">The spec is wrong.</exception>
    Task<CatalogJob> StartChildAsync(string role, string kind, string name, JsonElement spec, CancellationToken cancellation);

    /// <summary>Cancels the jobs that belong to this one and have not ended: their finished cells stay, and a retry of this job takes them up.</summary>
    /// <param name="cancellation">Stops; some may be cancelled by then.</param>
    Task CancelChildrenAsync(CancellationToken cancellation);
}
