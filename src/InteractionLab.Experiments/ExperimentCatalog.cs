using InteractionLab.Experiments.Games;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments;

/// <summary>The kinds this build has.</summary>
public static class ExperimentCatalog
{
    /// <summary>Every kind, in the order of the dashboard's list. Instances may be shared between threads.</summary>
    public static IReadOnlyList<IExperiment> All { get; } =
    [
        new MaskedSamplesExperiment(),
        new GamesExperiment(),
        new Bottleneck.BottleneckExperiment(),
        new TrainingExperiment(),
        new TrainingDynamicsExperiment(),
    ];

    /// <summary>The kind of that name, or null.</summary>
    public static IExperiment? Find(string kind) => All.FirstOrDefault(experiment => experiment.Kind == kind);
}
