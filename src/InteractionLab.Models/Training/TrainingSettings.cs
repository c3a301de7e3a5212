using InteractionLab.Models.Masking;

namespace InteractionLab.Models.Training;

/// <summary>Random changes of the training pictures, drawn anew each epoch.</summary>
public sealed record AugmentSettings
{
    /// <summary>Pixels of zero padding on each side before a random crop of the picture's own size; 0 for none.</summary>
    public int Crop { get; init; }

    /// <summary>Mirrors a picture left to right with probability 1/2.</summary>
    public bool Flip { get; init; }
}

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
    public AugmentSettings Augment { get; init; } = new();

    /// <summary>ε of label smoothing (Szegedy et al. 2016), 0 to below 1: the target is 1-ε on the label plus ε spread evenly over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Names every random choice: the order of samples and the augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>Where it runs.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;
}
