using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>Follows the interactions of a network through training, beside networks trained on the testing split (method.md §4).</summary>
public sealed record TrainingDynamicsSpec
{
    /// <summary>The network at some epochs, by rising epoch; either this or <see cref="TrainingJob"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SnapshotSpec>? Snapshots { get; init; }

    /// <summary>Id of a training job whose snapshots are followed, also while it trains.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TrainingJob { get; init; }

    /// <summary>Ids of the references: models trained on the testing split. 1..K of them, in the order in which they are added up.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Training samples.</summary>
    public SplitSpec Train { get; init; } = new();

    /// <summary>Testing samples.</summary>
    public SplitSpec Test { get; init; } = new();

    /// <summary>The players: at most <see cref="SpecLimits.MostPlayers"/>.</summary>
    public PlayersSpec? Players { get; init; }

    /// <summary>The tensor that is masked; null for the input.</summary>
    public string? Cut { get; init; }

    /// <summary>What absent cells become; <c>dataset-mean</c> is the mean of the training dataset, for both splits.</summary>
    public BaselineSpec? Baseline { get; init; }

    /// <summary>What cells of no player do.</summary>
    public OutsideKind Outside { get; init; }

    /// <summary>What v is; its target is the label (default) or a class, the same for every network.</summary>
    public ValueSpec? Value { get; init; }

    /// <summary>How games are decomposed.</summary>
    public InteractionsSpec Interactions { get; init; } = new();

    /// <summary>Which interactions count; each network's τ comes from its own outputs on all samples.</summary>
    public SalienceSpec Salience { get; init; } = new();

    /// <summary>The orders of H̄_low and H̄_high.</summary>
    public OrderLimits Limits { get; init; } = new();

    /// <summary>r: phase 2 ends where δ_g &lt; r·δ_n.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>The share of Σ|I| that the interactions counted by N̄ hold.</summary>
    public double Share { get; init; } = 0.8;

    /// <summary>What runs the networks.</summary>
    public ExecutorKind Executor { get; init; } = ExecutorKind.Onnxruntime;

    /// <summary>Where they run.</summary>
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    /// <summary>Rows per run, or <c>auto</c>.</summary>
    public NumberOrWord Batch { get; init; } = NumberOrWord.Of("auto");

    /// <summary>The seed of every random choice that names none of its own.</summary>
    public long Seed { get; init; }
}

/// <summary>The network at one epoch.</summary>
/// <param name="Epoch">The epoch, each once; 0 is the network before training.</param>
/// <param name="Model">Id of the model.</param>
public sealed record SnapshotSpec(int Epoch, string Model);

/// <summary>Ranges of orders, both ends included; orders above n are simply absent.</summary>
public sealed record OrderLimits
{
    /// <summary>The low orders.</summary>
    public IReadOnlyList<int> LowOrders { get; init; } = [1, 2];

    /// <summary>The high orders.</summary>
    public IReadOnlyList<int> HighOrders { get; init; } = [6, 10];
}
