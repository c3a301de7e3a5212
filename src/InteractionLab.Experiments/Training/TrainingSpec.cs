using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Outputs;
using InteractionLab.Models.Training.Terms;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>Trains a network and keeps it as models at chosen epochs.</summary>
public sealed record TrainingSpec : IModelFields
{
    /// <summary>A network of the zoo, built and initialised with <see cref="Seed"/>; either this or <see cref="Model"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ZooArchitecture? Architecture { get; init; }

    /// <summary>Id of a registered model to train further.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    /// <summary>What the inputs of <see cref="Model"/> are fed with, by name, where their names do not say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, InputRole>? Inputs { get; init; }

    /// <summary>Which of <see cref="Model"/>'s outputs holds the scores of the classes; null leaves the choice to the lab, which says it in a note.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }

    /// <summary>What the output's numbers are; null goes by what the graph ends in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputAs? OutputAs { get; init; }

    /// <summary>Training samples, with labels.</summary>
    public SplitSpec Train { get; init; } = new();

    /// <summary>Test samples, with labels.</summary>
    public SplitSpec Test { get; init; } = new();

    /// <summary>Passes over the training samples, of each round where there is <see cref="Prune"/>.</summary>
    public int Epochs { get; init; }

    /// <summary>Samples a step.</summary>
    public int BatchSize { get; init; }

    /// <summary>The update rule.</summary>
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>The learning rate over time.</summary>
    public ScheduleSpec Schedule { get; init; } = new();

    /// <summary>Augmentation of training pictures.</summary>
    public AugmentSpec Augment { get; init; } = new(0, false);

    /// <summary>ε of label smoothing, 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Names every random choice: initialisation, order of samples, augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>The epochs whose network is kept as a model: <c>"every"</c> or a list; 0 is the network before training.</summary>
    public SnapshotEpochs Snapshots { get; init; } = SnapshotEpochs.All;

    /// <summary>Where it runs.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>Iterative magnitude pruning with learning-rate rewinding; null trains the dense network alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PruneSpec? Prune { get; init; }

    /// <summary>Losses that push interactions to low, middle or high orders (method.md §5); <c>"low"</c>, <c>"mid"</c> and <c>"high"</c> stand for the paper's variants.</summary>
    public IReadOnlyList<Modulation> Modulation { get; init; } = [];

    /// <summary>The penalty on interactions that do not generalize; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PenaltySpec? Penalty { get; init; }

    /// <summary>The players that <see cref="Modulation"/> and <see cref="Penalty"/> mask: default 8 x 8 patches of a picture, or every column of a row.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PlayersSpec? Players { get; init; }

    /// <summary>What their absent cells become; default the mean of the training dataset.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BaselineSpec? Baseline { get; init; }

    /// <summary>Whether anything is masked in training.</summary>
    internal bool Masks => Modulation.Count > 0 || Penalty is not null;

    /// <summary>Rounds of training: one, and one after each pruning.</summary>
    internal int Rounds => 1 + (Prune?.Rounds ?? 0);

    /// <summary>Epochs of all rounds together.</summary>
    internal int TotalEpochs => Epochs * Rounds;

    /// <summary>Whether the network at the end of an epoch is kept: where asked for, and at the end of each round of pruning.</summary>
    internal bool IsSnapshot(int epoch) => Snapshots.Contains(epoch) || (Prune is not null && epoch > 0 && epoch % Epochs == 0);
}

/// <summary>Some samples of a dataset.</summary>
public sealed record SplitSpec
{
    /// <summary>Id of the dataset.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>Which samples; absent for all of them.</summary>
    public SampleSelection? Samples { get; init; }
}

/// <summary>Random changes of the training pictures, drawn anew each epoch.</summary>
/// <param name="Crop">Black pixels added on every side before a window of the old size is cut out at random; 0 for none.</param>
/// <param name="Flip">Whether half of the pictures are mirrored left to right.</param>
public sealed record AugmentSpec(int Crop, bool Flip)
{
    /// <summary>As batches take it.</summary>
    internal Augmentation Settings => new(Crop, Flip);
}

/// <summary>
/// Rounds of pruning (method.md §6): train; set the smallest remaining weights of the whole network to zero for good;
/// train again from the present weights with the whole schedule; until the target is reached.
/// </summary>
/// <param name="Rate">Share of the remaining weights pruned in a round, 0..1 exclusive.</param>
/// <param name="Target">The sparsity to reach: the last round is the first at or above it.</param>
public sealed record PruneSpec(double Rate, double Target)
{
    // A target that is a rung of the ladder is met by that rung, whatever the last bits of the powers.
    private const double Slack = 1e-9;

    /// <summary>
    /// How many times the network is pruned and trained again: the smallest r with 1 - (1 - rate)^r at or above the target.
    /// Counted to one above the most epochs a job may have: that many rounds are refused, and a tiny rate would need more than anyone can count.
    /// </summary>
    internal int Rounds
    {
        get
        {
            var rounds = 1;
            for (var remaining = 1 - Rate; rounds <= TrainingSpecReader.MostEpochs && 1 - remaining < Target - Slack; remaining *= 1 - Rate)
            {
                rounds++;
            }

            return rounds;
        }
    }
}
