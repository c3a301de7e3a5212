using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Which games networks play and how they are decomposed: what every kind that masks samples has in common.</summary>
public sealed class GameForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields =
    [
        "baseline.type", "baseline.value", "baseline", "outside", "value.type", "value.target", "value", "executor", "device", "batch", "seed",
        .. PlayersForm.Fields, .. InteractionsForm.Fields,
    ];

    public PlayersForm Players { get; } = new();

    public string Baseline { get; set; } = "dataset-mean";

    public string BaselineValue { get; set; } = "0";

    public string Outside { get; set; } = "keep";

    public string Value { get; set; } = "log-odds";

    /// <summary><c>label</c>, <c>predicted</c>, or a class.</summary>
    public string Target { get; set; } = "label";

    public InteractionsForm Interactions { get; } = new();

    public string Executor { get; set; } = "onnxruntime";

    public string Device { get; set; } = "auto";

    public string Batch { get; set; } = "auto";

    public string Seed { get; set; } = "0";

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => Players is { Type: "grid", By: "list", Cells.Count: 0 } ? "Choose cells on the picture."
        : Players is { Type: "groups", RawGroups: null } && Players.Groups.TrueForAll(g => g.Count == 0) ? "Fill the groups on the picture."
        : null;

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        spec["players"] = Players.ToJson();
        spec["baseline"] = Baseline == "constant" ? new JsonObject { ["type"] = Baseline, ["value"] = Constant() } : new JsonObject { ["type"] = Baseline };
        spec["outside"] = Outside;
        spec["value"] = new JsonObject { ["type"] = Value }.With("target", FormText.Number(Target));
        Interactions.WriteTo(spec);
        spec["executor"] = Executor;
        spec["device"] = Device;
        spec.With("batch", FormText.Number(Batch)).With("seed", FormText.Number(Seed));
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        Outside = spec.Read("outside") ?? Outside;
        Executor = spec.Read("executor") ?? Executor;
        Device = spec.Read("device") ?? Device;
        Batch = spec.Read("batch") ?? Batch;
        Seed = spec.Read("seed") ?? Seed;
        if (spec.Get("players") is { } players)
        {
            Players.ReadFrom(players);
        }

        if (spec.Get("baseline") is { } baseline)
        {
            Baseline = baseline.Read("type") ?? Baseline;
            BaselineValue = baseline.Get("value") is { } value ? value.ValueKind == JsonValueKind.Array ? FormText.Join(value) : value.GetRawText() : BaselineValue;
        }

        if (spec.Get("value") is { } target)
        {
            Value = target.Read("type") ?? Value;
            Target = target.Read("target") ?? Target;
        }

        Interactions.ReadFrom(spec);
    }

    /// <summary>Moves to players that a dataset of this kind can have.</summary>
    public void FitTo(SampleKind? kind) => Players.Type = (kind, Players.Type) switch
    {
        (SampleKind.Tabular, "grid") => "columns",
        (SampleKind.Image, "columns") => "grid",
        var (_, type) => type,
    };

    private JsonNode Constant() => FormText.List(BaselineValue) is { Count: 1 } one ? one[0]!.DeepClone() : FormText.List(BaselineValue);
}
