namespace InteractionLab.Models.Training;

/// <summary>What one epoch gave.</summary>
public sealed record EpochMetrics
{
    /// <summary>0 for the network before training, then counted through all rounds.</summary>
    public required int Epoch { get; init; }

    /// <summary>The round of pruning; 0 for the dense network.</summary>
    public required int Round { get; init; }

    /// <summary>Mean training loss over the epoch's samples, each by the network of its step; at epoch 0 in inference mode.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Share of training samples classified correctly, measured as <see cref="TrainLoss"/> is.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Mean cross-entropy on the test samples in inference mode, without smoothing.</summary>
    public required double TestLoss { get; init; }

    /// <summary>Share of test samples classified correctly.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>The learning rate of the last step; null at epoch 0.</summary>
    public required double? LearningRate { get; init; }

    /// <summary>Share of the prunable weights held at zero.</summary>
    public required double Sparsity { get; init; }

    /// <summary>Mean over the epoch's steps of every additional loss term with a weight above 0, before λ, and the wall-clock seconds that evaluating it took (its gradient is taken with the others').</summary>
    public required IReadOnlyList<(string Name, double Weight, double Value, double Seconds)> Terms { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>The work in forward passes of one sample: three for a sample of a step, one for a sample evaluated, and what the terms take.</summary>
    public required long Passes { get; init; }

    /// <summary>Wall-clock time of the steps, batches and updates included.</summary>
    public required TimeSpan StepTime { get; init; }

    /// <summary>Wall-clock time of the evaluation.</summary>
    public required TimeSpan EvaluationTime { get; init; }

    /// <summary>What is odd about these numbers.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
