using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Training;
using InteractionLab.Interactions;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.TrainingStudy;

/// <summary>A penalty on interactions that do not generalize to the study's first reference (method.md §4).</summary>
/// <param name="Weight">λ, at least 0; 0 is plain training.</param>
/// <param name="Players">How many random units of each looked-at sample are players, 2..10.</param>
/// <param name="Samples">How many samples of each batch are looked at.</param>
/// <param name="Factor">τ* is this times the mean |span| of the reference on them.</param>
/// <param name="Solver"><c>certified</c> or <c>half</c>.</param>
public sealed record StudyPenaltySpec(double Weight, int Players, int Samples, double Factor, SolverKind Solver)
{
    /// <summary>As a training job takes it.</summary>
    internal PenaltySpec Against(string baseline) => new(baseline, Weight, Players, Samples, Factor, Solver);

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static StudyPenaltySpec? Read(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var read = PenaltySpec.Read(fields, string.Empty);
        fields.Get("baseline")?.Fault("is filled in by the study: the first reference");
        fields.RejectUnknown();
        return new StudyPenaltySpec(read.Weight, read.Players, read.Samples, read.Factor, read.Solver);
    }
}

/// <summary>How the last networks are pruned.</summary>
/// <param name="Ratios">Ratios in 0..1 (1 excluded), rising.</param>
/// <param name="Pruner">How parameters are chosen.</param>
public sealed record StudyPrunedSpec(IReadOnlyList<double> Ratios, PrunerSpec Pruner)
{
    private static readonly double[] DefaultRatios = [0, 0.5, 0.7, 0.8, 0.9];

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static StudyPrunedSpec? Read(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var ratios = fields.Has("ratios") ? PruningSweepSpec.ReadRatios(fields.Get("ratios")) : DefaultRatios;
        var pruner = fields.Has("pruner") ? PrunerSpec.Read(fields.Get("pruner"), seed) : new PrunerSpec(PrunerKind.MagnitudeGlobal, seed);
        fields.RejectUnknown();
        return ratios is null || pruner is null ? null : new StudyPrunedSpec(ratios, pruner);
    }
}
