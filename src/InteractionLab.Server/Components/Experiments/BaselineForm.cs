using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>What the cells of absent players become.</summary>
public sealed class BaselineForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["baseline", "baseline.type", "baseline.value"];

    /// <summary><c>dataset-mean</c>, <c>zero</c>, <c>constant</c>, <c>token</c>, or at a cut <c>sample-mean</c>.</summary>
    public string Type { get; set; } = "dataset-mean";

    public string Constant { get; set; } = "0";

    /// <summary>The token of a <c>token</c> baseline; empty for the vocabulary's [MASK].</summary>
    public string Token { get; set; } = "";

    /// <summary>The field of a spec.</summary>
    public JsonObject ToJson() => Type switch
    {
        "constant" => new JsonObject { ["type"] = Type, ["value"] = FormText.List(Constant) is { Count: 1 } one ? one[0]!.DeepClone() : FormText.List(Constant) },
        "token" when !string.IsNullOrWhiteSpace(Token) => new JsonObject { ["type"] = Type }.With("value", FormText.Number(Token)),
        _ => new JsonObject { ["type"] = Type },
    };

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement baseline)
    {
        Type = baseline.Read("type") ?? Type;
        Token = Type == "token" ? baseline.Read("value") ?? "" : Token;
        Constant = Type == "constant" && baseline.Get("value") is { } value ? value.ValueKind == JsonValueKind.Array ? FormText.Join(value) : value.GetRawText() : Constant;
    }

    /// <summary>Moves to a baseline that samples of this kind can have.</summary>
    public void FitTo(SampleKind? kind) => Type = (kind, Type) switch
    {
        (SampleKind.Text, "dataset-mean" or "constant") => "token",
        (SampleKind.Image or SampleKind.Tabular, "token") => "dataset-mean",
        (_, "sample-mean") => kind == SampleKind.Text ? "token" : "dataset-mean",
        var (_, type) => type,
    };
}
