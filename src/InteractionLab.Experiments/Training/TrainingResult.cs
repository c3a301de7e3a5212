using System.Text.Json.Serialization;

namespace InteractionLab.Experiments.Training;

/// <summary>The result of a training job. Equal runs differ in nothing but <c>seconds</c>, <see cref="TrainingResult.Timings"/> and notes of recovery.</summary>
public sealed record TrainingResult
{
    /// <summary>One entry a finished epoch; the first, epoch 0, is the network before training.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>The registered models, by epoch. They belong to the user: deleting the job leaves them.</summary>
    public required IReadOnlyList<SnapshotResult> Snapshots { get; init; }

    /// <summary>One entry a finished round of pruning with rewinding; empty without <c>prune</c>.</summary>
    public required IReadOnlyList<RoundResult> Rounds { get; init; }

    /// <summary>How long it took.</summary>
    public required TrainingTimings Timings { get; init; }

    /// <summary>Finished cells: epoch 0 and one an epoch.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>One epoch of training.</summary>
public sealed record EpochResult
{
    /// <summary>0 for the network before training, then counted through all rounds.</summary>
    public required int Epoch { get; init; }

    /// <summary>0 for the dense network, r after the r-th pruning.</summary>
    public required int Round { get; init; }

    /// <summary>
    /// Cross-entropy (with label smoothing where asked for) averaged over the epoch's samples as each batch met the network
    /// of its step, augmented; at epoch 0 the network in inference mode on the plain samples.
    /// </summary>
    public required double TrainLoss { get; init; }

    /// <summary>Share of training samples classified correctly, measured as <see cref="TrainLoss"/> is.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Cross-entropy, without smoothing, of the network at the end of the epoch in inference mode on the test samples.</summary>
    public required double TestLoss { get; init; }

    /// <summary>Share of test samples classified correctly.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>The learning rate of the epoch's last step; null at epoch 0.</summary>
    public required double? LearningRate { get; init; }

    /// <summary>Share of the prunable weights that are zero by pruning; null without <c>prune</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Sparsity { get; init; }

    /// <summary>The additional loss terms, averaged over the epoch's steps; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TermResult>? Terms { get; init; }

    /// <summary>Wall-clock seconds of the epoch, evaluation included.</summary>
    public required double Seconds { get; init; }
}

/// <summary>An additional loss term over one epoch.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Weight">λ.</param>
/// <param name="Value">Its mean over the epoch's steps, before λ.</param>
/// <param name="Seconds">Wall-clock seconds that evaluating it took, its gradient not counted.</param>
public sealed record TermResult(string Name, double Weight, double Value, double Seconds);

/// <summary>A network kept as a model.</summary>
/// <param name="Epoch">The epoch at whose end it was taken.</param>
/// <param name="Round">The round of pruning; 0 for the dense network.</param>
/// <param name="Sparsity">Share of the prunable weights that are zero by pruning; null without <c>prune</c>.</param>
/// <param name="Model">Id of the registered model.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">SHA-256 of its file.</param>
/// <param name="TestAccuracy">Its share of test samples classified correctly.</param>
public sealed record SnapshotResult(
    int Epoch, int Round, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Sparsity, string Model, string Name, string Sha256, double TestAccuracy);

/// <summary>A finished round of pruning with rewinding.</summary>
/// <param name="Round">0 for the dense network.</param>
/// <param name="Sparsity">Share of the prunable weights that were zero while it trained.</param>
/// <param name="Epoch">Its last epoch.</param>
/// <param name="TestLoss">Test loss at its end.</param>
/// <param name="TestAccuracy">Test accuracy at its end.</param>
/// <param name="Model">Id of the registered model.</param>
public sealed record RoundResult(int Round, double Sparsity, int Epoch, double TestLoss, double TestAccuracy, string Model);

/// <summary>How long training took.</summary>
/// <param name="Steps">Steps of the optimizer in the finished epochs.</param>
/// <param name="StepSeconds">Seconds of those steps, batches and updates included, evaluation excluded.</param>
/// <param name="StepsPerSecond">Steps a second; null before the first.</param>
/// <param name="EvaluationSeconds">Seconds spent on test samples.</param>
public sealed record TrainingTimings(long Steps, double StepSeconds, double? StepsPerSecond, double EvaluationSeconds);
