using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Which samples of a dataset.</summary>
/// <param name="prefix">What stands before the paths of its fields: nothing, or <c>train.</c>.</param>
/// <param name="canBeAll">Whether there is a choice without samples in the spec: all of them, or what the server takes by itself.</param>
public sealed class SamplesForm(string prefix = "", bool canBeAll = false)
{
    /// <summary>Whether <c>all</c> is among the modes.</summary>
    public bool CanBeAll => canBeAll;

    /// <summary>What stands before the paths of its fields.</summary>
    public string Prefix => prefix;

    /// <summary><c>all</c>, <c>list</c>, <c>range</c> or <c>random</c>.</summary>
    public string Mode { get; set; } = canBeAll ? "all" : "range";

    public string List { get; set; } = "0, 1, 2, 3";

    public string From { get; set; } = "0";

    public string To { get; set; } = "10";

    public string Count { get; set; } = "10";

    public string Seed { get; set; } = "0";

    public bool CorrectOnly { get; set; }

    public bool PerClass { get; set; }

    /// <summary>The first sample that is known before the job runs.</summary>
    public int First => Mode switch
    {
        "list" when FormText.List(List) is [JsonValue first, ..] && first.TryGetValue<long>(out var index) => (int)Math.Clamp(index, 0, int.MaxValue),
        "range" when int.TryParse(From, out var from) && from >= 0 => from,
        _ => 0,
    };

    /// <summary>The paths of the fields of a form with this prefix.</summary>
    public static string[] PathsOf(string prefix) => [.. ((string[])["samples", "samples.from", "samples.to", "samples.count", "samples.seed", "samples.correctOnly", "samples.perClass"]).Select(path => prefix + path)];

    /// <summary>The field of a spec; null where it is left out.</summary>
    public JsonNode? ToJson() => Mode switch
    {
        "all" => null,
        "list" => FormText.List(List),
        "range" => new JsonObject().With("from", FormText.Number(From)).With("to", FormText.Number(To)),
        _ => Random(),
    };

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement samples)
    {
        if (samples.ValueKind == JsonValueKind.Array)
        {
            (Mode, List) = ("list", FormText.Join(samples));
        }
        else if (samples.Get("from") is not null || samples.Get("to") is not null)
        {
            (Mode, From, To) = ("range", samples.Read("from") ?? From, samples.Read("to") ?? To);
        }
        else if (samples.Get("count") is not null)
        {
            (Mode, Count, Seed) = ("random", samples.Read("count") ?? Count, samples.Read("seed") ?? Seed);
            CorrectOnly = samples.Get("correctOnly") is { ValueKind: JsonValueKind.True };
            PerClass = samples.Get("perClass") is { ValueKind: JsonValueKind.True };
        }
    }

    private JsonObject Random()
    {
        var random = new JsonObject().With("count", FormText.Number(Count)).With("seed", FormText.Number(Seed));
        if (CorrectOnly)
        {
            random["correctOnly"] = true;
        }

        if (PerClass)
        {
            random["perClass"] = true;
        }

        return random;
    }
}
