namespace InteractionLab.Models.Training;

/// <summary>How the learning rate moves.</summary>
public enum ScheduleKind
{
    /// <summary>It does not.</summary>
    Constant,

    /// <summary>Multiplied by γ after every so many epochs.</summary>
    Step,

    /// <summary>Half a cosine over the epochs, from the learning rate to the minimum (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>Up and down again once, step by step, along cosines (Smith and Topin 2018).</summary>
    OneCycle,
}

/// <summary>A learning-rate schedule and its constants; the defaults are PyTorch's.</summary>
public sealed record ScheduleSettings
{
    /// <summary>The shape.</summary>
    public ScheduleKind Type { get; init; } = ScheduleKind.Constant;

    /// <summary>Epochs between two falls of <see cref="ScheduleKind.Step"/>, at least 1.</summary>
    public int Every { get; init; } = 1;

    /// <summary>γ of <see cref="ScheduleKind.Step"/>, above 0.</summary>
    public double Gamma { get; init; } = 0.1;

    /// <summary>Where <see cref="ScheduleKind.Cosine"/> ends, at least 0.</summary>
    public double Minimum { get; init; }

    /// <summary>Share of the steps that <see cref="ScheduleKind.OneCycle"/> rises, 0..1 exclusive.</summary>
    public double Rise { get; init; } = 0.3;

    /// <summary>One-cycle starts at the learning rate divided by this, above 0.</summary>
    public double StartDivisor { get; init; } = 25;

    /// <summary>One-cycle ends at its start divided by this, above 0.</summary>
    public double EndDivisor { get; init; } = 1e4;
}
