using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>A kind's form: fields to spec and back.</summary>
public interface ISpecForm
{
    /// <summary>The paths of the fields that show their own faults.</summary>
    IReadOnlyCollection<string> Fields { get; }

    /// <summary>What is still missing before the server can be asked what it costs; null where nothing is.</summary>
    string? Missing { get; }

    /// <summary>The spec as the API takes it.</summary>
    JsonObject ToSpec();

    /// <summary>Takes over what a spec says.</summary>
    void ReadFrom(JsonElement spec);
}

/// <summary>The form of <c>masked-samples</c>.</summary>
public sealed class MaskedSamplesForm : ISpecForm
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
    [
        "model", "dataset", "baseline.type", "baseline.value", "baseline", "outside", "value.type", "value.target", "value", "device", "batch", "seed", "name",
        .. SamplesForm.Fields, .. PlayersForm.Fields, .. InteractionsForm.Fields,
    ];

    public string Model { get; set; } = "";

    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new();

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

    public string Device { get; set; } = "auto";

    public string Batch { get; set; } = "auto";

    public string Seed { get; set; } = "0";

    /// <inheritdoc/>
    public string? Missing => Model.Length == 0 && Dataset.Length == 0 ? "Choose a model and a dataset."
        : Model.Length == 0 ? "Choose a model."
        : Dataset.Length == 0 ? "Choose a dataset."
        : Players is { Type: "grid", By: "list", Cells.Count: 0 } ? "Choose cells on the picture."
        : Players is { Type: "groups", RawGroups: null } && Players.Groups.TrueForAll(g => g.Count == 0) ? "Fill the groups on the picture."
        : null;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject
        {
            ["model"] = Model,
            ["dataset"] = Dataset,
            ["samples"] = Samples.ToJson(),
            ["players"] = Players.ToJson(),
            ["baseline"] = BaselineJson(),
            ["outside"] = Outside,
            ["value"] = new JsonObject { ["type"] = Value }.With("target", FormText.Number(Target)),
        };
        Interactions.WriteTo(spec);
        spec["device"] = Device;
        return spec.With("batch", FormText.Number(Batch)).With("seed", FormText.Number(Seed));
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        Model = spec.Read("model") ?? Model;
        Dataset = spec.Read("dataset") ?? Dataset;
        Outside = spec.Read("outside") ?? Outside;
        Device = spec.Read("device") ?? Device;
        Batch = spec.Read("batch") ?? Batch;
        Seed = spec.Read("seed") ?? Seed;
        if (spec.Get("samples") is { } samples)
        {
            Samples.ReadFrom(samples);
        }

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
