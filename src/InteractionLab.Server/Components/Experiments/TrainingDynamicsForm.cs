using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>training-dynamics</c>.</summary>
public sealed class TrainingDynamicsForm : ISpecForm
{
    private const int FewSamples = 10;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
    [
        "snapshots", "trainingJob", "references", "name", .. SplitForm.PathsOf("train"), .. SplitForm.PathsOf("test"), .. DynamicsSettingsForm.Fields,
    ];

    /// <summary><c>trainingJob</c> or <c>snapshots</c>.</summary>
    public string Source { get; set; } = "trainingJob";

    public string TrainingJob { get; set; } = "";

    /// <summary>Models by epoch.</summary>
    public List<NumberedModel> Snapshots { get; } = [];

    /// <summary>Ids of the references, in their order.</summary>
    public List<string> References { get; } = [];

    public SplitForm Train { get; } = new("train");

    public SplitForm Test { get; } = new("test");

    /// <summary>How they are analysed.</summary>
    public DynamicsSettingsForm Settings { get; } = new();

    /// <inheritdoc/>
    public bool NeedsModel => true;

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Source == "trainingJob" && TrainingJob.Length == 0 ? "Choose the training job to follow."
        : Source == "snapshots" && Snapshots.Count == 0 ? "Add the snapshots."
        : References.Count == 0 ? "Choose a reference."
        : Train.Dataset.Length == 0 || Test.Dataset.Length == 0 ? "Choose the datasets of both splits."
        : Settings.Game.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { [Source] = Source == "snapshots" ? NumberedModel.ToJson(Snapshots, "epoch") : JsonValue.Create(TrainingJob) };
        spec["references"] = new JsonArray([.. References.Select(id => (JsonNode)id)]);
        spec["train"] = Train.ToJson();
        spec["test"] = Test.ToJson();
        Settings.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Read("trainingJob") is { } job)
        {
            (Source, TrainingJob) = ("trainingJob", job);
        }

        if (spec.Get("snapshots") is { ValueKind: JsonValueKind.Array } snapshots)
        {
            Source = "snapshots";
            NumberedModel.Read(Snapshots, snapshots, "epoch");
        }

        if (spec.Get("references") is { ValueKind: JsonValueKind.Array } references)
        {
            References.Clear();
            References.AddRange(references.EnumerateArray().Select(r => r.ToString()));
        }

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
            SplitForm.Part(Train, Test, datasets[0].Count, FewSamples);
        }

        Settings.Game.FitTo(datasets.FirstOrDefault(d => d.Id == Train.Dataset)?.Kind);
    }

    /// <summary>The splits of a spec that follows a training: the first samples of those the network was trained and tested on.</summary>
    /// <param name="training">The spec of the training job.</param>
    public static JsonObject SplitsOf(JsonElement training)
    {
        var splits = new JsonObject();
        foreach (var name in new[] { "train", "test" })
        {
            if (training.Get(name) is { } split && split.Read("dataset") is { } dataset)
            {
                splits[name] = new JsonObject { ["dataset"] = dataset, ["samples"] = First(split.Get("samples")) };
            }
        }

        return splits;
    }

    private static JsonNode First(JsonElement? samples)
    {
        if (samples is { ValueKind: JsonValueKind.Array } list)
        {
            return new JsonArray([.. list.EnumerateArray().Take(FewSamples).Select(i => JsonNode.Parse(i.GetRawText()))]);
        }

        if (samples is { ValueKind: JsonValueKind.Object } drawn && drawn.Get("count")?.TryGetInt32(out var count) is true)
        {
            return new JsonObject { ["count"] = Math.Min(count, FewSamples) }.With("seed", FormText.Number(drawn.Read("seed")));
        }

        var (from, to) = samples is { } range && range.Get("from")?.TryGetInt32(out var first) is true && range.Get("to")?.TryGetInt32(out var end) is true ? (first, end) : (0, FewSamples);
        return new JsonObject { ["from"] = from, ["to"] = Math.Min(to, from + FewSamples) };
    }
}
