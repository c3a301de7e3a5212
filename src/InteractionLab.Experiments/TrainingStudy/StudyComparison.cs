namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>Which of the two trainings.</summary>
public enum StudyVariant
{
    /// <summary>The target.</summary>
    Plain,

    /// <summary>The same training with the penalty.</summary>
    Penalty,
}

/// <summary>What one of the two trainings gave. A number is null where it was not measured, or not yet.</summary>
public sealed record StudyComparison
{
    /// <summary>Which.</summary>
    public required StudyVariant Variant { get; init; }

    /// <summary>H̄ of the analysed samples.</summary>
    public required StudyGeneralization Generalization { get; init; }

    /// <summary>Share of the testing split classified correctly at the end.</summary>
    public required double? TestAccuracy { get; init; }

    /// <summary>Share of the training split classified correctly over the last epoch, as its batches went by.</summary>
    public required double? TrainAccuracy { get; init; }

    /// <summary>
    /// Test loss at the end minus training loss over the last epoch, of the whole splits, penalty not counted; null with label
    /// smoothing, which only the training loss has.
    /// </summary>
    public required double? LossGap { get; init; }

    /// <summary>Accuracy on the testing split of the last network pruned, by rising ratio; empty where not measured.</summary>
    public required IReadOnlyList<PrunedAccuracy> PrunedAccuracy { get; init; }

    /// <summary>Mean wall-clock seconds of an epoch, evaluation included, epoch 0 left out.</summary>
    public required double? SecondsPerEpoch { get; init; }

    /// <summary>Wall-clock seconds that evaluating the penalty took in all epochs, its gradient not counted; null without one.</summary>
    public required double? PenaltySeconds { get; init; }

    /// <summary>The penalty before λ, the mean over the last epoch's steps; null without one.</summary>
    public required double? PenaltyValue { get; init; }

    /// <summary>Forward passes that training counted as, the penalty's among them (docs/training.md, Cost).</summary>
    public required long? Passes { get; init; }

    /// <summary>Snapshot by snapshot.</summary>
    public required IReadOnlyList<StudyCourse> Course { get; init; }
}

/// <summary>H̄ of one training.</summary>
/// <param name="Last">At the last snapshot.</param>
/// <param name="Highest">The highest of all snapshots.</param>
public sealed record StudyGeneralization(double? Last, double? Highest);

/// <summary>Accuracy after pruning.</summary>
/// <param name="Ratio">The ratio asked for.</param>
/// <param name="Accuracy">Share of the testing split classified correctly.</param>
public sealed record PrunedAccuracy(double Ratio, double? Accuracy);

/// <summary>One snapshot.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Generalization">H̄.</param>
/// <param name="Count">N̄.</param>
/// <param name="TestAccuracy">Share of the testing split classified correctly.</param>
public sealed record StudyCourse(int Epoch, double? Generalization, double Count, double? TestAccuracy);
