using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets.Training;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Training;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Experiments.Training;

/// <summary>Reads a <see cref="TrainingSpec"/>; what is wrong is recorded and replaced by something harmless.</summary>
internal static class TrainingSpecReader
{
    /// <summary>The most epochs of one round.</summary>
    public const int MostEpochs = 10_000;

    private const double LargestRate = 1e3;

    // Numbers below 1 that still are numbers: 1 itself would divide by zero.
    private const double BelowOne = 0.999_999;

    /// <summary>Reads the whole spec.</summary>
    public static TrainingSpec Read(SpecObject fields)
    {
        var seed = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? 0;
        var model = fields.Get("model")?.AsText();
        var architecture = ReadArchitecture(fields.Get("architecture"));
        if (fields.Has("model") == fields.Has("architecture"))
        {
            fields.Fault("architecture", fields.Has("model") ? "is given beside model; give one of them" : "is required, or model to train a registered model further");
        }

        return new TrainingSpec
        {
            Architecture = architecture,
            Model = model,
            Train = ReadSplit(fields, "train", seed),
            Test = ReadSplit(fields, "test", seed),
            Epochs = (int?)fields.Require("epochs")?.AsInteger(1, MostEpochs) ?? 1,
            BatchSize = (int?)fields.Get("batchSize")?.AsInteger(1, SpecLimits.LargestBatch) ?? 128,
            Optimizer = ReadOptimizer(fields.Get("optimizer")),
            Schedule = ReadSchedule(fields.Get("schedule")),
            Augment = ReadAugment(fields.Get("augment")),
            LabelSmoothing = fields.Get("labelSmoothing")?.AsNumber(0, BelowOne) ?? 0,
            Seed = seed,
            Snapshots = SnapshotEpochs.Read(fields.Get("snapshots"), int.MaxValue),
            Device = fields.Get("device")?.AsEnum<DeviceKind>() ?? DeviceKind.Auto,
            Prune = ReadPrune(fields.Get("prune")),
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

    private static OptimizerSettings ReadOptimizer(SpecValue? value)
    {
        var defaults = new OptimizerSettings();
        if (value?.AsObject() is not { } fields)
        {
            return defaults;
        }

        var type = fields.Get("type")?.AsEnum<OptimizerKind>() ?? OptimizerKind.Sgd;
        var sgd = type == OptimizerKind.Sgd;
        var momentum = fields.Get("momentum")?.AsNumber(0, BelowOne) ?? 0;
        var nesterov = fields.Get("nesterov")?.AsFlag() ?? false;
        Only(fields, sgd, "belongs to sgd", "momentum", "nesterov");
        Only(fields, !sgd, "belongs to adam and adamw", "beta1", "beta2", "epsilon");
        if (sgd && nesterov && momentum == 0)
        {
            fields.Fault("nesterov", "needs a momentum above 0");
        }

        var read = new OptimizerSettings
        {
            Type = type,
            LearningRate = fields.Get("learningRate")?.AsNumber(0, LargestRate, excludeFrom: true) ?? (sgd ? defaults.LearningRate : 1e-3),
            Momentum = momentum,
            Nesterov = nesterov,
            WeightDecay = fields.Get("weightDecay")?.AsNumber(0, LargestRate) ?? (type == OptimizerKind.Adamw ? 0.01 : 0),
            Beta1 = fields.Get("beta1")?.AsNumber(0, BelowOne) ?? defaults.Beta1,
            Beta2 = fields.Get("beta2")?.AsNumber(0, BelowOne) ?? defaults.Beta2,
            Epsilon = fields.Get("epsilon")?.AsNumber(0, 1, excludeFrom: true) ?? defaults.Epsilon,
            ClipNorm = fields.Get("clipNorm")?.AsNumber(0, 1e9, excludeFrom: true),
        };
        fields.RejectUnknown();
        return read;
    }

    private static ScheduleSettings ReadSchedule(SpecValue? value)
    {
        var defaults = new ScheduleSettings();
        if (value?.AsObject() is not { } fields)
        {
            return defaults;
        }

        var type = fields.Get("type")?.AsEnum<ScheduleKind>() ?? ScheduleKind.Constant;
        Only(fields, type == ScheduleKind.Step, "belongs to step", "every", "gamma");
        Only(fields, type == ScheduleKind.Cosine, "belongs to cosine", "minimum");
        Only(fields, type == ScheduleKind.OneCycle, "belongs to one-cycle", "rise", "startDivisor", "endDivisor");
        if (type == ScheduleKind.Step)
        {
            fields.Require("every");
        }

        var read = new ScheduleSettings
        {
            Type = type,
            Every = (int?)fields.Get("every")?.AsInteger(1, MostEpochs) ?? defaults.Every,
            Gamma = fields.Get("gamma")?.AsNumber(0, 10, excludeFrom: true) ?? defaults.Gamma,
            Minimum = fields.Get("minimum")?.AsNumber(0, LargestRate) ?? defaults.Minimum,
            Rise = fields.Get("rise")?.AsNumber(0, BelowOne, excludeFrom: true) ?? defaults.Rise,
            StartDivisor = fields.Get("startDivisor")?.AsNumber(0, 1e12, excludeFrom: true) ?? defaults.StartDivisor,
            EndDivisor = fields.Get("endDivisor")?.AsNumber(0, 1e12, excludeFrom: true) ?? defaults.EndDivisor,
        };
        fields.RejectUnknown();
        return read;
    }

    private static Augmentation ReadAugment(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return Augmentation.None;
        }

        var read = new Augmentation((int?)fields.Get("crop")?.AsInteger(0, Augmentation.MostCrop) ?? 0, fields.Get("flip")?.AsFlag() ?? false);
        fields.RejectUnknown();
        return read;
    }

    private static PruneSpec? ReadPrune(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var rate = fields.Get("rate")?.AsNumber(0, BelowOne, excludeFrom: true) ?? 0.2;
        var target = fields.Require("target")?.AsNumber(0, BelowOne, excludeFrom: true) ?? rate;
        fields.RejectUnknown();
        return new PruneSpec(rate, target);
    }

    private static void Only(SpecObject fields, bool allowed, string why, params IReadOnlyList<string> names)
    {
        foreach (var name in names.Where(name => fields.Has(name) && !allowed))
        {
            fields.Fault(name, why);
        }
    }
}
