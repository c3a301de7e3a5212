using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Training;

namespace InteractionLab.Experiments.Training;

/// <summary>The update rule; constants of other rules are absent.</summary>
public sealed record OptimizerSpec
{
    private const double LargestRate = 1e3;

    /// <summary>The rule.</summary>
    public OptimizerKind Type { get; init; } = OptimizerKind.Sgd;

    /// <summary>The rate that the schedule scales, above 0; 0.1 for sgd and 0.001 for the others unless given.</summary>
    public double LearningRate { get; init; }

    /// <summary>Momentum of sgd, 0 to below 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Momentum { get; init; }

    /// <summary>Nesterov's form of the momentum, sgd only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Nesterov { get; init; }

    /// <summary>Weight decay, at least 0; 0.01 for adamw and 0 for the others unless given.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay of the mean of gradients, adam and adamw only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Beta1 { get; init; }

    /// <summary>Decay of the mean of squared gradients, adam and adamw only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Beta2 { get; init; }

    /// <summary>ε beside the root, adam and adamw only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Epsilon { get; init; }

    /// <summary>The largest Euclidean norm of all gradients together; null leaves them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClipNorm { get; init; }

    /// <summary>As the trainer takes it.</summary>
    internal OptimizerSettings Settings
    {
        get
        {
            var defaults = new OptimizerSettings();
            return new OptimizerSettings
            {
                Type = Type,
                LearningRate = LearningRate,
                Momentum = Momentum ?? 0,
                Nesterov = Nesterov ?? false,
                WeightDecay = WeightDecay,
                Beta1 = Beta1 ?? defaults.Beta1,
                Beta2 = Beta2 ?? defaults.Beta2,
                Epsilon = Epsilon ?? defaults.Epsilon,
                ClipNorm = ClipNorm,
            };
        }
    }

    /// <summary>Reads the field; plain sgd where it is absent or wrong.</summary>
    internal static OptimizerSpec Read(SpecValue? value) => value?.AsObject() is { } fields ? Read(fields) : Of(OptimizerKind.Sgd);

    private static OptimizerSpec Read(SpecObject fields)
    {
        var defaults = Of(fields.Get("type")?.AsEnum<OptimizerKind>() ?? OptimizerKind.Sgd);
        var sgd = defaults.Type == OptimizerKind.Sgd;
        SpecFields.Only(fields, sgd, "belongs to sgd", "momentum", "nesterov");
        SpecFields.Only(fields, !sgd, "belongs to adam and adamw", "beta1", "beta2", "epsilon");
        var read = defaults with
        {
            LearningRate = fields.Get("learningRate")?.AsNumber(0, LargestRate, excludeFrom: true) ?? defaults.LearningRate,
            WeightDecay = fields.Get("weightDecay")?.AsNumber(0, LargestRate) ?? defaults.WeightDecay,
            ClipNorm = fields.Get("clipNorm")?.AsNumber(0, 1e9, excludeFrom: true),
            Momentum = fields.Get("momentum")?.AsNumber(0, SpecFields.BelowOne) ?? defaults.Momentum,
            Nesterov = fields.Get("nesterov")?.AsFlag() ?? defaults.Nesterov,
            Beta1 = fields.Get("beta1")?.AsNumber(0, SpecFields.BelowOne) ?? defaults.Beta1,
            Beta2 = fields.Get("beta2")?.AsNumber(0, SpecFields.BelowOne) ?? defaults.Beta2,
            Epsilon = fields.Get("epsilon")?.AsNumber(0, 1, excludeFrom: true) ?? defaults.Epsilon,
        };
        if (read is { Nesterov: true, Momentum: 0 })
        {
            fields.Fault("nesterov", "needs a momentum above 0");
        }

        fields.RejectUnknown();
        return read;
    }

    private static OptimizerSpec Of(OptimizerKind type)
    {
        var defaults = new OptimizerSettings();
        return type == OptimizerKind.Sgd
            ? new OptimizerSpec { Type = type, LearningRate = defaults.LearningRate, Momentum = 0, Nesterov = false }
            : new OptimizerSpec
            {
                Type = type,
                LearningRate = 1e-3,
                WeightDecay = type == OptimizerKind.Adamw ? 0.01 : 0,
                Beta1 = defaults.Beta1,
                Beta2 = defaults.Beta2,
                Epsilon = defaults.Epsilon,
            };
    }
}
