using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>masked-samples</c>.</summary>
public sealed class MaskedSamplesForm : ISpecForm
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } = ["model", "dataset", "name", .. SamplesForm.PathsOf(""), .. GameForm.Fields];

    public string Model { get; set; } = "";

    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new();

    public GameForm Game { get; } = new();

    /// <inheritdoc/>
    public bool NeedsModel => true;

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Model.Length == 0 && Dataset.Length == 0 ? "Choose a model and a dataset."
        : Model.Length == 0 ? "Choose a model."
        : Dataset.Length == 0 ? "Choose a dataset."
        : Game.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["model"] = Model, ["dataset"] = Dataset };
        spec.With("samples", Samples.ToJson());
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
