using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The data of a study: one dataset that is split at random, or a training and a testing split.</summary>
/// <param name="testShare">The share of the testing split in an empty form.</param>
public sealed class StudyDataForm(string testShare)
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["data.testShare", "data.seed", .. SplitForm.PathsOf("data"), .. SplitForm.PathsOf("train"), .. SplitForm.PathsOf("test")];

    /// <summary><c>data</c>: one dataset that is split; <c>splits</c>: two.</summary>
    public string Source { get; set; } = "data";

    public SplitForm Data { get; } = new("data", canBeAll: true);

    public string TestShare { get; set; } = testShare;

    /// <summary>The seed of the split; empty for the study's.</summary>
    public string Seed { get; set; } = "";

    public SplitForm Train { get; } = new("train", canBeAll: true);

    public SplitForm Test { get; } = new("test", canBeAll: true);

    /// <summary>Id of the dataset that networks learn from.</summary>
    public string Learnt => Source == "data" ? Data.Dataset : Train.Dataset;

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => Source == "data" && Data.Dataset.Length == 0 ? "Choose the dataset that is split."
        : Source != "data" && (Train.Dataset.Length == 0 || Test.Dataset.Length == 0) ? "Choose the datasets of both splits."
        : null;

    /// <summary>How many samples a spec says that a study looks at; null where it says none, or says them as a split does.</summary>
    public static string? CountOf(JsonElement spec) =>
        spec.Get("samples") is { ValueKind: JsonValueKind.Number or JsonValueKind.String } samples ? samples.ToString() : null;

    /// <summary>Takes the dataset where there is but one.</summary>
    public void StartWith(IReadOnlyList<DatasetView> datasets)
    {
        if (Data.Dataset.Length == 0 && datasets.Count == 1)
        {
            Data.Dataset = datasets[0].Id;
        }
    }

    /// <summary>Adds its fields to a spec.</summary>
    public void WriteTo(JsonObject spec)
    {
        if (Source == "data")
        {
            spec["data"] = Data.ToJson().With("testShare", FormText.Number(TestShare)).With("seed", FormText.Number(Seed));
            return;
        }

        spec["train"] = Train.ToJson();
        spec["test"] = Test.ToJson();
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("train") is not null || spec.Get("test") is not null)
        {
            Source = "splits";
            Train.ReadFrom(spec);
            Test.ReadFrom(spec);
        }

        if (spec.Get("data") is { } data)
        {
            Source = "data";
            Data.ReadFrom(spec);
            TestShare = data.Read("testShare") ?? TestShare;
            Seed = data.Read("seed") ?? "";
        }

        // A dataset on its own is the one that is split: the page of a dataset links here with it.
        if (spec.Read("dataset") is { } dataset)
        {
            (Data.Dataset, Train.Dataset, Test.Dataset) = (dataset, dataset, dataset);
        }
    }
}
