using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>How multi-order interactions are measured.</summary>
public enum BottleneckMethod
{
    /// <summary>Exact for n ≤ 16, else sampled.</summary>
    Auto,

    /// <summary>From all 2^n masks, all pairs (within the radius, where there is one).</summary>
    Exact,

    /// <summary>From some contexts of some pairs.</summary>
    Sampled,
}

/// <summary>The pairs whose interactions are measured.</summary>
public sealed record PairsSpec
{
    /// <summary>How many are sampled, or <c>all</c>; capped at how many there are.</summary>
    public NumberOrWord Count { get; init; } = NumberOrWord.Of(200);

    /// <summary>
    /// Only pairs at most this far apart: for grids the larger of the distances in rows and in columns, else the distance
    /// of the players' numbers. Null takes pairs of any distance.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Radius { get; init; }

    /// <summary>The seed of the choice.</summary>
    public long Seed { get; init; }
}

/// <summary>The strength of multi-order interactions of networks, by order (method.md §5).</summary>
public sealed record BottleneckSpec : NetworkGamesSpec
{
    private static readonly string[] Alternatives = ["model", "models", "snapshots", "trainingJob"];

    /// <summary>Ids of the models, measured on the same masks; empty with <see cref="Snapshots"/> and with <see cref="TrainingJob"/>.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>A network at some epochs, by rising epoch, in place of <see cref="Models"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SnapshotSpec>? Snapshots { get; init; }

    /// <summary>Id of a training job whose snapshots are measured, also while it trains; in place of <see cref="Models"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TrainingJob { get; init; }

    /// <summary>Which orders; absent, all where the method is exact and tenths of n - 2 where it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderSelection? Orders { get; init; }

    /// <summary>Exact or sampled.</summary>
    public BottleneckMethod Method { get; init; }

    /// <summary>Which pairs are measured; the exact method takes all within the radius, whatever the count.</summary>
    public PairsSpec Pairs { get; init; } = new();

    /// <summary>Contexts a pair and order, where masks are sampled; fewer where there are no more.</summary>
    public int Contexts { get; init; } = 100;

    /// <summary>
    /// Stop before all contexts are drawn once no order's strength has a larger standard error than this; null draws them
    /// all. Looked at after an eighth, a quarter and half of the contexts.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StandardError { get; init; }

    /// <summary>The effective number of players of the theory curve, 2..n; null fits it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? NEff { get; init; }

    /// <summary>Whether the one model was given as <c>model</c>, where its faults then belong.</summary>
    internal bool IsSingle { get; init; }

    /// <inheritdoc/>
    internal override int MostPlayers => Method == BottleneckMethod.Exact ? SpecLimits.MostPlayers : SpecLimits.MostSampledPlayers;

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static BottleneckSpec Read(SpecObject fields)
    {
        var seed = ReadSeed(fields);
        var spec = new BottleneckSpec
        {
            Models = ReadModels(fields),
            IsSingle = fields.Has("model"),
            Snapshots = SnapshotSpec.ReadAll(fields.Get("snapshots")),
            TrainingJob = fields.Get("trainingJob")?.AsText(),
            Orders = OrderSelection.Read(fields.Get("orders")),
            Method = fields.Get("method")?.AsEnum<BottleneckMethod>() ?? BottleneckMethod.Auto,
            Pairs = ReadPairs(fields.Get("pairs"), seed),
            Contexts = (int?)fields.Get("contexts")?.AsInteger(2, 1_000_000) ?? 100,
            StandardError = fields.Get("standardError")?.AsNumber(0, 1e6, excludeFrom: true),
            NEff = fields.Get("nEff")?.AsNumber(2, SpecLimits.MostSampledPlayers),
        };
        spec = Read(fields, spec);
        CheckTraining(fields, spec);
        return spec;
    }

    /// <summary>What one network of a training run could say for all of them is not asked: it may not be trained yet.</summary>
    private static void CheckTraining(SpecObject fields, BottleneckSpec spec)
    {
        if (spec.Snapshots is null && spec.TrainingJob is null)
        {
            return;
        }

        if (spec.Samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "the networks of a training run differ in what they classify correctly; name the samples, or leave it out");
        }

        if (spec.Value?.Target?.Word == ValueSpec.Predicted)
        {
            fields.Fault("value.target", "the networks predict different classes; use label or a class");
        }

        if (spec.Players?.By == PlayerChoice.Attribution)
        {
            fields.Fault("players.by", "the networks of a training run attribute differently; choose the players by list or random");
        }
    }

    private static IReadOnlyList<string> ReadModels(SpecObject fields)
    {
        // The spec of a job, as it is kept, has an empty list of models beside its snapshots.
        var given = Alternatives.Where(name => fields.Get(name) is { } value && !(value.Kind == JsonValueKind.Array && value.Element.GetArrayLength() == 0 && name == "models")).ToArray();
        if (given.Length > 1)
        {
            fields.Fault(given[0], $"give either {string.Join(" or ", given)}");
        }

        if (fields.Get("model") is { } single)
        {
            return single.AsText() is { } id ? [id] : [];
        }

        if (given.Length == 0)
        {
            fields.Fault("models", "is required, or model, snapshots or trainingJob");
        }

        return fields.Has("snapshots") || fields.Has("trainingJob") ? [] : DistinctIds.Read(fields.Get("models"));
    }

    private static PairsSpec ReadPairs(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new PairsSpec { Seed = seed };
        }

        var spec = new PairsSpec
        {
            Count = NumberOrWord.Read(fields.Get("count"), 1, 1_000_000, "all") ?? NumberOrWord.Of(200),
            Radius = (int?)fields.Get("radius")?.AsInteger(1, SpecLimits.MostSampledPlayers),
            Seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed,
        };
        fields.RejectUnknown();
        return spec;
    }
}
