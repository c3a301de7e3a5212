using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingStudy;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>
/// The paper's comparison of networks that lean on low, middle or high orders, in one request: the same network is trained
/// with several modulations, all are profiled and tested, and Table II is filled in (interaction-bottleneck.txt, section 6.3).
/// </summary>
public sealed record ModulationStudySpec
{
    private const int MostSamples = 10_000;
    private const double DefaultTestShare = 0.2;

    /// <summary>One dataset that is split at random, by default a fifth for testing; either this, or <see cref="Train"/> and <see cref="Test"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataSplitSpec? Data { get; init; }

    /// <summary>What the networks are trained on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitSpec? Train { get; init; }

    /// <summary>What they are profiled and tested on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitSpec? Test { get; init; }

    /// <summary>
    /// How all networks are trained: a spec of kind training without <c>train</c>, <c>test</c>, <c>modulation</c> and
    /// <c>snapshots</c>. Its <c>seed</c> (by default the study's) is the first; the k-th further one is seed + k.
    /// </summary>
    public JsonElement Training { get; init; }

    /// <summary>What the trainings differ in, 2..8; by default the paper's <c>normal</c>, <c>low</c>, <c>mid</c> and <c>high</c>.</summary>
    public IReadOnlyList<VariantSpec> Variants { get; init; } = VariantSpec.Paper;

    /// <summary>How many times each variant is trained, 1..20, each time with another seed; errors need at least two.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>How many samples of the testing split are profiled, drawn at random with the study's seed; 50 by default.</summary>
    public int Samples { get; init; } = 50;

    /// <summary>
    /// How networks are profiled: a spec of kind bottleneck without models, <c>dataset</c> and <c>samples</c>. Players, baseline
    /// and device are by default those of the training.
    /// </summary>
    public JsonElement Profile { get; init; }

    /// <summary>
    /// How networks are tested on the whole testing split: a spec of kind macro without <c>models</c>, <c>dataset</c>,
    /// <c>samples</c> and <c>fit</c>, which is always measured. Of pictures <c>structure</c> is measured too, as it is given or by default;
    /// <c>robustness</c> where it is given.
    /// </summary>
    public JsonElement Macro { get; init; }

    /// <summary>The seed of every random choice that names none of its own.</summary>
    public long Seed { get; init; }

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static ModulationStudySpec Read(SpecObject fields)
    {
        var seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed - VariantSpec.MostSeeds) ?? 0;
        var data = StudyData.Read(fields, seed, DefaultTestShare);
        return new ModulationStudySpec
        {
            Data = data.Data,
            Train = data.Train,
            Test = data.Test,
            Training = StudyData.ReadPart(fields.Require("training"), "train", "test", "modulation", "snapshots"),
            Variants = VariantSpec.ReadAll(fields.Get("variants")),
            Seeds = (int?)fields.Get("seeds")?.AsInteger(1, VariantSpec.MostSeeds) ?? 1,
            Samples = (int?)fields.Get("samples")?.AsInteger(1, MostSamples) ?? 50,
            Profile = StudyData.ReadPart(fields.Get("profile"), "model", "models", "trainingJob", "snapshots", "dataset", "samples"),
            Macro = StudyData.ReadPart(fields.Get("macro"), "models", "dataset", "samples", "fit"),
            Seed = seed,
        };
    }
}
