using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>How snapshots are analysed: a spec of kind training-dynamics without its networks and samples.</summary>
public sealed class DynamicsSettingsForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["limits", "limits.lowOrders", "limits.highOrders", "ratio", "share", .. GameForm.Fields];

    public string LowOrders { get; set; } = "1, 2";

    public string HighOrders { get; set; } = "6, 10";

    public string Ratio { get; set; } = "1";

    public string Share { get; set; } = "0.8";

    public GameForm Game { get; } = new();

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        spec["limits"] = new JsonObject { ["lowOrders"] = FormText.List(LowOrders), ["highOrders"] = FormText.List(HighOrders) };
        spec.With("ratio", FormText.Number(Ratio)).With("share", FormText.Number(Share));
        Game.WriteTo(spec);
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("limits") is { } limits)
        {
            LowOrders = limits.Get("lowOrders") is { ValueKind: JsonValueKind.Array } low ? FormText.Join(low) : LowOrders;
            HighOrders = limits.Get("highOrders") is { ValueKind: JsonValueKind.Array } high ? FormText.Join(high) : HighOrders;
        }

        Ratio = spec.Read("ratio") ?? Ratio;
        Share = spec.Read("share") ?? Share;
        Game.ReadFrom(spec);
    }
}
