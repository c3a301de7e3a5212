using System.Text.Json.Serialization;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The result of a bottleneck job.</summary>
public sealed record BottleneckResult
{
    /// <summary>One profile a model, in the order of the spec or by rising epoch; only models with a finished sample.</summary>
    public required IReadOnlyList<ModelProfile> Models { get; init; }

    /// <summary><c>exact</c> or <c>sampled</c>.</summary>
    public required BottleneckMethod Method { get; init; }

    /// <summary>How many pairs were measured.</summary>
    public required int Pairs { get; init; }

    /// <summary>How many pairs they were drawn from: all within the radius.</summary>
    public required int PairPopulation { get; init; }

    /// <summary>Samples measured, by index in the dataset.</summary>
    public required IReadOnlyList<int> Samples { get; init; }

    /// <summary>Whether the wanted standard error was reached; null where none was asked for.</summary>
    public required bool? Reached { get; init; }

    /// <summary>Rows of network input that this job ran; with <see cref="SavedPasses"/> at most what the estimate said, and just that where nothing stopped it early.</summary>
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

/// <summary>
/// The profile of one model (method.md §5). Arrays have one entry a measured order. Where the method is exact, errors and
/// floor are 0 and the reduced strength is the strength.
/// </summary>
public sealed record ModelProfile
{
    /// <summary>Id of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its epoch; null where models are given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Epoch { get; init; }

    /// <summary>Number of players.</summary>
    public required int N { get; init; }

    /// <summary>How many samples the means are over.</summary>
    public required int Samples { get; init; }

    /// <summary>The measured orders m.</summary>
    public required IReadOnlyList<int> Orders { get; init; }

    /// <summary>J^(m), noise of the contexts included; null when every interaction is 0.</summary>
    public required IReadOnlyList<double>? Strength { get; init; }

    /// <summary>Standard error of <see cref="Strength"/> from the choice of contexts and pairs and from the noise it holds; 1.96 of it either way are an interval of 95 % or more.</summary>
    public required IReadOnlyList<double> StandardError { get; init; }

    /// <summary>J^(m) that the noise of the contexts alone would give.</summary>
    public required IReadOnlyList<double> NoiseFloor { get; init; }

    /// <summary>J^(m) with the noise taken out: the bias-reduced estimate.</summary>
    public required IReadOnlyList<double>? Reduced { get; init; }

    /// <summary>Standard error of <see cref="Reduced"/> from the choice of contexts and pairs; 1.96 of it either way are a 95 % interval.</summary>
    public required IReadOnlyList<double> ReducedStandardError { get; init; }

    /// <summary>Standard error of <see cref="Reduced"/> from the choice of samples, widened for their number; null with one sample.</summary>
    public required IReadOnlyList<double>? SampleStandardError { get; init; }

    /// <summary>Mean over samples and pairs of |I^(m)(i,j)|, in units of v.</summary>
    public required IReadOnlyList<double> Magnitude { get; init; }

    /// <summary>Mean over samples and pairs of I^(m)(i,j), in units of v.</summary>
    public required IReadOnlyList<double> MeanInteraction { get; init; }

    /// <summary>Contexts a pair was measured in.</summary>
    public required IReadOnlyList<double> Contexts { get; init; }

    /// <summary>The largest error of the efficiency identity over samples, relative to the largest |v|; null where masks are sampled.</summary>
    public required double? EfficiencyError { get; init; }

    /// <summary>The theory curve F^(m)/F^(0); null where order 0 was not measured or has no strength.</summary>
    public required TheoryCurve? Theory { get; init; }

    /// <summary>Whether the profile is a U; null with fewer than three orders.</summary>
    public required ProfileShape? Shape { get; init; }
}
