using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>pruning-sweep</c>.</summary>
public sealed class PruningSweepForm : ISpecForm
{
    private static readonly string[] OwnFields =
    [
        "model", "dataset", "references", "pool", "decomposition", "keepModels", "blockSize", "name",
        "phases", "phases.thresholds", "phases.thresholds.lowPreserved", "phases.thresholds.initialAccuracy", "phases.thresholds.rhoStep", "phases.thresholds.finalAccuracy",
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } = [.. OwnFields, .. PrunerForm.PathsOf(""), .. SamplesForm.PathsOf(""), .. SplitForm.PathsOf("evaluation"), .. GameForm.Fields];

    public string Model { get; set; } = "";

    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new();

    /// <summary>Ids of the references, in their order.</summary>
    public List<string> References { get; } = [];

    /// <summary><c>pruner</c> or <c>pool</c>.</summary>
    public string Source { get; set; } = "pruner";

    public PrunerForm Pruner { get; } = new() { Ratios = "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95" };

    /// <summary>Models that are sparse already, by sparsity.</summary>
    public List<NumberedModel> Pool { get; } = [];

    public SplitForm Evaluation { get; } = new("evaluation", canBeAll: true);

    public string LowPreserved { get; set; } = "0.95";

    public string InitialAccuracy { get; set; } = "0.01";

    public string RhoStep { get; set; } = "0.05";

    public string FinalAccuracy { get; set; } = "0.02";

    public string Decomposition { get; set; } = "joint";

    public bool KeepModels { get; set; }

    public string BlockSize { get; set; } = "5";

    public GameForm Game { get; } = new();

    /// <inheritdoc/>
    public bool NeedsModel => true;

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Model.Length == 0 ? "Choose the model to prune."
        : Dataset.Length == 0 ? "Choose a dataset."
        : Source == "pool" && Pool.Count == 0 ? "Add the sparse models."
        : Game.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["model"] = Model, ["dataset"] = Dataset };
        spec.With("samples", Samples.ToJson())["references"] = new JsonArray([.. References.Select(id => (JsonNode)id)]);
        if (Source == "pool")
        {
            spec["pool"] = NumberedModel.ToJson(Pool, "sparsity");
        }
        else
        {
            Pruner.WriteTo(spec);
        }

        // Without samples of its own the server draws some of the games' dataset.
        if (Evaluation.Dataset.Length > 0 || Evaluation.Samples.Mode != "all")
        {
            spec["evaluation"] = new JsonObject { ["dataset"] = Evaluation.Dataset.Length > 0 ? Evaluation.Dataset : Dataset }.With("samples", Evaluation.Samples.ToJson());
        }

        spec["phases"] = new JsonObject
        {
            ["thresholds"] = new JsonObject().With("lowPreserved", FormText.Number(LowPreserved)).With("initialAccuracy", FormText.Number(InitialAccuracy)).With("rhoStep", FormText.Number(RhoStep)).With("finalAccuracy", FormText.Number(FinalAccuracy)),
        };
        spec["decomposition"] = Decomposition;
        spec["keepModels"] = KeepModels;
        spec.With("blockSize", FormText.Number(BlockSize));
        Game.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        Model = spec.Read("model") ?? Model;
        Dataset = spec.Read("dataset") ?? Dataset;
        if (spec.Get("samples") is { } samples)
        {
            Samples.ReadFrom(samples);
        }

        if (spec.Get("references") is { ValueKind: JsonValueKind.Array } references)
        {
            References.Clear();
            References.AddRange(references.EnumerateArray().Select(r => r.ToString()));
        }

        if (spec.Get("pool") is { } pool)
        {
            Source = "pool";
            NumberedModel.Read(Pool, pool, "sparsity");
        }

        Source = spec.Get("pruner") is null ? Source : "pruner";
        Pruner.ReadFrom(spec);
        Evaluation.ReadFrom(spec);
        if (spec.Get("phases") is { } phases && phases.Get("thresholds") is { } thresholds)
        {
            LowPreserved = thresholds.Read("lowPreserved") ?? LowPreserved;
            InitialAccuracy = thresholds.Read("initialAccuracy") ?? InitialAccuracy;
            RhoStep = thresholds.Read("rhoStep") ?? RhoStep;
            FinalAccuracy = thresholds.Read("finalAccuracy") ?? FinalAccuracy;
        }

        Decomposition = spec.Read("decomposition") ?? Decomposition;
        KeepModels = spec.Get("keepModels") is { } keep ? keep.ValueKind == JsonValueKind.True : KeepModels;
        BlockSize = spec.Read("blockSize") ?? BlockSize;
        Game.ReadFrom(spec);
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        Model = Model.Length == 0 && models.Count == 1 ? models[0].Id : Model;
        Dataset = Dataset.Length == 0 && datasets.Count == 1 ? datasets[0].Id : Dataset;
        Game.FitTo(datasets.FirstOrDefault(d => d.Id == Dataset)?.Kind);
    }
}
