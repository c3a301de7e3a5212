using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>bottleneck</c>.</summary>
public sealed class BottleneckForm : ISpecForm
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
        ["model", "models", "snapshots", "trainingJob", "dataset", "name", .. ProfileForm.Fields, .. SamplesForm.PathsOf(""), .. GameForm.MaskingFields];

    /// <summary><c>models</c>, <c>trainingJob</c> or <c>snapshots</c>.</summary>
    public string Source { get; set; } = "models";

    /// <summary>Ids of the models, in their order.</summary>
    public List<string> Models { get; } = [];

    /// <summary>Models by epoch.</summary>
    public List<NumberedModel> Snapshots { get; } = [];

    /// <summary>Id of the training job whose snapshots are measured.</summary>
    public string TrainingJob { get; set; } = "";

    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new();

    public ProfileForm Profile { get; } = new();

    public GameForm Game { get; } = new(decomposes: false);

    /// <inheritdoc/>
    public bool NeedsModel => Source != "trainingJob";

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Source switch
    {
        "trainingJob" when TrainingJob.Length == 0 => "Choose a training job.",
        "snapshots" when Snapshots.Count == 0 => "Add the models by epoch.",
        "models" when Models.Count == 0 => "Choose a model.",
        _ => Dataset.Length == 0 ? "Choose a dataset." : Game.Missing,
    };

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject
        {
            [Source] = Source switch
            {
                "trainingJob" => TrainingJob,
                "snapshots" => NumberedModel.ToJson(Snapshots, "epoch"),
                _ => new JsonArray([.. Models.Select(id => (JsonNode)id)]),
            },
            ["dataset"] = Dataset,
        };
        spec.With("samples", Samples.ToJson());
        Profile.WriteTo(spec);
        Game.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        ReadNetworks(spec);
        Dataset = spec.Read("dataset") ?? Dataset;
        if (spec.Get("samples") is { } samples)
        {
            Samples.ReadFrom(samples);
        }

        Profile.ReadFrom(spec);
        Game.ReadFrom(spec);
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        if (Source == "models" && Models.Count == 0 && models.Count == 1)
        {
            Models.Add(models[0].Id);
        }

        Dataset = Dataset.Length == 0 && datasets.Count == 1 ? datasets[0].Id : Dataset;
        Game.FitTo(datasets.FirstOrDefault(d => d.Id == Dataset)?.Kind);
    }

    private void ReadNetworks(JsonElement spec)
    {
        if (spec.Read("trainingJob") is { } job)
        {
            (Source, TrainingJob) = ("trainingJob", job);
        }
        else if (spec.Get("snapshots") is { } snapshots)
        {
            Source = "snapshots";
            NumberedModel.Read(Snapshots, snapshots, "epoch");
        }
        else if (spec.Get("models") is { ValueKind: JsonValueKind.Array } models)
        {
            // Beside the snapshots of a job there is an empty list of models.
            Source = "models";
            Models.Clear();
            Models.AddRange(models.EnumerateArray().Select(m => m.ToString()));
        }
        else if (spec.Read("model") is { } model)
        {
            Source = "models";
            Models.Clear();
            Models.Add(model);
        }
    }
}
