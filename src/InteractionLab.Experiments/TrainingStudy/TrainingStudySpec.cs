using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>
/// A whole study of training dynamics in one request: the data are split, a target network is trained on the training split
/// and K references on the testing split, and the target's snapshots are analysed while it trains.
/// </summary>
public sealed record TrainingStudySpec
{
    private const int MostReferences = 8;
    private const int MostSamples = 10_000;
    private const double EvenSplit = 0.5;

    /// <summary>One dataset that is split at random, by default in halves, so that target and references learn from equally many samples; either this, or <see cref="Train"/> and <see cref="Test"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataSplitSpec? Data { get; init; }

    /// <summary>The training split: what the target is trained on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitSpec? Train { get; init; }

    /// <summary>The testing split: what the references are trained on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitSpec? Test { get; init; }

    /// <summary>
    /// How all networks are trained: a spec of kind training without <c>train</c> and <c>test</c>. Its <c>seed</c> (by default
    /// the study's) is the target's; reference k has seed + k. Its <c>snapshots</c> are the target's.
    /// </summary>
    public JsonElement Training { get; init; }

    /// <summary>K, 1..8; 2 by default.</summary>
    public int References { get; init; } = 2;

    /// <summary>
    /// How snapshots are analysed: a spec of kind training-dynamics without <c>snapshots</c>, <c>trainingJob</c>,
    /// <c>references</c>, <c>train</c> and <c>test</c>.
    /// </summary>
    public JsonElement Analysis { get; init; }

    /// <summary>How many samples of each split are analysed, drawn at random with the study's seed; 20 by default.</summary>
    public int Samples { get; init; } = 20;

    /// <summary>
    /// Trains the target a second time with a penalty on interactions that do not generalize to the first reference, and
    /// compares the two; null for no comparison.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyPenaltySpec? Penalty { get; init; }

    /// <summary>Prunes the target's last network, and that of the penalty, and measures what accuracy is left; null to leave it out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyPrunedSpec? Pruned { get; init; }

    /// <summary>The seed of every random choice that names none of its own.</summary>
    public long Seed { get; init; }

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static TrainingStudySpec Read(SpecObject fields)
    {
        var seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed - MostReferences) ?? 0;
        var data = StudyData.Read(fields, seed, EvenSplit);
        var spec = new TrainingStudySpec
        {
            Data = data.Data,
            Train = data.Train,
            Test = data.Test,
            Training = StudyData.ReadPart(fields.Require("training"), "train", "test"),
            References = (int?)fields.Get("references")?.AsInteger(1, MostReferences) ?? 2,
            Analysis = StudyData.ReadPart(fields.Require("analysis"), "snapshots", "trainingJob", "references", "train", "test"),
            Samples = (int?)fields.Get("samples")?.AsInteger(1, MostSamples) ?? 20,
            Penalty = StudyPenaltySpec.Read(fields.Get("penalty")),
            Pruned = StudyPrunedSpec.Read(fields.Get("pruned"), seed),
            Seed = seed,
        };
        if (spec.Penalty is not null && spec.Training.TryGetProperty("penalty", out var own) && own.ValueKind != JsonValueKind.Null)
        {
            fields.Fault("training.penalty", "is given beside penalty, which the study compares with the same training without one");
        }

        return spec;
    }
}
