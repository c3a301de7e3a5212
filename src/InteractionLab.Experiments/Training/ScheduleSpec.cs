using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Training;

namespace InteractionLab.Experiments.Training;

/// <summary>The learning rate over time; constants of other shapes are absent.</summary>
public sealed record ScheduleSpec
{
    /// <summary>The shape.</summary>
    public ScheduleKind Type { get; init; } = ScheduleKind.Constant;

    /// <summary>Epochs between two falls, <c>step</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Every { get; init; }

    /// <summary>What a fall multiplies by, <c>step</c> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Gamma { get; init; }

    /// <summary>The rate that <c>cosine</c> goes down to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Minimum { get; init; }

    /// <summary>Share of the steps that <c>one-cycle</c> rises.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Rise { get; init; }

    /// <summary><c>one-cycle</c> starts at the learning rate divided by this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StartDivisor { get; init; }

    /// <summary><c>one-cycle</c> ends at its start divided by this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? EndDivisor { get; init; }

    /// <summary>As the trainer takes it.</summary>
    internal ScheduleSettings Settings
    {
        get
        {
            var defaults = new ScheduleSettings();
            return new ScheduleSettings
            {
                Type = Type,
                Every = Every ?? defaults.Every,
                Gamma = Gamma ?? defaults.Gamma,
                Minimum = Minimum ?? defaults.Minimum,
                Rise = Rise ?? defaults.Rise,
                StartDivisor = StartDivisor ?? defaults.StartDivisor,
                EndDivisor = EndDivisor ?? defaults.EndDivisor,
            };
        }
    }

    /// <summary>Reads the field; a constant rate where it is absent or wrong.</summary>
    internal static ScheduleSpec Read(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new ScheduleSpec();
        }

        var defaults = new ScheduleSettings();
        var type = fields.Get("type")?.AsEnum<ScheduleKind>() ?? ScheduleKind.Constant;
        SpecFields.Only(fields, type == ScheduleKind.Step, "belongs to step", "every", "gamma");
        SpecFields.Only(fields, type == ScheduleKind.Cosine, "belongs to cosine", "minimum");
        SpecFields.Only(fields, type == ScheduleKind.OneCycle, "belongs to one-cycle", "rise", "startDivisor", "endDivisor");
        if (type == ScheduleKind.Step)
        {
            fields.Require("every");
        }

        var every = (int?)fields.Get("every")?.AsInteger(1, TrainingSpecReader.MostEpochs);
        var gamma = fields.Get("gamma")?.AsNumber(0, 10, excludeFrom: true);
        var minimum = fields.Get("minimum")?.AsNumber(0, 1e3);
        var rise = fields.Get("rise")?.AsNumber(0, SpecFields.BelowOne, excludeFrom: true);
        var start = fields.Get("startDivisor")?.AsNumber(0, 1e12, excludeFrom: true);
        var end = fields.Get("endDivisor")?.AsNumber(0, 1e12, excludeFrom: true);
        fields.RejectUnknown();
        return type switch
        {
            ScheduleKind.Step => new ScheduleSpec { Type = type, Every = every, Gamma = gamma ?? defaults.Gamma },
            ScheduleKind.Cosine => new ScheduleSpec { Type = type, Minimum = minimum ?? defaults.Minimum },
            ScheduleKind.OneCycle => new ScheduleSpec { Type = type, Rise = rise ?? defaults.Rise, StartDivisor = start ?? defaults.StartDivisor, EndDivisor = end ?? defaults.EndDivisor },
            _ => new ScheduleSpec { Type = type },
        };
    }
}
