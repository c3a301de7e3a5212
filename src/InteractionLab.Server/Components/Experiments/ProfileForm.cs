using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>How profiles over orders are measured: a spec of kind bottleneck without its networks and samples.</summary>
public sealed class ProfileForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["method", "orders", "pairs", "pairs.count", "pairs.radius", "pairs.seed", "contexts", "standardError", "nEff"];

    /// <summary><c>auto</c>, <c>exact</c> or <c>sampled</c>.</summary>
    public string Method { get; set; } = "auto";

    /// <summary>Empty for what the server takes by itself, <c>all</c>, or <c>list</c>.</summary>
    public string OrdersMode { get; set; } = "";

    public string Ratios { get; set; } = "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1";

    public string PairCount { get; set; } = "200";

    public string Radius { get; set; } = "";

    public string PairSeed { get; set; } = "";

    public string Contexts { get; set; } = "100";

    public string StandardError { get; set; } = "";

    public string NEff { get; set; } = "";

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        spec["method"] = Method;
        spec.With("orders", OrdersMode switch { "" => null, "list" => FormText.List(Ratios), var word => JsonValue.Create(word) });
        if (Method != "exact")
        {
            spec["pairs"] = new JsonObject().With("count", FormText.Number(PairCount)).With("radius", FormText.Number(Radius)).With("seed", FormText.Number(PairSeed));
            spec.With("contexts", FormText.Number(Contexts)).With("standardError", FormText.Number(StandardError));
        }

        spec.With("nEff", FormText.Number(NEff));
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        Method = spec.Read("method") ?? Method;
        if (spec.Get("orders") is { } orders)
        {
            (OrdersMode, Ratios) = orders.ValueKind == JsonValueKind.Array ? ("list", FormText.Join(orders)) : (orders.ToString(), Ratios);
        }

        if (spec.Get("pairs") is { } pairs)
        {
            PairCount = pairs.Read("count") ?? PairCount;
            Radius = pairs.Read("radius") ?? "";
            PairSeed = pairs.Read("seed") ?? "";
        }

        Contexts = spec.Read("contexts") ?? Contexts;
        StandardError = spec.Read("standardError") ?? StandardError;
        NEff = spec.Read("nEff") ?? NEff;
    }
}
