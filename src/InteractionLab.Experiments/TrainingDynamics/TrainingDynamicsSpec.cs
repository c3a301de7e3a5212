using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>
/// Follows the interactions of a network through training, beside networks trained on the testing split (method.md §4).
/// A <c>dataset-mean</c> baseline is the mean of the training dataset, for both splits. τ of each network comes from its own
/// outputs on all samples. The target of v is the label (default) or a class, the same for every network.
/// </summary>
public sealed record TrainingDynamicsSpec : GameSettings
{
    private const int MostReferences = 16;
    private const int HighestOrder = 64;

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

    /// <summary>How games are decomposed.</summary>
    public InteractionsSpec Interactions { get; init; } = new();

    /// <summary>Which interactions count.</summary>
    public SalienceSpec Salience { get; init; } = new();

    /// <summary>The orders of H̄_low and H̄_high.</summary>
    public OrderLimits Limits { get; init; } = new();

    /// <summary>r: phase 2 ends where δ_g &lt; r·δ_n.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>The share of Σ|I| that the interactions counted by N̄ hold.</summary>
    public double Share { get; init; } = 0.8;

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static TrainingDynamicsSpec Read(SpecObject fields)
    {
        var seed = ReadSeed(fields);
        var spec = new TrainingDynamicsSpec
        {
            Snapshots = SnapshotSpec.ReadAll(fields.Get("snapshots")),
            TrainingJob = fields.Get("trainingJob")?.AsText(),
            References = DistinctIds.Read(fields.Require("references"), MostReferences),
            Train = ReadSplit(fields.Require("train"), seed),
            Test = ReadSplit(fields.Require("test"), seed),
            Interactions = InteractionsSpec.Read(fields.Get("interactions")),
            Salience = SalienceSpec.Read(fields.Get("salience")),
            Limits = ReadLimits(fields.Get("limits")),
            Ratio = fields.Get("ratio")?.AsNumber(0, 1e6) ?? 1,
            Share = fields.Get("share")?.AsNumber(0, 1, excludeFrom: true) ?? 0.8,
        };
        if (fields.Has("snapshots") == fields.Has("trainingJob"))
        {
            fields.Fault("snapshots", "give either snapshots or trainingJob");
        }

        return ReadSettings(fields, spec);
    }

    private static SplitSpec ReadSplit(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new SplitSpec();
        }

        var split = new SplitSpec
        {
            Dataset = fields.Require("dataset")?.AsText() ?? string.Empty,
            Samples = SampleSelection.Read(fields.Require("samples"), seed),
        };
        if (split.Samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "the networks of a training run differ in what they classify correctly; name the samples, or leave it out");
        }

        fields.RejectUnknown();
        return split;
    }

    private static OrderLimits ReadLimits(SpecValue? value)
    {
        var defaults = new OrderLimits();
        if (value?.AsObject() is not { } fields)
        {
            return defaults;
        }

        var limits = new OrderLimits
        {
            LowOrders = ReadOrders(fields.Get("lowOrders")) ?? defaults.LowOrders,
            HighOrders = ReadOrders(fields.Get("highOrders")) ?? defaults.HighOrders,
        };
        fields.RejectUnknown();
        return limits;
    }

    private static int[]? ReadOrders(SpecValue? value)
    {
        if (value?.AsList() is not { } items)
        {
            return null;
        }

        var ends = items.Select(item => (int?)item.AsInteger(1, HighestOrder)).OfType<int>().ToArray();
        if (items.Count != 2 || (ends.Length == 2 && ends[0] > ends[1]))
        {
            value.Value.FaultType("[lowest, highest] order");
            return null;
        }

        return ends.Length == 2 ? ends : null;
    }
}

/// <summary>Ranges of orders, both ends included; orders above n are simply absent.</summary>
public sealed record OrderLimits
{
    /// <summary>The low orders.</summary>
    public IReadOnlyList<int> LowOrders { get; init; } = [1, 2];

    /// <summary>The high orders.</summary>
    public IReadOnlyList<int> HighOrders { get; init; } = [6, 10];
}
