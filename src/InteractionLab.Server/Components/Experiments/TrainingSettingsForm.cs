using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>How a network is trained: a spec of kind training without its samples.</summary>
/// <param name="isVaried">Whether several networks are trained that differ in their modulation, of which the last epoch is kept: then neither is asked for here.</param>
public sealed class TrainingSettingsForm(bool isVaried = false)
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields =
    [
        "architecture", "architecture.name", "model", .. OutputForm.Fields, "epochs", "batchSize", "augment", "augment.crop", "augment.flip", "labelSmoothing", "snapshots", "prune", "prune.rate", "prune.target", "seed", "device",
        .. OptimizerForm.Fields, .. LossTermsForm.Fields, .. ModelZoo.Architectures.SelectMany(f => f.Options).Select(o => "architecture." + o.Name).Distinct(),
    ];

    /// <summary><c>architecture</c> or <c>model</c>.</summary>
    public string Source { get; set; } = "architecture";

    public ArchitectureForm Architecture { get; } = new();

    public string Model { get; set; } = "";

    /// <summary>Of the model, where it is one.</summary>
    public OutputForm Output { get; } = new();

    public string Epochs { get; set; } = "10";

    public string BatchSize { get; set; } = "128";

    public OptimizerForm Optimizer { get; } = new();

    /// <summary>What is added to the loss.</summary>
    public LossTermsForm Terms { get; } = new(modulates: !isVaried);

    /// <summary>Whether several networks are trained that differ in their modulation.</summary>
    public bool IsVaried => isVaried;

    public string Crop { get; set; } = "0";

    public bool Flip { get; set; }

    public string LabelSmoothing { get; set; } = "0";

    /// <summary><c>every</c> or <c>list</c>.</summary>
    public string SnapshotMode { get; set; } = "every";

    public string Snapshots { get; set; } = "0, 5, 10";

    public bool Prune { get; set; }

    public string PruneRate { get; set; } = "0.2";

    public string PruneTarget { get; set; } = "0.9";

    /// <summary>Empty where the spec names none.</summary>
    public string Seed { get; set; } = "0";

    public string Device { get; set; } = "auto";

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => Source == "model" && Model.Length == 0 ? "Choose the model to train further." : Terms.Missing;

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        spec[Source] = Source == "model" ? JsonValue.Create(Model) : Architecture.ToJson();
        if (Source == "model")
        {
            Output.WriteTo(spec);
        }

        spec.With("epochs", FormText.Number(Epochs)).With("batchSize", FormText.Number(BatchSize));
        Optimizer.WriteTo(spec);
        spec["augment"] = new JsonObject { ["crop"] = FormText.Number(Crop), ["flip"] = Flip };
        spec.With("labelSmoothing", FormText.Number(LabelSmoothing)).With("seed", FormText.Number(Seed));
        if (!isVaried)
        {
            spec["snapshots"] = SnapshotMode == "every" ? JsonValue.Create("every") : FormText.List(Snapshots);
        }

        if (Prune)
        {
            spec["prune"] = new JsonObject().With("rate", FormText.Number(PruneRate)).With("target", FormText.Number(PruneTarget));
        }

        Terms.WriteTo(spec);
        spec["device"] = Device;
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Read("model") is { } model)
        {
            (Source, Model) = ("model", model);
        }

        if (spec.Get("architecture") is { } architecture)
        {
            Source = "architecture";
            Architecture.ReadFrom(architecture);
        }

        Output.ReadFrom(spec);
        Epochs = spec.Read("epochs") ?? Epochs;
        BatchSize = spec.Read("batchSize") ?? BatchSize;
        Optimizer.ReadFrom(spec);
        LabelSmoothing = spec.Read("labelSmoothing") ?? LabelSmoothing;
        Seed = spec.Read("seed") ?? Seed;
        Device = spec.Read("device") ?? Device;
        if (spec.Get("augment") is { } augment)
        {
            Crop = augment.Read("crop") ?? Crop;
            Flip = augment.Get("flip") is { ValueKind: JsonValueKind.True };
        }

        if (spec.Get("snapshots") is { } snapshots)
        {
            (SnapshotMode, Snapshots) = snapshots.ValueKind == JsonValueKind.Array ? ("list", FormText.Join(snapshots)) : ("every", Snapshots);
        }

        if (spec.Get("prune") is { } prune)
        {
            (Prune, PruneRate, PruneTarget) = (true, prune.Read("rate") ?? PruneRate, prune.Read("target") ?? PruneTarget);
        }

        Terms.ReadFrom(spec);
    }

    /// <summary>Moves to a network, players and a baseline that samples of this kind can have.</summary>
    public void FitTo(SampleKind? kind)
    {
        Architecture.FitTo(kind);
        Terms.FitTo(kind);
    }
}
