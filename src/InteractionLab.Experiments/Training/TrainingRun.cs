using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Training;

namespace InteractionLab.Experiments.Training;

/// <summary>
/// One attempt at a training job. An epoch goes on from the network in memory, or from the newest sound checkpoint of the
/// attempts before, or from the start; all three give the same bits.
/// </summary>
internal sealed class TrainingRun(
    TrainingSpec spec, IJobContext context, Func<Trainer> create, Func<OnnxModel, OnnxModel> restore, IReadOnlyList<IDataset> datasets, RateMemory rates, string rateKey) : IExperimentRun
{
    private readonly List<string> _notes = [];
    private Trainer? _trainer;

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) =>
        Task.Run(() => NamedAsync(index, progress, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _trainer?.Dispose();
        foreach (var dataset in datasets)
        {
            dataset.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async Task<CellPayload> NamedAsync(int epoch, IProgress<double>? progress, CancellationToken cancellation)
    {
        try
        {
            return await RunAsync(epoch, progress, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TrainingException or ModelRejectedException)
        {
            throw new ExperimentException(exception.Message, exception);
        }
    }

    private async Task<CellPayload> RunAsync(int epoch, IProgress<double>? progress, CancellationToken cancellation)
    {
        var trainer = GoTo(Math.Max(epoch - 1, 0), cancellation);
        var metrics = epoch == 0 ? trainer.EvaluateInitial(progress, cancellation) : trainer.RunEpoch(progress, cancellation);

        // Guarantee: the checkpoint of this epoch is on disk before its cell can be committed, and the one before it is
        // still there, so whether or not the commit happens the next attempt finds where to go on.
        if (epoch > 0)
        {
            trainer.SaveCheckpoint(context.Folder);
        }

        var cell = TrainingCell.Of(metrics, spec.Prune is not null, [.. trainer.Notes, .. _notes, .. metrics.Notes]);
        _notes.Clear();
        if (spec.IsSnapshot(epoch))
        {
            cell = cell with { Snapshot = await RegisterAsync(trainer, cell.Epoch, cancellation).ConfigureAwait(false) };
        }

        rates.Record(rateKey, metrics.Passes, metrics.StepTime + metrics.EvaluationTime);
        return new CellPayload(cell.ToBytes(), Message(metrics));
    }

    /// <summary>The trainer at the end of an epoch.</summary>
    private Trainer GoTo(int epoch, CancellationToken cancellation)
    {
        if (_trainer?.Epoch == epoch && !_trainer.IsTorn)
        {
            return _trainer;
        }

        _trainer?.Dispose();
        _trainer = null;
        _trainer = create();
        if (epoch == 0)
        {
            return _trainer;
        }

        _trainer.RestoreCheckpoint(context.Folder, epoch, _notes.Add);
        var from = _trainer.Epoch;
        while (_trainer.Epoch < epoch)
        {
            _trainer.RunEpoch(null, cancellation);
            _trainer.SaveCheckpoint(context.Folder);
        }

        if (from < epoch)
        {
            _notes.Add(string.Create(CultureInfo.InvariantCulture, $"Epochs {from + 1} to {epoch} were computed again: no sound checkpoint was left after epoch {from}."));
        }

        return _trainer;
    }

    private async Task<SnapshotResult> RegisterAsync(Trainer trainer, EpochResult epoch, CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{context.Name} epoch {epoch.Epoch}");
        var model = await context.RegisterModelAsync(name, restore(trainer.Snapshot()).ToBytes(), cancellation).ConfigureAwait(false);
        return new SnapshotResult(epoch.Epoch, epoch.Round, epoch.Sparsity, model.Id, model.Name, model.Sha256, epoch.TestAccuracy);
    }

    private static string Message(EpochMetrics metrics)
    {
        var round = metrics.Round > 0 ? string.Create(CultureInfo.InvariantCulture, $" (round {metrics.Round}, sparsity {metrics.Sparsity:P1})") : "";
        return string.Create(CultureInfo.InvariantCulture, $"epoch {metrics.Epoch}{round}: train loss {metrics.TrainLoss:G4}, accuracy {metrics.TrainAccuracy:F3}; test loss {metrics.TestLoss:G4}, accuracy {metrics.TestAccuracy:F3}");
    }
}
