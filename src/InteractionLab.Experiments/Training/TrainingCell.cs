using InteractionLab.Experiments.Cells;
using InteractionLab.Models.Training;

namespace InteractionLab.Experiments.Training;

/// <summary>The payload of an epoch's cell.</summary>
internal sealed record TrainingCell
{
    /// <summary>Its line of the result.</summary>
    public required EpochResult Epoch { get; init; }

    /// <summary>The model registered at its end; null where none was asked for.</summary>
    public SnapshotResult? Snapshot { get; init; }

    /// <summary>Steps of the optimizer.</summary>
    public required int Steps { get; init; }

    /// <summary>Seconds of those steps.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Seconds of the evaluation.</summary>
    public required double EvaluationSeconds { get; init; }

    /// <summary>What the attempt that computed it noted.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The cell of an epoch.</summary>
    public static TrainingCell Of(EpochMetrics metrics, bool prunes, IReadOnlyList<string> notes) => new()
    {
        Epoch = new EpochResult
        {
            Epoch = metrics.Epoch,
            Round = metrics.Round,
            TrainLoss = metrics.TrainLoss,
            TrainAccuracy = metrics.TrainAccuracy,
            TestLoss = metrics.TestLoss,
            TestAccuracy = metrics.TestAccuracy,
            LearningRate = metrics.LearningRate,
            Sparsity = prunes ? metrics.Sparsity : null,
            Terms = metrics.Terms.Count == 0 ? null : [.. metrics.Terms.Select(term => new TermResult(term.Name, term.Weight, term.Value, term.Seconds))],
            Seconds = (metrics.StepTime + metrics.EvaluationTime).TotalSeconds,
        },
        Steps = metrics.Steps,
        StepSeconds = metrics.StepTime.TotalSeconds,
        EvaluationSeconds = metrics.EvaluationTime.TotalSeconds,
        Notes = notes,
    };

    /// <summary>The bytes to commit.</summary>
    public byte[] ToBytes() => CellFile.Write(this);

    /// <summary>Every finished cell, in order.</summary>
    /// <exception cref="InvalidDataException">One is damaged.</exception>
    public static IEnumerable<TrainingCell> ReadAll(ICellSource cells, CancellationToken cancellation)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(i);
            if (stream is not null)
            {
                yield return CellFile.Named(i, () => CellFile.Read<TrainingCell>(stream).Content);
            }
        }
    }
}
