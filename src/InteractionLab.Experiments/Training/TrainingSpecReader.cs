using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>Reads a <see cref="TrainingSpec"/>; what is wrong is recorded and replaced by something harmless.</summary>
internal static class TrainingSpecReader
{
    /// <summary>The most epochs of one round.</summary>
    public const int MostEpochs = 10_000;

    /// <summary>Reads the whole spec.</summary>
    public static TrainingSpec Read(SpecObject fields)
    {
        var seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? 0;
        var model = fields.Get("model")?.AsText();
        var (inputs, output, outputAs) = ModelReadings.ReadFields(fields);
        var architecture = ReadArchitecture(fields.Get("architecture"));
        if (fields.Has("model") == fields.Has("architecture"))
        {
            fields.Fault("architecture", fields.Has("model") ? "is given beside model; give one of them" : "is required, or model to train a registered model further");
        }

        return new TrainingSpec
        {
            Architecture = architecture,
            Model = model,
            Inputs = inputs,
            Output = output,
            OutputAs = outputAs,
            Train = ReadSplit(fields, "train", seed),
            Test = ReadSplit(fields, "test", seed),
            Epochs = (int?)fields.Require("epochs")?.AsInteger(1, MostEpochs) ?? 1,
            BatchSize = (int?)fields.Get("batchSize")?.AsInteger(1, SpecLimits.LargestBatch) ?? 128,
            Optimizer = OptimizerSpec.Read(fields.Get("optimizer")),
            Schedule = ScheduleSpec.Read(fields.Get("schedule")),
            Augment = ReadAugment(fields.Get("augment")),
            LabelSmoothing = fields.Get("labelSmoothing")?.AsNumber(0, SpecFields.BelowOne) ?? 0,
            Seed = seed,
            Snapshots = SnapshotEpochs.Read(fields.Get("snapshots"), int.MaxValue),
            Device = fields.Get("device")?.AsEnum<DeviceKind>() ?? DeviceKind.Auto,
            Prune = ReadPrune(fields.Get("prune")),
            Modulation = ModulationReader.Read(fields.Get("modulation")),
            Penalty = PenaltySpec.Read(fields.Get("penalty")),
            Players = PlayersReader.Read(fields.Get("players"), seed, SpecLimits.MostSampledPlayers),
            Baseline = fields.Has("baseline") ? BaselineSpec.Read(fields.Get("baseline")) : null,
        };
    }

    private static ZooArchitecture? ReadArchitecture(SpecValue? value)
    {
        if (value is not { } given)
        {
            return null;
        }

        return ModelZoo.Read(given.Element, (field, why) => given.Faults.Add(field.Length == 0 ? given.Path : $"{given.Path}.{field}", why));
    }

    private static SplitSpec ReadSplit(SpecObject spec, string name, long seed)
    {
        if (spec.Require(name)?.AsObject() is not { } fields)
        {
            return new SplitSpec();
        }

        var samples = SampleSelection.Read(fields.Get("samples"), seed);
        if (samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "there is no trained network to ask yet");
        }

        var split = new SplitSpec { Dataset = fields.Require("dataset")?.AsText() ?? string.Empty, Samples = samples };
        fields.RejectUnknown();
        return split;
    }

    private static AugmentSpec ReadAugment(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new AugmentSpec(0, false);
        }

        var read = new AugmentSpec((int?)fields.Get("crop")?.AsInteger(0, Augmentation.MostCrop) ?? 0, fields.Get("flip")?.AsFlag() ?? false);
        fields.RejectUnknown();
        return read;
    }

    private static PruneSpec? ReadPrune(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var rate = fields.Get("rate")?.AsNumber(0, SpecFields.BelowOne, excludeFrom: true) ?? 0.2;
        var target = fields.Require("target")?.AsNumber(0, SpecFields.BelowOne, excludeFrom: true) ?? rate;
        fields.RejectUnknown();
        var prune = new PruneSpec(rate, target);
        if (prune.Rounds > MostEpochs)
        {
            fields.Fault("rate", FormattableString.Invariant($"{rate} a round does not reach {target} in {MostEpochs} rounds, the most epochs that a job may have"));
        }

        return prune;
    }
}
