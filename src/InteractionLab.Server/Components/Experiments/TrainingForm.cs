using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>training</c>.</summary>
public sealed class TrainingForm : ISpecForm
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } = ["name", .. TrainingSettingsForm.Fields, .. SplitForm.PathsOf("train"), .. SplitForm.PathsOf("test")];

    /// <summary>All but the samples.</summary>
    public TrainingSettingsForm Settings { get; } = new();

    public SplitForm Train { get; } = new("train", canBeAll: true);

    public SplitForm Test { get; } = new("test", canBeAll: true);

    /// <inheritdoc/>
    public bool NeedsModel => Settings.Source == "model";

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Train.Dataset.Length == 0 ? "Choose the dataset of the training samples."
        : Test.Dataset.Length == 0 ? "Choose the dataset of the testing samples."
        : Settings.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["train"] = Train.ToJson(), ["test"] = Test.ToJson() };
        Settings.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        // A dataset on its own is both splits: the page of a dataset links here with it.
        if (spec.Read("dataset") is { } dataset)
        {
            (Train.Dataset, Test.Dataset) = (dataset, dataset);
        }

        Train.ReadFrom(spec);
        Test.ReadFrom(spec);
        Settings.ReadFrom(spec);
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

        Settings.FitTo(datasets.FirstOrDefault(d => d.Id == Train.Dataset)?.Kind);
    }
}
