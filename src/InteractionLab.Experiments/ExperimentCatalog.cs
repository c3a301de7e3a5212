using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Games;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.ModulationStudy;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Experiments.TrainingStudy;

namespace InteractionLab.Experiments;

/// <summary>The kinds this build has.</summary>
public static class ExperimentCatalog
{
    /// <summary>Every kind, in the order of the dashboard's list. Instances may be shared between threads.</summary>
    public static IReadOnlyList<IExperiment> All { get; } =
    [
        new MaskedSamplesExperiment(),
        new GamesExperiment(),
        new BottleneckExperiment(),
        new MacroExperiment(),
        new TrainingExperiment(),
        new TrainingDynamicsExperiment(),
        new TrainingStudyExperiment(),
        new ModulationStudyExperiment(),
        new PruningSweepExperiment(),
    ];

    /// <summary>The kind of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static IExperiment Get(string kind) => Find(kind) ?? throw new ArgumentException($"There is no kind of experiment '{kind}'.", nameof(kind));

    /// <summary>The kind of that name, or null.</summary>
    public static IExperiment? Find(string kind) => All.FirstOrDefault(experiment => experiment.Kind == kind);
}
