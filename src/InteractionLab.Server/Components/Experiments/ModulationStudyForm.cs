using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The form of <c>modulation-study</c>.</summary>
public sealed class ModulationStudyForm : ISpecForm
{
    private static readonly string[] ProfileFields = [.. ProfileForm.Fields, .. GameForm.MaskingFields];

    // Parts that no field shows stay with the part they came with.
    private JsonObject trainingExtras = [];
    private JsonObject profileExtras = [];
    private JsonObject macroExtras = [];

    /// <summary>Creates an empty form: no part names a seed, so all take the study's.</summary>
    public ModulationStudyForm() => (Training.Seed, Game.Seed) = ("", "");

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Fields { get; } =
    [
        "variants", "seeds", "samples", "seed", "name", "training", "profile", "macro", .. StudyDataForm.Fields, .. TrainingSettingsForm.Fields.Select(field => "training." + field),
        .. ProfileFields.Select(field => "profile." + field), .. MacroTestsForm.Fields.Select(field => "macro." + field),
    ];

    public StudyDataForm Data { get; } = new("0.2");

    /// <summary>How all networks are trained; the variants say with which losses.</summary>
    public TrainingSettingsForm Training { get; } = new(isVaried: true);

    public List<VariantForm> Variants { get; } = [.. VariantForm.Paper];

    public string Seeds { get; set; } = "1";

    /// <summary>Samples that are profiled.</summary>
    public string Samples { get; set; } = "50";

    public ProfileForm Profile { get; } = new();

    /// <summary>Whether players, masking and value of the profiles are named; else they are those of the training.</summary>
    public bool OwnGame { get; set; }

    public GameForm Game { get; } = new(decomposes: false);

    /// <summary>The tests; those of structure are done of pictures in any case.</summary>
    public MacroTestsForm Macro { get; } = new() { Structure = false };

    public string Seed { get; set; } = "0";

    /// <inheritdoc/>
    public bool NeedsModel => Training.Source == "model";

    /// <inheritdoc/>
    public bool NeedsDataset => true;

    /// <inheritdoc/>
    public string? Missing => Data.Missing ?? Training.Missing ?? (OwnGame ? Game.Missing : null);

    /// <inheritdoc/>
    public JsonObject ToSpec()
    {
        var (spec, training, profile, macro) = (new JsonObject(), new JsonObject(), new JsonObject(), new JsonObject());
        Data.WriteTo(spec);
        Training.WriteTo(training);
        Profile.WriteTo(profile);
        if (OwnGame)
        {
            Game.WriteTo(profile);
        }

        Macro.WriteTo(macro);
        spec["training"] = training.With(trainingExtras);
        spec["variants"] = new JsonArray([.. Variants.Select(variant => variant.ToJson())]);
        spec["profile"] = profile.With(profileExtras);
        spec["macro"] = macro.With(macroExtras);
        return spec.With("seeds", FormText.Number(Seeds)).With("samples", FormText.Number(Samples)).With("seed", FormText.Number(Seed));
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

        if (spec.Get("variants") is { ValueKind: JsonValueKind.Array } variants)
        {
            Variants.Clear();
            Variants.AddRange(variants.EnumerateArray().Select(VariantForm.Read));
        }

        if (spec.Get("profile") is { } profile)
        {
            Profile.ReadFrom(profile);
            Game.ReadFrom(profile);
            OwnGame = GameForm.MaskingFields.Any(field => profile.Get(field) is not null);
            profileExtras = FormText.Unknown(profile, ProfileFields);
        }

        if (spec.Get("macro") is { } macro)
        {
            Macro.ReadFrom(macro);
            macroExtras = FormText.Unknown(macro, MacroTestsForm.Fields);
        }

        Seeds = spec.Read("seeds") ?? Seeds;
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
        Game.FitTo(kind);
    }
}
