using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>The result of a training study: its finished steps, the dynamics, and the comparison where it is asked for.</summary>
public sealed record TrainingStudyResult
{
    /// <summary>The finished steps with the results of their jobs, in order: the references, the target, the dynamics, then those of the comparison.</summary>
    public required IReadOnlyList<ChainOutcome> Steps { get; init; }

    /// <summary>The dynamics of the target; null before their step has ended.</summary>
    public required TrainingDynamicsResult? Dynamics { get; init; }

    /// <summary>The target without and with the penalty; empty where neither <c>penalty</c> nor <c>pruned</c> is asked for.</summary>
    public required IReadOnlyList<StudyComparison> Comparison { get; init; }

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
