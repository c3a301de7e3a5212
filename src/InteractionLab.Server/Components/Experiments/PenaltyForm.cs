using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>A penalty on interactions that do not generalize: how much, and on what.</summary>
public sealed class PenaltyForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["penalty", "penalty.weight", "penalty.players", "penalty.samples", "penalty.factor", "penalty.solver"];

    /// <summary>Whether there is one.</summary>
    public bool On { get; set; }

    public string Weight { get; set; } = "0.01";

    public string Players { get; set; } = "6";

    public string Samples { get; set; } = "2";

    public string Factor { get; set; } = "0.05";

    public string Solver { get; set; } = "certified";

    /// <summary>The field of a spec.</summary>
    public JsonObject ToJson() => new JsonObject()
        .With("weight", FormText.Number(Weight)).With("players", FormText.Number(Players)).With("samples", FormText.Number(Samples)).With("factor", FormText.Number(Factor)).With("solver", Solver);

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement penalty)
    {
        On = true;
        Weight = penalty.Read("weight") ?? Weight;
        Players = penalty.Read("players") ?? Players;
        Samples = penalty.Read("samples") ?? Samples;
        Factor = penalty.Read("factor") ?? Factor;
        Solver = penalty.Read("solver") ?? Solver;
    }
}
