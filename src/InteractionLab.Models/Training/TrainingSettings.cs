using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;

namespace InteractionLab.Models.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes over the training samples in one round, at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Samples a step, at least 1; the last step of an epoch takes what is left.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The update rule.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>The learning rate over time.</summary>
    public ScheduleSettings Schedule { get; init; } = new();

    /// <summary>Augmentation of pictures.</summary>
    public Augmentation Augment { get; init; } = Augmentation.None;

    /// <summary>ε of label smoothing (Szegedy et al. 2016), 0 to below 1: the target is 1-ε on the label plus ε spread evenly over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Names every random choice: the order of samples and the augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>Where it runs.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>
    /// Iterative magnitude pruning with learning-rate rewinding: the share of the remaining weights that is pruned
    /// after each round of <see cref="Epochs"/>; null trains one round.
    /// </summary>
    public double? PruneRate { get; init; }
}
