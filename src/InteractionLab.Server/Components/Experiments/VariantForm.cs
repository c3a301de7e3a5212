using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>One way of training in a modulation study: one of the paper's, or losses of one's own.</summary>
public sealed class VariantForm
{
    // What the names stand for, so that one's own losses can start from them.
    private static readonly Dictionary<string, (string Type, string From, string To)[]> Presets = new()
    {
        ["normal"] = [],
        ["low"] = [("suppress", "0.7", "1")],
        ["mid"] = [("encourage", "0.3", "0.7")],
        ["high"] = [("suppress", "0", "0.5")],
    };

    /// <summary><c>normal</c>, <c>low</c>, <c>mid</c>, <c>high</c>, or <c>list</c>.</summary>
    public string Preset { get; set; } = "list";

    /// <summary>Its name, where the losses are one's own.</summary>
    public string Name { get; set; } = "";

    public List<ModulationRow> Losses { get; } = [];

    /// <summary>The paper's four.</summary>
    public static IEnumerable<VariantForm> Paper => Presets.Keys.Select(Of);

    /// <summary>One of the paper's.</summary>
    public static VariantForm Of(string preset)
    {
        var variant = new VariantForm { Preset = preset, Name = preset };
        variant.Losses.AddRange(Presets[preset].Select(loss => new ModulationRow { Type = loss.Type, From = loss.From, To = loss.To }));
        return variant;
    }

    /// <summary>Moves to another preset; to losses of one's own from those of the last one.</summary>
    public void Choose(string preset)
    {
        (Preset, var before) = (preset, Preset);
        if (Presets.ContainsKey(preset))
        {
            Name = preset;
            Losses.Clear();
            Losses.AddRange(Of(preset).Losses);
        }
        else if (Name == before)
        {
            Name = "";
        }
    }

    /// <summary>As a spec says it.</summary>
    public JsonNode ToJson() => Preset != "list" ? Preset
        : new JsonObject { ["name"] = Name.Trim(), ["modulation"] = new JsonArray([.. Losses.Select(loss => (JsonNode)loss.ToJson())]) };

    /// <summary>From a spec: a name of the paper's, or a name with losses, which the kept spec of a job has of the paper's too.</summary>
    public static VariantForm Read(JsonElement spec)
    {
        var word = spec.ValueKind == JsonValueKind.String ? spec.GetString()! : spec.Get("modulation") is { ValueKind: JsonValueKind.String } named ? named.GetString()! : null;
        if (word is not null && Presets.ContainsKey(word) && (spec.Read("name") ?? word) == word)
        {
            return Of(word);
        }

        var variant = word is not null && Presets.ContainsKey(word) ? Of(word) : new VariantForm();
        (variant.Preset, variant.Name) = ("list", spec.Read("name") ?? word ?? "");
        if (spec.Get("modulation") is { ValueKind: JsonValueKind.Array } losses)
        {
            variant.Losses.AddRange(losses.EnumerateArray().Select(ModulationRow.Read));
        }

        return Presets.ContainsKey(variant.Name) && JsonNode.DeepEquals(variant.ToJson()["modulation"], AsList(Of(variant.Name))) ? Of(variant.Name) : variant;
    }

    private static JsonNode? AsList(VariantForm preset)
    {
        preset.Preset = "list";
        return preset.ToJson()["modulation"];
    }
}
