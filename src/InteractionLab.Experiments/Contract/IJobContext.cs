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

    /// <summary>Registers a model that the job made. The same bytes again give the model that is there already.</summary>
    /// <param name="name">What a person reads, e.g. <c>training run, epoch 4</c>.</param>
    /// <param name="onnx">The ONNX file.</param>
    /// <param name="cancellation">Stops the registration; the model is there or not.</param>
    /// <exception cref="ModelRejectedException">It is not a model the lab takes.</exception>
    Task<CatalogModel> RegisterModelAsync(string name, ReadOnlyMemory<byte> onnx, CancellationToken cancellation);
}
