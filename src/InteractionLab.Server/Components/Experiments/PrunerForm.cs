using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>How parameters are chosen for pruning, and which shares of them.</summary>
public sealed class PrunerForm
{
    public string Type { get; set; } = "magnitude-global";

    /// <summary>The seed of a pruner that draws; empty for the job's.</summary>
    public string Seed { get; set; } = "";

    public string Ratios { get; set; } = "0, 0.5, 0.7, 0.8, 0.9";

    /// <summary>The paths of its fields under a part of a spec.</summary>
    public static string[] PathsOf(string prefix) => [prefix + "pruner", prefix + "pruner.type", prefix + "pruner.seed", prefix + "ratios"];

    /// <summary>Adds its fields to a spec or a part of one.</summary>
    public void WriteTo(JsonObject spec)
    {
        var pruner = new JsonObject { ["type"] = Type };
        spec["pruner"] = Type == "random" ? pruner.With("seed", FormText.Number(Seed)) : pruner;
        spec["ratios"] = FormText.List(Ratios);
    }

    /// <summary>Takes over what a spec or a part of one says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("pruner") is { } pruner)
        {
            (Type, Seed) = (pruner.Read("type") ?? Type, pruner.Read("seed") ?? Seed);
        }

        Ratios = spec.Get("ratios") is { ValueKind: JsonValueKind.Array } ratios ? FormText.Join(ratios) : Ratios;
    }
}
