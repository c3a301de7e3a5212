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

    /// <summary>The token of a <c>token</c> baseline; empty for the vocabulary's [MASK].</summary>
    public string Token { get; set; } = "";

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
        spec["baseline"] = BaselineJson();
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
            Token = Baseline == "token" ? baseline.Read("value") ?? "" : Token;
            BaselineValue = Baseline == "constant" && baseline.Get("value") is { } value ? value.ValueKind == JsonValueKind.Array ? FormText.Join(value) : value.GetRawText() : BaselineValue;
        }

        if (spec.Get("value") is { } target)
        {
            Value = target.Read("type") ?? Value;
            Target = target.Read("target") ?? Target;
        }

        Interactions.ReadFrom(spec);
    }

    /// <summary>Moves to players and a baseline that a dataset of this kind can have.</summary>
    public void FitTo(SampleKind? kind)
    {
        Players.Type = (kind, Players.Type) switch
        {
            (SampleKind.Text, _) => "tokens",
            (SampleKind.Tabular, "grid" or "tokens") => "columns",
            (SampleKind.Image, "columns" or "tokens") => "grid",
            var (_, type) => type,
        };
        Baseline = (kind, Baseline) switch
        {
            (SampleKind.Text, "dataset-mean" or "constant") => "token",
            (SampleKind.Image or SampleKind.Tabular, "token") => "dataset-mean",
            var (_, type) => type,
        };
    }

    private JsonObject BaselineJson() => Baseline switch
    {
        "constant" => new JsonObject { ["type"] = Baseline, ["value"] = Constant() },
        "token" when !string.IsNullOrWhiteSpace(Token) => new JsonObject { ["type"] = Baseline }.With("value", FormText.Number(Token)),
        _ => new JsonObject { ["type"] = Baseline },
    };

    private JsonNode Constant() => FormText.List(BaselineValue) is { Count: 1 } one ? one[0]!.DeepClone() : FormText.List(BaselineValue);
}
