using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Chains;

/// <summary>The data of a study: one dataset that is split at random, or a training and a testing split.</summary>
/// <param name="Data">The dataset; null where the splits are given.</param>
/// <param name="Train">The training split given.</param>
/// <param name="Test">The testing split given.</param>
internal sealed record StudyData(DataSplitSpec? Data, SplitSpec? Train, SplitSpec? Test)
{
    private static readonly string[] SplitNames = ["train", "test"];

    /// <summary>Reads the fields <c>data</c>, <c>train</c> and <c>test</c>; wrong parts are null or default.</summary>
    public static StudyData Read(SpecObject fields, long seed, double testShare)
    {
        var read = new StudyData(ReadData(fields.Get("data"), seed, testShare), ReadSplit(fields.Get("train"), seed), ReadSplit(fields.Get("test"), seed));
        if (fields.Has("data"))
        {
            foreach (var name in SplitNames.Where(fields.Has))
            {
                fields.Fault(name, "is given beside data, which is split into both");
            }
        }
        else if (SplitNames.Where(name => !fields.Has(name)).ToArray() is { Length: > 0 } missing)
        {
            var (field, why) = missing.Length == 2 ? ("data", "is required, or train and test") : (missing[0], "is required beside the other split");
            fields.Fault(field, why);
        }

        return read;
    }

    /// <summary>A part that another kind of experiment reads: only what the study fills in itself is refused here.</summary>
    public static JsonElement ReadPart(SpecValue? value, params ReadOnlySpan<string> ours)
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

    private static DataSplitSpec? ReadData(SpecValue? value, long seed, double testShare)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var data = new DataSplitSpec
        {
            Dataset = fields.Require("dataset")?.AsText() ?? string.Empty,
            Samples = SampleSelection.Read(fields.Get("samples"), seed),
            TestShare = fields.Get("testShare")?.AsNumber(0.01, 0.99) ?? testShare,
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
}

/// <summary>A dataset split at random into a training and a testing split.</summary>
public sealed record DataSplitSpec
{
    /// <summary>Id of the dataset.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>Which samples are split; absent for all of them.</summary>
    public SampleSelection? Samples { get; init; }

    /// <summary>The share of the testing split, 0.01..0.99; the default depends on the kind of study.</summary>
    public double TestShare { get; init; } = 0.5;

    /// <summary>Names the split.</summary>
    public long Seed { get; init; }
}
