using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>The result of a modulation study: its finished steps, and what they say of the variants.</summary>
public sealed record ModulationStudyResult
{
    /// <summary>The finished steps with the results of their jobs, in order: the trainings, <c>profile</c>, <c>macro</c>.</summary>
    public required IReadOnlyList<ChainOutcome> Steps { get; init; }

    /// <summary>The variants, in the order of the spec.</summary>
    public required IReadOnlyList<VariantNetworks> Variants { get; init; }

    /// <summary>The paper's Table II; its cells are null until the tests are finished.</summary>
    public required CapabilityTable Table2 { get; init; }

    /// <summary>One profile a variant, in the order of the spec; empty until the profiles are finished.</summary>
    public required IReadOnlyList<VariantProfile> Profiles { get; init; }

    /// <summary>Accuracy under masking, one curve a variant; empty where it was not measured, or not yet.</summary>
    public required IReadOnlyList<StructureCurve> Curves { get; init; }

    /// <summary>The profiles of the single networks; null before their step has ended.</summary>
    public required BottleneckResult? Profile { get; init; }

    /// <summary>The tests of the single networks; null before their step has ended.</summary>
    public required MacroResult? Macro { get; init; }

    /// <summary>Samples of the training split.</summary>
    public required int TrainSamples { get; init; }

    /// <summary>Samples of the testing split.</summary>
    public required int TestSamples { get; init; }

    /// <summary>Finished steps.</summary>
    public required int Finished { get; init; }

    /// <summary>Steps of the study.</summary>
    public required int Total { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>A variant and the networks trained for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Preset">Which of the paper's variants it is (weights aside); null for others.</param>
/// <param name="Modulation">Its losses.</param>
/// <param name="Networks">One entry a seed whose training has ended.</param>
public sealed record VariantNetworks(string Name, ModulationPreset? Preset, IReadOnlyList<Modulation> Modulation, IReadOnlyList<TrainedNetwork> Networks);

/// <summary>A network that was trained.</summary>
/// <param name="Seed">Seed of its training.</param>
/// <param name="Job">Id of its training job.</param>
/// <param name="Model">Id of the network at the end.</param>
/// <param name="TrainLoss">Training loss over the last epoch, as its batches went by, modulation not counted.</param>
/// <param name="TestLoss">Test loss at the end.</param>
/// <param name="TrainAccuracy">Training accuracy over the last epoch.</param>
/// <param name="TestAccuracy">Test accuracy at the end.</param>
/// <param name="SecondsPerEpoch">Mean wall-clock seconds of an epoch, epoch 0 left out.</param>
public sealed record TrainedNetwork(
    long Seed, string Job, string Model, double? TrainLoss, double? TestLoss, double? TrainAccuracy, double? TestAccuracy, double? SecondsPerEpoch);

/// <summary>A mean over seeds.</summary>
/// <param name="Value">The mean; null where a seed gave no number.</param>
/// <param name="StandardError">Its standard error, from the spread over seeds; null with one seed.</param>
/// <param name="Values">What each seed gave.</param>
public sealed record SeedMean(double? Value, double? StandardError, IReadOnlyList<double?> Values);
