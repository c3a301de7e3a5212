using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Zoo;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>training</c>.</summary>
public sealed class TrainingForm : ISpecForm
{
    private static readonly string[] OwnFields =
    [
        "architecture", "architecture.name", "model", "epochs", "batchSize", "augment", "augment.crop", "augment.flip", "labelSmoothing", "snapshots", "prune", "prune.rate", "prune.target", "seed", "device", "name",
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
    [
        .. OwnFields, .. OptimizerForm.Fields, .. SplitForm.PathsOf("train"), .. SplitForm.PathsOf("test"),
        .. ModelZoo.Architectures.SelectMany(f => f.Options).Select(o => "architecture." + o.Name).Distinct(),
    ];

    /// <summary><c>architecture</c> or <c>model</c>.</summary>
    public string Source { get; set; } = "architecture";

    public ArchitectureForm Architecture { get; } = new();

    public string Model { get; set; } = "";

    public SplitForm Train { get; } = new("train", canBeAll: true);

    public SplitForm Test { get; } = new("test", canBeAll: true);

    public string Epochs { get; set; } = "10";

    public string BatchSize { get; set; } = "128";

    public OptimizerForm Optimizer { get; } = new();

    public string Crop { get; set; } = "0";

    public bool Flip { get; set; }

    public string LabelSmoothing { get; set; } = "0";

    /// <summary><c>every</c> or <c>list</c>.</summary>
    public string SnapshotMode { get; set; } = "every";

    public string Snapshots { get; set; } = "0, 5, 10";

    public bool Prune { get; set; }

    public string PruneRate { get; set; } = "0.2";

    public string PruneTarget { get; set; } = "0.9";

    public string Seed { get; set; } = "0";

    public string Device { get; set; } = "auto";

    /// <inheritdoc/>
    public bool NeedsModel => Source == "model";

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Source == "model" && Model.Length == 0 ? "Choose the model to train further."
        : Train.Dataset.Length == 0 ? "Choose the dataset of the training samples."
        : Test.Dataset.Length == 0 ? "Choose the dataset of the testing samples."
        : null;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { [Source] = Source == "model" ? JsonValue.Create(Model) : Architecture.ToJson(), ["train"] = Train.ToJson(), ["test"] = Test.ToJson() };
        spec.With("epochs", FormText.Number(Epochs)).With("batchSize", FormText.Number(BatchSize));
        Optimizer.WriteTo(spec);
        spec["augment"] = new JsonObject { ["crop"] = FormText.Number(Crop), ["flip"] = Flip };
        spec.With("labelSmoothing", FormText.Number(LabelSmoothing)).With("seed", FormText.Number(Seed));
        spec["snapshots"] = SnapshotMode == "every" ? JsonValue.Create("every") : FormText.List(Snapshots);
        if (Prune)
        {
            spec["prune"] = new JsonObject().With("rate", FormText.Number(PruneRate)).With("target", FormText.Number(PruneTarget));
        }

        spec["device"] = Device;
        return spec;
    }

    /// <inheritdoc/>
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

        // A dataset on its own is both splits: the page of a dataset links here with it.
        if (spec.Read("dataset") is { } dataset)
        {
            (Train.Dataset, Test.Dataset) = (dataset, dataset);
        }

        Train.ReadFrom(spec);
        Test.ReadFrom(spec);
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
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        if (Train.Dataset.Length == 0 && Test.Dataset.Length == 0 && datasets.Count == 1)
        {
            (Train.Dataset, Test.Dataset) = (datasets[0].Id, datasets[0].Id);
        }

        if (Train.Dataset.Length > 0 && Train.Dataset == Test.Dataset && Train.Samples.Mode == "all" && Test.Samples.Mode == "all" && datasets.FirstOrDefault(d => d.Id == Train.Dataset) is { } both)
        {
            SplitForm.Part(Train, Test, both.Count);
        }

        Architecture.FitTo(datasets.FirstOrDefault(d => d.Id == Train.Dataset)?.Kind);
    }
}
