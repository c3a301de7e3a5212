using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>macro</c>.</summary>
public sealed class MacroForm : ISpecForm
{
    private const string Training = "fit.train";

    // The tests of an empty form go by the data; once a spec or a person has spoken, they stay.
    private bool read;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
        ["models", "dataset", "fit", Training, Training + ".dataset", .. OutputForm.Fields, "device", "seed", "name", .. SamplesForm.PathsOf(""), .. SamplesForm.PathsOf(Training + "."), .. MacroTestsForm.Fields, .. BaselineForm.Fields];

    /// <summary>Ids of the models, in their order.</summary>
    public List<string> Models { get; } = [];

    /// <summary>Id of the dataset of the test samples.</summary>
    public string Dataset { get; set; } = "";

    public SamplesForm Samples { get; } = new(canBeAll: true);

    public MacroTestsForm Tests { get; } = new();

    public bool Fit { get; set; }

    /// <summary>The samples the models were trained on.</summary>
    public SplitForm Train { get; } = new(Training, canBeAll: true);

    public BaselineForm Baseline { get; } = new();

    public OutputForm Output { get; } = new();

    public string Device { get; set; } = "auto";

    public string Seed { get; set; } = "0";

    /// <inheritdoc/>
    public bool NeedsModel => true;

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Models.Count == 0 ? "Choose a model."
        : Dataset.Length == 0 ? "Choose a dataset."
        : Fit && Train.Dataset.Length == 0 ? "Choose the dataset of the training samples."
        : !Tests.Structure && !Tests.Robustness && !Fit ? "Choose a test."
        : null;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var spec = new JsonObject { ["models"] = new JsonArray([.. Models.Select(id => (JsonNode)id)]), ["dataset"] = Dataset };
        spec.With("samples", Samples.ToJson());
        Tests.WriteTo(spec);
        if (Fit)
        {
            spec["fit"] = new JsonObject { ["train"] = Train.ToJson() };
        }

        if (Tests.Structure)
        {
            spec["baseline"] = Baseline.ToJson();
        }

        Output.WriteTo(spec);
        spec["device"] = Device;
        return spec.With("seed", FormText.Number(Seed));
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

        if (spec.Get("structure") is not null || spec.Get("fit") is not null || spec.Get("robustness") is not null)
        {
            read = true;
            Tests.ReadFrom(spec);
            Fit = spec.Get("fit") is not null;
            Train.Dataset = spec.Get("fit")?.Get("train")?.Read("dataset") ?? Train.Dataset;
            if (spec.Get("fit")?.Get("train")?.Get("samples") is { } learnt)
            {
                Train.Samples.ReadFrom(learnt);
            }
        }

        if (spec.Get("baseline") is { } baseline)
        {
            Baseline.ReadFrom(baseline);
        }

        Output.ReadFrom(spec);
        Device = spec.Read("device") ?? Device;
        Seed = spec.Read("seed") ?? Seed;
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        if (Models.Count == 0 && models.Count == 1)
        {
            Models.Add(models[0].Id);
        }

        Dataset = Dataset.Length == 0 && datasets.Count == 1 ? datasets[0].Id : Dataset;
        FitTo(datasets.FirstOrDefault(d => d.Id == Dataset)?.Kind);
    }

    /// <summary>Moves to tests that samples of this kind can have: patches are masked in pictures alone.</summary>
    public void FitTo(SampleKind? kind)
    {
        if (!read && kind is not null)
        {
            Tests.Structure = kind is SampleKind.Image;
        }
    }
}
