using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>What is added to the loss of a training: modulation and penalty, and what both mask.</summary>
/// <param name="modulates">Whether the modulation is asked for; else it comes from elsewhere.</param>
public sealed class LossTermsForm(bool modulates = true)
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields =
    [
        "modulation", "penalty.baseline", .. PenaltyForm.Fields, .. PlayersForm.Fields, .. BaselineForm.Fields,
    ];

    /// <summary><c>normal</c>, <c>low</c>, <c>mid</c>, <c>high</c>, or <c>list</c>.</summary>
    public string Modulation { get; set; } = "normal";

    /// <summary>Whether the modulation is asked for.</summary>
    public bool Modulates => modulates;

    /// <summary>The losses of <c>list</c>.</summary>
    public List<ModulationRow> Losses { get; } = [new()];

    public PenaltyForm Penalty { get; } = new();

    /// <summary>Id of the model trained on other samples.</summary>
    public string PenaltyModel { get; set; } = "";

    /// <summary>Whether the spec names the players; else the server takes its own.</summary>
    public bool OwnPlayers { get; set; }

    public PlayersForm Players { get; } = new() { By = "all" };

    /// <summary>Whether the spec names the baseline; else it is the mean of the training dataset.</summary>
    public bool OwnBaseline { get; set; }

    public BaselineForm Baseline { get; } = new();

    /// <summary>Whether anything is masked in training.</summary>
    public bool Masks => !modulates || Penalty.On || Modulation != "normal";

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => Penalty.On && PenaltyModel.Length == 0 ? "Choose the model that the penalty compares with."
        : Masks && OwnPlayers ? Players.Missing
        : null;

    /// <summary>Adds what is used to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        if (modulates && Modulation != "normal")
        {
            spec["modulation"] = Modulation == "list" ? new JsonArray([.. Losses.Select(loss => (JsonNode)loss.ToJson())]) : Modulation;
        }

        if (Penalty.On)
        {
            spec["penalty"] = new JsonObject { ["baseline"] = PenaltyModel }.With(Penalty.ToJson());
        }

        if (Masks && OwnPlayers)
        {
            spec["players"] = Players.ToJson();
        }

        if (Masks && OwnBaseline)
        {
            spec["baseline"] = Baseline.ToJson();
        }
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("modulation") is { } modulation)
        {
            ReadModulation(modulation);
        }

        if (spec.Get("penalty") is { } penalty)
        {
            Penalty.ReadFrom(penalty);
            PenaltyModel = penalty.Read("baseline") ?? PenaltyModel;
        }

        if (spec.Get("players") is { } players)
        {
            OwnPlayers = true;
            Players.ReadFrom(players);
        }

        if (spec.Get("baseline") is { } baseline)
        {
            OwnBaseline = true;
            Baseline.ReadFrom(baseline);
        }
    }

    /// <summary>Moves to players and a baseline that a dataset of this kind can have.</summary>
    public void FitTo(SampleKind? kind)
    {
        Players.FitTo(kind);
        Baseline.FitTo(kind);
    }

    private void ReadModulation(JsonElement modulation)
    {
        if (modulation.ValueKind != JsonValueKind.Array)
        {
            Modulation = modulation.ToString();
            return;
        }

        Modulation = modulation.GetArrayLength() == 0 ? "normal" : "list";
        if (Modulation == "list")
        {
            Losses.Clear();
            Losses.AddRange(modulation.EnumerateArray().Select(ModulationRow.Read));
        }
    }
}

/// <summary>One modulation loss.</summary>
public sealed class ModulationRow
{
    /// <summary><c>encourage</c> or <c>suppress</c>.</summary>
    public string Type { get; set; } = "suppress";

    public string From { get; set; } = "0";

    public string To { get; set; } = "0.5";

    public string Weight { get; set; } = "1";

    public string Pairs { get; set; } = "1";

    /// <summary>As a spec says it.</summary>
    public JsonObject ToJson() => new JsonObject { ["type"] = Type }
        .With("from", FormText.Number(From)).With("to", FormText.Number(To)).With("weight", FormText.Number(Weight)).With("pairs", FormText.Number(Pairs));

    /// <summary>From a spec.</summary>
    public static ModulationRow Read(JsonElement loss)
    {
        var row = new ModulationRow();
        return new()
        {
            Type = loss.Read("type") ?? row.Type,
            From = loss.Read("from") ?? row.From,
            To = loss.Read("to") ?? row.To,
            Weight = loss.Read("weight") ?? row.Weight,
            Pairs = loss.Read("pairs") ?? row.Pairs,
        };
    }
}
