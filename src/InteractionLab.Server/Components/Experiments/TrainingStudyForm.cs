using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>training-study</c>.</summary>
public sealed class TrainingStudyForm : ISpecForm
{
    // Parts that no field shows stay with the part they came with.
    private JsonObject trainingExtras = [];
    private JsonObject analysisExtras = [];

    /// <summary>Creates an empty form: neither part names a seed, so both take the study's.</summary>
    public TrainingStudyForm() => (Training.Seed, Analysis.Game.Seed) = ("", "");

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
    [
        "references", "samples", "seed", "name", "training", "analysis", "pruned", .. PenaltyForm.Fields, .. PrunerForm.PathsOf("pruned."),
        .. StudyDataForm.Fields,
        .. TrainingSettingsForm.Fields.Select(field => "training." + field), .. DynamicsSettingsForm.Fields.Select(field => "analysis." + field),
    ];

    public StudyDataForm Data { get; } = new("0.5");

    public TrainingSettingsForm Training { get; } = new();

    public string References { get; set; } = "2";

    public DynamicsSettingsForm Analysis { get; } = new();

    public string Samples { get; set; } = "20";

    /// <summary>The penalty with which the target is trained a second time.</summary>
    public PenaltyForm Penalty { get; } = new();

    /// <summary>Whether the last networks are pruned.</summary>
    public bool Prunes { get; set; }

    public PrunerForm Pruned { get; } = new();

    public string Seed { get; set; } = "0";

    /// <inheritdoc/>
    public bool NeedsModel => Training.Source == "model";

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Data.Missing ?? Training.Missing ?? Analysis.Game.Missing;

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var (spec, training, analysis) = (new JsonObject(), new JsonObject(), new JsonObject());
        Data.WriteTo(spec);
        Training.WriteTo(training);
        Analysis.WriteTo(analysis);
        spec["training"] = training.With(trainingExtras);
        spec["analysis"] = analysis.With(analysisExtras);
        if (Penalty.On)
        {
            spec["penalty"] = Penalty.ToJson();
        }

        if (Prunes)
        {
            var pruned = new JsonObject();
            Pruned.WriteTo(pruned);
            spec["pruned"] = pruned;
        }

        return spec.With("references", FormText.Number(References)).With("samples", FormText.Number(Samples)).With("seed", FormText.Number(Seed));
    }

    /// <inheritdoc/>
    public void ReadFrom(JsonElement spec)
    {
        Data.ReadFrom(spec);
        if (spec.Get("training") is { } training)
        {
            Training.ReadFrom(training);
            trainingExtras = FormText.Unknown(training, TrainingSettingsForm.Fields);
        }

        if (spec.Get("analysis") is { } analysis)
        {
            Analysis.ReadFrom(analysis);
            analysisExtras = FormText.Unknown(analysis, DynamicsSettingsForm.Fields);
        }

        if (spec.Get("penalty") is { } penalty)
        {
            Penalty.ReadFrom(penalty);
        }

        if (spec.Get("pruned") is { } pruned)
        {
            Prunes = true;
            Pruned.ReadFrom(pruned);
        }

        References = spec.Read("references") ?? References;
        Samples = StudyDataForm.CountOf(spec) ?? Samples;
        Seed = spec.Read("seed") ?? Seed;
    }

    /// <inheritdoc/>
    public void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets)
    {
        Data.StartWith(datasets);
        FitTo(datasets.FirstOrDefault(d => d.Id == Data.Learnt)?.Kind);
    }

    /// <summary>Moves to a network, players and baselines that samples of this kind can have.</summary>
    public void FitTo(SampleKind? kind)
    {
        Training.FitTo(kind);
        Analysis.Game.FitTo(kind);
    }
}
