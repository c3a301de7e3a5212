using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>How multi-order interactions are measured.</summary>
public enum BottleneckMethod
{
    /// <summary>Exact for n ≤ 16, else sampled.</summary>
    Auto,

    /// <summary>From all 2^n masks, all pairs.</summary>
    Exact,

    /// <summary>From some contexts of some pairs.</summary>
    Sampled,
}

/// <summary>The pairs whose interactions are sampled.</summary>
public sealed record PairsSpec
{
    /// <summary>How many, or <c>all</c>; capped at how many there are.</summary>
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
    /// <summary>Ids of the models, measured on the same masks.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Which orders; absent, all where the method is exact and tenths of n - 2 where it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrderSelection? Orders { get; init; }

    /// <summary>Exact or sampled.</summary>
    public BottleneckMethod Method { get; init; }

    /// <summary>Which pairs are sampled; the exact method takes all.</summary>
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

    /// <inheritdoc/>
    internal override int MostPlayers => Method == BottleneckMethod.Exact ? SpecLimits.MostPlayers : SpecLimits.MostSampledPlayers;

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static BottleneckSpec Read(SpecObject fields)
    {
        var seed = ReadSeed(fields);
        var spec = new BottleneckSpec
        {
            Models = ReadModels(fields),
            Orders = OrderSelection.Read(fields.Get("orders")),
            Method = fields.Get("method")?.AsEnum<BottleneckMethod>() ?? BottleneckMethod.Auto,
            Pairs = ReadPairs(fields.Get("pairs"), seed),
            Contexts = (int?)fields.Get("contexts")?.AsInteger(2, 1_000_000) ?? 100,
            StandardError = fields.Get("standardError")?.AsNumber(0, 1e6, excludeFrom: true),
            NEff = fields.Get("nEff")?.AsNumber(2, SpecLimits.MostSampledPlayers),
        };
        return Read(fields, spec);
    }

    private static List<string> ReadModels(SpecObject fields)
    {
        if (fields.Has("model") && fields.Has("models"))
        {
            fields.Fault("model", "give either model or models");
        }

        if (fields.Get("model") is { } single)
        {
            return single.AsText() is { } id ? [id] : [];
        }

        var items = fields.Require("models")?.AsList() ?? [];
        var ids = items.Select(item => item.AsText() ?? string.Empty).ToList();
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids.IndexOf(ids[i]) < i && ids[i].Length > 0)
            {
                items[i].Fault("is given twice");
            }
        }

        return ids;
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
