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
    [
        "model", "models", "dataset", "method", "orders", "pairs", "pairs.count", "pairs.radius", "pairs.seed", "contexts", "standardError", "nEff", "name",
        .. SamplesForm.PathsOf(""), .. GameForm.MaskingFields,
    ];

    /// <summary>Ids of the models, in their order.</summary>
    public List<string> Models { get; } = [];

    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new();

    /// <summary><c>auto</c>, <c>exact</c> or <c>sampled</c>.</summary>
    public string Method { get; set; } = "auto";

    /// <summary>Empty for what the server takes by itself, <c>all</c>, or <c>list</c>.</summary>
    public string OrdersMode { get; set; } = "";

    public string Ratios { get; set; } = "0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1";

    public string PairCount { get; set; } = "200";

    public string Radius { get; set; } = "";

    public string PairSeed { get; set; } = "";

    public string Contexts { get; set; } = "100";

    public string StandardError { get; set; } = "";

    public string NEff { get; set; } = "";

    public GameForm Game { get; } = new(decomposes: false);

    /// <inheritdoc/>
    public bool NeedsModel => true;

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Models.Count == 0 ? "Choose a model."
        : Dataset.Length == 0 ? "Choose a dataset."
        : Game.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["models"] = new JsonArray([.. Models.Select(id => (JsonNode)id)]), ["dataset"] = Dataset };
        spec.With("samples", Samples.ToJson())["method"] = Method;
        spec.With("orders", OrdersMode switch { "" => null, "list" => FormText.List(Ratios), var word => JsonValue.Create(word) });
        if (Method != "exact")
        {
            spec["pairs"] = new JsonObject().With("count", FormText.Number(PairCount)).With("radius", FormText.Number(Radius)).With("seed", FormText.Number(PairSeed));
            spec.With("contexts", FormText.Number(Contexts)).With("standardError", FormText.Number(StandardError));
        }

        spec.With("nEff", FormText.Number(NEff));
        Game.WriteTo(spec);
        return spec;
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get("models") is { ValueKind: JsonValueKind.Array } models)
        {
            Models.Clear();
            Models.AddRange(models.EnumerateArray().Select(m => m.ToString()));
        }
        else if (spec.Read("model") is { } model)
        {
            Models.Clear();
            Models.Add(model);
        }

        Dataset = spec.Read("dataset") ?? Dataset;
        if (spec.Get("samples") is { } samples)
        {
            Samples.ReadFrom(samples);
        }

        Method = spec.Read("method") ?? Method;
        if (spec.Get("orders") is { } orders)
        {
            (OrdersMode, Ratios) = orders.ValueKind == JsonValueKind.Array ? ("list", FormText.Join(orders)) : (orders.ToString(), Ratios);
        }

        if (spec.Get("pairs") is { } pairs)
        {
            PairCount = pairs.Read("count") ?? PairCount;
            Radius = pairs.Read("radius") ?? "";
            PairSeed = pairs.Read("seed") ?? "";
        }

        Contexts = spec.Read("contexts") ?? Contexts;
        StandardError = spec.Read("standardError") ?? StandardError;
        NEff = spec.Read("nEff") ?? NEff;
        Game.ReadFrom(spec);
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        if (Models.Count == 0 && models.Count == 1)
        {
            Models.Add(models[0].Id);
        }

        Dataset = Dataset.Length == 0 && datasets.Count == 1 ? datasets[0].Id : Dataset;
        Game.FitTo(datasets.FirstOrDefault(d => d.Id == Dataset)?.Kind);
    }
}
