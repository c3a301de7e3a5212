namespace InteractionLab.Experiments.Training;

/// <summary>The result of a training job from its finished cells.</summary>
internal static class TrainingReport
{
    /// <summary>Builds result and tables.</summary>
    public static ExperimentOutput Build(ICellSource source, TrainingSpec spec, IReadOnlyList<string> planNotes, CancellationToken cancellation)
    {
        var cells = TrainingCell.ReadAll(source, cancellation).ToArray();
        var steps = cells.Sum(cell => (long)cell.Steps);
        var seconds = cells.Sum(cell => cell.StepSeconds);
        var result = new TrainingResult
        {
            Epochs = [.. cells.Select(cell => cell.Epoch)],
            Snapshots = [.. cells.Select(cell => cell.Snapshot).OfType<SnapshotResult>()],
            Rounds = spec.Prune is null ? [] : [.. cells.Where(cell => cell.Epoch.Epoch > 0 && cell.Epoch.Epoch % spec.Epochs == 0 && cell.Snapshot is not null).Select(Round)],
            Timings = new TrainingTimings(steps, seconds, seconds > 0 ? steps / seconds : null, cells.Sum(cell => cell.EvaluationSeconds)),
            Finished = cells.Length,
            Total = source.Count,
            Notes = [.. planNotes.Concat(cells.SelectMany(cell => cell.Notes)).Distinct()],
        };
        return new ExperimentOutput(result, Tables(result), []);
    }

    private static RoundResult Round(TrainingCell cell) =>
        new(cell.Epoch.Round, cell.Epoch.Sparsity ?? 0, cell.Epoch.Epoch, cell.Epoch.TestLoss, cell.Epoch.TestAccuracy, cell.Snapshot!.Model);

    private static IReadOnlyList<ResultTable> Tables(TrainingResult result) =>
    [
        new("epochs", ["epoch", "round", "trainLoss", "trainAccuracy", "testLoss", "testAccuracy", "learningRate", "sparsity", "seconds"],
            [.. result.Epochs.Select(epoch => Row(epoch.Epoch, epoch.Round, epoch.TrainLoss, epoch.TrainAccuracy, epoch.TestLoss, epoch.TestAccuracy, epoch.LearningRate, epoch.Sparsity, epoch.Seconds))]),
        new("terms", ["epoch", "term", "weight", "value"],
            [.. result.Epochs.SelectMany(epoch => (epoch.Terms ?? []).Select(term => Row(epoch.Epoch, term.Name, term.Weight, term.Value)))]),
        new("snapshots", ["epoch", "round", "sparsity", "testAccuracy", "model", "name", "sha256"],
            [.. result.Snapshots.Select(snapshot => Row(snapshot.Epoch, snapshot.Round, snapshot.Sparsity, snapshot.TestAccuracy, snapshot.Model, snapshot.Name, snapshot.Sha256))]),
    ];

    private static IReadOnlyList<object?> Row(params IReadOnlyList<object?> values) => values;
}
