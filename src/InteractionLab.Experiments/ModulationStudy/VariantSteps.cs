using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Snapshots;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>The jobs of a modulation study and their specs.</summary>
internal sealed class VariantSteps(ModulationStudySpec spec, StudySplits splits)
{
    /// <summary>The role of the profiles.</summary>
    public const string Profile = "profile";

    /// <summary>The role of the tests.</summary>
    public const string Macro = "macro";

    // Fields of a training that say how it masks, which a profile takes too.
    private static readonly string[] OfMasking = ["players", "baseline"];

    /// <summary>The trainings, all variants with one seed before the next seed; the profiles and the tests of all networks.</summary>
    public IReadOnlyList<ChainStep> All { get; } = Build(spec, splits);

    /// <summary>The role of a training.</summary>
    /// <param name="variant">Position in the spec.</param>
    /// <param name="k">0..seeds-1.</param>
    public static string Training(int variant, int k) => string.Create(CultureInfo.InvariantCulture, $"network-{variant + 1}-{k + 1}");

    /// <summary>Seed of a training, or null where the one given is no number (which its own kind says).</summary>
    public static long? SeedOf(ModulationStudySpec spec, int k) =>
        !spec.Training.TryGetProperty("seed", out var given) || given.ValueKind == JsonValueKind.Null ? spec.Seed + k
        : given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var own) ? own + k : null;

    /// <summary>The spec of a training: it keeps the last epoch alone.</summary>
    public static JsonElement TrainingSpec(ModulationStudySpec spec, StudySplits splits, int variant, int k)
    {
        var node = JsonObject.Create(spec.Training)!;
        var modulation = spec.Variants[variant].Modulation;
        if (modulation.Count == 0 && node["penalty"] is null)
        {
            // Nothing is masked.
            foreach (var field in OfMasking)
            {
                node.Remove(field);
            }
        }

        node["train"] = JsonSerializer.SerializeToNode(splits.Train.Spec, LabJson.Options);
        node["test"] = JsonSerializer.SerializeToNode(splits.Test.Spec, LabJson.Options);
        node["modulation"] = JsonSerializer.SerializeToNode(modulation, LabJson.Options);
        node["snapshots"] = TrainingSteps.LastSnapshot(node);
        if (SeedOf(spec, k) is { } seed)
        {
            node["seed"] = seed;
        }

        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>The spec of the profiles.</summary>
    public static JsonElement ProfileSpec(ModulationStudySpec spec, StudySplits splits, IEnumerable<string> models)
    {
        var node = JsonObject.Create(spec.Profile)!;
        var games = splits.Draw(spec.Samples, spec.Seed).Test;
        node["models"] = List(models);
        node["dataset"] = games.Dataset;
        node["samples"] = JsonSerializer.SerializeToNode(games.Samples, LabJson.Options);
        foreach (var field in OfMasking.Concat(["device", .. ModelReadings.FieldNames]))
        {
            TakeOver(spec, node, field);
        }

        node.TryAdd("players", JsonSerializer.SerializeToNode(MaskedTraining.DefaultPlayers(splits.Test.Dataset.Summary), LabJson.Options));
        node.TryAdd("seed", spec.Seed);
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>The spec of the tests.</summary>
    public static JsonElement MacroSpec(ModulationStudySpec spec, StudySplits splits, IEnumerable<string> models)
    {
        var node = JsonObject.Create(spec.Macro)!;
        node["models"] = List(models);
        node["dataset"] = splits.Test.Spec.Dataset;
        node["samples"] = JsonSerializer.SerializeToNode(splits.Test.Spec.Samples, LabJson.Options);
        node["fit"] = new JsonObject { ["train"] = JsonSerializer.SerializeToNode(splits.Train.Spec, LabJson.Options) };
        if (splits.Test.Dataset.Summary is { Kind: SampleKind.Image } pictures)
        {
            var grid = MaskedTraining.DefaultPlayers(pictures);
            node.TryAdd("structure", new JsonObject { ["rows"] = grid.Rows, ["columns"] = grid.Columns });
        }

        TakeOver(spec, node, "baseline");
        TakeOver(spec, node, "device");
        foreach (var field in ModelReadings.FieldNames)
        {
            TakeOver(spec, node, field);
        }

        node.TryAdd("seed", spec.Seed);
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>Ids of the networks: equal networks are one model and are measured once.</summary>
    public static IReadOnlyList<string> Models(ModulationStudySpec spec, ChainState state) =>
        [.. Roles(spec).Select(role => TrainingSteps.LastModel(state.Result(role))).Distinct()];

    private static ChainStep[] Build(ModulationStudySpec spec, StudySplits splits)
    {
        string[] trainings = [.. Roles(spec)];
        return
        [
            .. from k in Enumerable.Range(0, spec.Seeds) from v in Enumerable.Range(0, spec.Variants.Count)
                select new ChainStep(Training(v, k), Title(spec, v, k), FollowedTraining.Kind, [], [], _ => TrainingSpec(spec, splits, v, k)),
            new ChainStep(Profile, "profiles", BottleneckExperiment.KindName, trainings, [], state => ProfileSpec(spec, splits, Models(spec, state))),
            new ChainStep(Macro, "tests", MacroExperiment.KindName, trainings, [], state => MacroSpec(spec, splits, Models(spec, state))),
        ];
    }

    private static IEnumerable<string> Roles(ModulationStudySpec spec) =>
        from v in Enumerable.Range(0, spec.Variants.Count) from k in Enumerable.Range(0, spec.Seeds) select Training(v, k);

    private static string Title(ModulationStudySpec spec, int variant, int k) => spec.Seeds == 1
        ? spec.Variants[variant].Name
        : string.Create(CultureInfo.InvariantCulture, $"{spec.Variants[variant].Name}, seed {SeedOf(spec, k)}");

    private static JsonArray List(IEnumerable<string> models) => new([.. models.Select(id => (JsonNode)id)]);

    private static void TakeOver(ModulationStudySpec spec, JsonObject node, string field)
    {
        if (node[field] is null && spec.Training.TryGetProperty(field, out var given) && given.ValueKind != JsonValueKind.Null)
        {
            node[field] = JsonNode.Parse(given.GetRawText());
        }
    }
}
