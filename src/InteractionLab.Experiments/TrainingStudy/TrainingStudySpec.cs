using System.Text.Json;
using System.Text.Json.Serialization;
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
    private static readonly string[] SplitNames = ["train", "test"];

    /// <summary>One dataset that is split at random; either this, or <see cref="Train"/> and <see cref="Test"/>.</summary>
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
        var spec = new TrainingStudySpec
        {
            Data = ReadData(fields.Get("data"), seed),
            Train = ReadSplit(fields.Get("train"), seed),
            Test = ReadSplit(fields.Get("test"), seed),
            Training = ReadPart(fields.Require("training"), "train", "test"),
            References = (int?)fields.Get("references")?.AsInteger(1, MostReferences) ?? 2,
            Analysis = ReadPart(fields.Require("analysis"), "snapshots", "trainingJob", "references", "train", "test"),
            Samples = (int?)fields.Get("samples")?.AsInteger(1, MostSamples) ?? 20,
            Penalty = StudyPenaltySpec.Read(fields.Get("penalty")),
            Pruned = StudyPrunedSpec.Read(fields.Get("pruned"), seed),
            Seed = seed,
        };
        if (spec.Penalty is not null && spec.Training.TryGetProperty("penalty", out var own) && own.ValueKind != JsonValueKind.Null)
        {
            fields.Fault("training.penalty", "is given beside penalty, which the study compares with the same training without one");
        }

        if (fields.Has("data"))
        {
            foreach (var name in SplitNames.Where(fields.Has))
            {
                fields.Fault(name, "is given beside data, which is split into both");
            }
        }
        else if (!fields.Has("train") || !fields.Has("test"))
        {
            fields.Fault("data", "is required, or train and test");
        }

        return spec;
    }

    private static DataSplitSpec? ReadData(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var data = new DataSplitSpec
        {
            Dataset = fields.Require("dataset")?.AsText() ?? string.Empty,
            Samples = SampleSelection.Read(fields.Get("samples"), seed),
            TestShare = fields.Get("testShare")?.AsNumber(0.01, 0.99) ?? 0.5,
            Seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed,
        };
        CheckSamples(data.Samples, fields);
        fields.RejectUnknown();
        return data;
    }

    private static SplitSpec? ReadSplit(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var split = new SplitSpec { Dataset = fields.Require("dataset")?.AsText() ?? string.Empty, Samples = SampleSelection.Read(fields.Get("samples"), seed) };
        CheckSamples(split.Samples, fields);
        fields.RejectUnknown();
        return split;
    }

    private static void CheckSamples(SampleSelection? samples, SpecObject fields)
    {
        if (samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "there is no trained network to ask yet");
        }
    }

    /// <summary>A part that another kind of experiment reads: only what this one fills in itself is refused here.</summary>
    private static JsonElement ReadPart(SpecValue? value, params ReadOnlySpan<string> ours)
    {
        if (value?.AsObject() is not { } fields)
        {
            return JsonElement.Parse("{}");
        }

        foreach (var name in ours)
        {
            fields.Get(name)?.Fault("is filled in by the study");
        }

        return value.Value.Element.Clone();
    }
}

/// <summary>A dataset split at random into a training and a testing split.</summary>
public sealed record DataSplitSpec
{
    /// <summary>Id of the dataset.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>Which samples are split; absent for all of them.</summary>
    public SampleSelection? Samples { get; init; }

    /// <summary>The share of the testing split, 0.01..0.99; one half by default, so that target and references learn from equally many samples.</summary>
    public double TestShare { get; init; } = 0.5;

    /// <summary>Names the split.</summary>
    public long Seed { get; init; }
}
