using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Which games networks play and how they are decomposed: what every kind that masks samples has in common.</summary>
/// <param name="decomposes">Whether interactions are extracted; else the spec has no solver and no salience.</param>
public sealed class GameForm(bool decomposes = true)
{
    /// <summary>The paths of its fields where nothing is extracted.</summary>
    public static readonly string[] MaskingFields = ["cut", .. BaselineForm.Fields, "outside", "value.type", "value.target", "value", .. OutputForm.Fields, "executor", "device", "batch", "seed", .. PlayersForm.Fields];

    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = [.. MaskingFields, .. InteractionsForm.Fields];

    public PlayersForm Players { get; } = new();

    public BaselineForm Baseline { get; } = new();

    /// <summary>The tensor that is masked; empty for the input.</summary>
    public string Cut { get; set; } = "";

    public string Outside { get; set; } = "keep";

    public string Value { get; set; } = "log-odds";

    /// <summary><c>label</c>, <c>predicted</c>, or a class.</summary>
    public string Target { get; set; } = "label";

    public OutputForm Output { get; } = new();

    public InteractionsForm Interactions { get; } = new();

    public string Executor { get; set; } = "onnxruntime";

    public string Device { get; set; } = "auto";

    public string Batch { get; set; } = "auto";

    public string Seed { get; set; } = "0";

    /// <summary>Whether interactions are extracted.</summary>
    public bool Decomposes => decomposes;

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => Players.Missing;

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        spec["players"] = Players.ToJson();
        if (Cut.Length > 0)
        {
            spec["cut"] = Cut;
        }

        spec["baseline"] = Baseline.ToJson();
        spec["outside"] = Outside;
        spec["value"] = new JsonObject { ["type"] = Value }.With("target", FormText.Number(Target));
        Output.WriteTo(spec);
        if (decomposes)
        {
            Interactions.WriteTo(spec);
        }

        spec["executor"] = Executor;
        spec["device"] = Device;
        spec.With("batch", FormText.Number(Batch)).With("seed", FormText.Number(Seed));
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        Cut = spec.Read("cut") ?? Cut;
        Outside = spec.Read("outside") ?? Outside;
        Output.ReadFrom(spec);
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
            Baseline.ReadFrom(baseline);
        }

        if (spec.Get("value") is { } target)
        {
            Value = target.Read("type") ?? Value;
            Target = target.Read("target") ?? Target;
        }

        Interactions.ReadFrom(spec);
    }

    /// <summary>Moves to players and a baseline that a dataset of this kind can have. A cut tensor may have others.</summary>
    public void FitTo(SampleKind? kind)
    {
        if (Cut.Length > 0)
        {
            return;
        }

        Players.FitTo(kind);
        Baseline.FitTo(kind);
    }
}
