using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>What a sweep costs before it runs.</summary>
internal static class SweepCost
{
    // Header of a cell without its arrays, roughly: of the cell, and of each of its samples.
    private const long CellBytes = 1024;
    private const long SampleBytes = 768;

    // Seconds that pruning a small network takes.
    private const double UsualPrune = 0.1;

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

    /// <summary>What the seconds are made of. A network that a structured pruner makes is expected to be faster by what it lost.</summary>
    public static Workload Work(SweepLayout layout, ILabCatalog catalog)
    {
        long samples = layout.Games.Samples.Keys.Count;
        var (games, model, joint) = (layout.Games, NetworkFile.Of(layout.Model, layout.Games.Ask), layout.Spec.Decomposition == DecompositionKind.Joint);
        var once = layout.Networks.Concat(layout.Steps.Where(step => step.Model is not null && layout.SameAs(step.Model.Sha256) is null).Select(step => step.Model!));
        return new Workload().AddPipelined(layout.Keys().Count, First, Rest, SweepRun.MostAhead).AddStorage("pruning-sweep", layout.Keys().Count);

        void First(Workload work)
        {
            work.AddGames(layout.Games, [.. once.DistinctBy(model => model.Sha256.ToUpperInvariant()).Select(model => NetworkFile.Of(model, layout.Games.Ask))], catalog);
            foreach (var step in layout.Steps)
            {
                AddStep(work, layout, step, samples);
            }
        }

        void Rest(Workload work) => work
            .AddSolves(games, model, layout.Spec.Interactions, samples * (layout.References.Count + (joint ? 0 : 1 + layout.Steps.Count)))
            .AddSolves(games, model, layout.Spec.Interactions, joint ? samples * layout.Steps.Count : 0, joint: true);
    }

    private static void AddStep(Workload work, SweepLayout layout, SweepStep step, long samples)
    {
        var network = NetworkFile.Of(step.Model ?? layout.Model, layout.Games.Ask);
        var left = step.Model is null && layout.Spec.Pruner?.Type is PrunerKind.StructuredMagnitude or PrunerKind.StructuredIsomorphic ? 1 - step.Ratio : 1;
        if (step.Model is null)
        {
            work.AddNetwork(layout.Games, network, left * layout.Games.Rows, left * samples);
        }

        var evaluation = layout.Evaluation;
        var shape = evaluation.Dataset.Summary.SampleShape;
        work.AddClassified(
            evaluation.Dataset, evaluation.Indices, RateKeys.Of(network, layout.Spec, shape), () => LabelledRows.Open(network, layout.Spec, shape), left * evaluation.Indices.Length);
        if (step.Model is null)
        {
            work.Assume(SweepRates.Prune(layout), 1, UsualPrune);
        }
    }
}
