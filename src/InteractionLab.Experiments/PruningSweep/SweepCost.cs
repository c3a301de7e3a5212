using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>What a sweep costs before it runs.</summary>
internal static class SweepCost
{
    // Header of a cell without its arrays, roughly: of the cell, and of each of its samples.
    private const long CellBytes = 1024;
    private const long SampleBytes = 768;

    /// <summary>Bytes of the cells and the artifacts.</summary>
    public static long Bytes(SweepLayout layout)
    {
        var spec = layout.Spec;
        long samples = layout.Games.Samples.Keys.Count;
        long array = sizeof(double) << layout.Games.PlayerCount;
        var decomposition = spec.Interactions.Solver == SolverKind.Half || spec.Interactions.Noise == 0 ? 2 : 3;
        long networks = layout.Networks.Count;
        long steps = layout.Steps.Count;
        var joint = spec.Decomposition == DecompositionKind.Joint;

        // Cells: v of every network once; a decomposition of each reference, of each pruned network, and of the original
        // once or beside each pruned one. Artifacts: the same, the original's at each ratio.
        var once = networks + ((joint ? networks - 1 : networks) * decomposition);
        var each = 1 + ((joint ? 2 : 1) * decomposition);
        var artifacts = networks + ((networks - 1) * 3) + (steps * (1 + 6));
        return (samples * array * (once + (steps * each) + artifacts)) + (layout.Keys().Count * CellBytes) + (samples * (1 + steps) * SampleBytes);
    }

    /// <summary>Seconds where everything was measured before; the pruned networks are taken to be as fast as the model.</summary>
    public static double? Seconds(SweepLayout layout, long rows, RateMemory rates)
    {
        long samples = layout.Games.Samples.Keys.Count;
        var evaluated = (long)layout.Evaluation.Indices.Length * layout.Steps.Count;
        var joint = layout.Spec.Decomposition == DecompositionKind.Joint;
        var alone = samples * (layout.References.Count + (joint ? 0 : 1 + layout.Steps.Count));
        return ((rows - evaluated) * rates.SecondsPerUnit(RateKeys.Rows(layout.Spec, layout.Model.Sha256)))
            + (evaluated * rates.SecondsPerUnit(SweepRates.Evaluation(layout)))
            + (alone == 0 ? 0 : alone * rates.SecondsPerUnit(SweepRates.Solve(layout, joint: false)))
            + (joint ? samples * layout.Steps.Count * rates.SecondsPerUnit(SweepRates.Solve(layout, joint: true)) : 0);
    }
}
