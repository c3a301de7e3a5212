using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>The result of a masked-samples job.</summary>
public sealed record MaskedSamplesResult
{
    /// <summary>One entry a finished sample, in the order of the job's cells.</summary>
    public required IReadOnlyList<SampleResult> Samples { get; init; }

    /// <summary>Order strengths over salient interactions, means over samples.</summary>
    public required IReadOnlyList<OrderStrength> Orders { get; init; }

    /// <summary>The τ all samples share; null where the rule gives each its own (see the samples) and where there is no sample.</summary>
    public required double? Threshold { get; init; }

    /// <summary>Sparsity conditions of the mean over samples; null where there is no sample.</summary>
    public required SparsityConditions? Sparsity { get; init; }

    /// <summary>Strength of the r-th strongest interaction, mean over samples.</summary>
    public required IReadOnlyList<RankStrength> StrengthCurve { get; init; }

    /// <summary>Rows of network input that this job ran; with <see cref="SavedPasses"/> it is what the estimate said.</summary>
    public required long ForwardPasses { get; init; }

    /// <summary>Rows whose outputs were there already, computed by an earlier job.</summary>
    public required long SavedPasses { get; init; }

    /// <summary>Finished cells.</summary>
    public required int Finished { get; init; }

    /// <summary>Cells of the job.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
