using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>Prunes a model further and further, and compares the interactions of each pruned network with the model's own and with references' (method.md §3).</summary>
public sealed record PruningSweepSpec : DecomposedGamesSpec
{
    /// <summary>Id of the model that is pruned.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>Ids of the references, 0 to <see cref="MostReferences"/>: an interaction is generalizable if any of them has it too.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>How parameters are chosen; absent with <see cref="Pool"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PrunerSpec? Pruner { get; init; }

    /// <summary>Ratios in 0..1 (1 excluded), rising; absent with <see cref="Pool"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Ratios { get; init; }

    /// <summary>Models that are sparse already (from iterative pruning), by rising sparsity, in place of <see cref="Pruner"/> and <see cref="Ratios"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PoolModel>? Pool { get; init; }

    /// <summary>Id of a finished training job in rounds of pruning: the last model of each round makes the <see cref="Pool"/>, which stands in its place in a stored spec.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TrainingJob { get; init; }

    /// <summary>What accuracy and loss are measured on. Default: at most 1,000 samples of <see cref="NetworkGamesSpec.Dataset"/>, drawn with the seed.</summary>
    public EvaluationSpec? Evaluation { get; init; }

    /// <summary>Where the phases end.</summary>
    public PhasesSpec Phases { get; init; } = new();

    /// <summary>Whether the model and each pruned one are decomposed together (default) or each by itself.</summary>
    public DecompositionKind Decomposition { get; init; }

    /// <summary>Whether the pruned models are registered.</summary>
    public bool KeepModels { get; init; }

    /// <summary>Samples a cell: 1 to <see cref="LargestBlock"/>. What is computed does not depend on it, beyond the solver's gap.</summary>
    public int BlockSize { get; init; } = DefaultBlock;

    internal const int MostReferences = 8;
    internal const int MostPoints = 100;
    internal const int LargestBlock = 1000;
    private const int DefaultBlock = 5;

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static PruningSweepSpec Read(SpecObject fields)
    {
        var spec = Read(fields, new PruningSweepSpec { Model = fields.Require("model")?.AsText() ?? string.Empty });
        var pool = PoolModel.Read(fields.Get("pool"));
        var (isGiven, isTrained) = (fields.Has("pool"), fields.Has("trainingJob"));
        var isPool = isGiven || isTrained;
        if (isPool & (fields.Has("pruner") | fields.Has("ratios")))
        {
            fields.Fault(isGiven ? "pool" : "trainingJob", "takes the place of pruner and ratios; give either");
        }
        else if (isGiven && isTrained)
        {
            fields.Fault("trainingJob", "takes the place of pool; give either");
        }

        return spec with
        {
            References = ReadReferences(fields.Get("references")),
            Pool = pool,
            TrainingJob = fields.Get("trainingJob")?.AsText(),
            Pruner = isPool ? null : PrunerSpec.Read(fields.Require("pruner"), spec.Seed),
            Ratios = isPool ? null : ReadRatios(fields.Require("ratios")),
            Evaluation = EvaluationSpec.Read(fields.Get("evaluation"), spec.Dataset, spec.Seed),
            Phases = PhasesSpec.Read(fields.Get("phases")),
            Decomposition = ReadDecomposition(fields, spec.Interactions),
            KeepModels = fields.Get("keepModels")?.AsFlag() ?? false,
            BlockSize = (int?)fields.Get("blockSize")?.AsInteger(1, LargestBlock) ?? DefaultBlock,
        };
    }

    /// <summary>Rising numbers in 0..1, 1 excluded, each with its path.</summary>
    internal static bool Rises(IReadOnlyList<(SpecValue At, double? Value)> values)
    {
        var previous = double.NegativeInfinity;
        var rises = true;
        foreach (var (at, value) in values)
        {
            if (value is not { } number)
            {
                rises = false;
                continue;
            }

            if (number >= 1)
            {
                at.Fault("must be below 1: a network without parameters has no interactions");
                rises = false;
            }
            else if (number <= previous)
            {
                at.Fault(FormattableString.Invariant($"must be above the one before ({previous})"));
                rises = false;
            }

            previous = Math.Max(previous, number);
        }

        return rises;
    }

    private static IReadOnlyList<string> ReadReferences(SpecValue? value)
    {
        // None at all is a choice: then nothing is generalizable.
        if (value is not { } given || (given.Kind == System.Text.Json.JsonValueKind.Array && given.Element.GetArrayLength() == 0))
        {
            return [];
        }

        // The same model twice is a reference that adds nothing to the first: k = 1..K shows it.
        return DistinctIds.Read(given, MostReferences, mayRepeat: true);
    }

    /// <summary>Reads rising ratios; null where they are absent or wrong.</summary>
    internal static double[]? ReadRatios(SpecValue? value)
    {
        if (value?.AsList() is not { } items)
        {
            return null;
        }

        if (items.Count > MostPoints)
        {
            value.Value.Fault($"{items.Count} ratios; at most {MostPoints}");
            return null;
        }

        var ratios = items.Select(item => (At: item, Value: item.AsNumber(0, 1))).ToArray();
        return Rises(ratios) ? [.. ratios.Select(ratio => ratio.Value!.Value)] : null;
    }

    private static DecompositionKind ReadDecomposition(SpecObject fields, InteractionsSpec interactions)
    {
        var kind = fields.Get("decomposition")?.AsEnum<DecompositionKind>() ?? DecompositionKind.Joint;
        if (kind == DecompositionKind.Joint && interactions.Solver == SolverKind.Paper)
        {
            fields.Fault("decomposition", "the solver paper has no joint form; use separate, or the solver certified or half");
        }

        return kind;
    }
}

/// <summary>How the games of the model and of a pruned one are decomposed (method.md §2).</summary>
public enum DecompositionKind
{
    /// <summary>Together, so that they share interactions where they can: one linear program a sample and ratio.</summary>
    Joint,

    /// <summary>Each by itself.</summary>
    Separate,
}

/// <summary>A pruner.</summary>
/// <param name="Type">The rule.</param>
/// <param name="Seed">What <c>random</c> draws with; the other rules do not draw.</param>
public sealed record PrunerSpec(PrunerKind Type, long Seed)
{
    /// <summary>The pruner's own options.</summary>
    internal PrunerOptions Options => new(Type, (ulong)Seed);

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static PrunerSpec? Read(SpecValue? value, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return null;
        }

        var type = fields.Require("type")?.AsEnum<PrunerKind>();
        var own = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed;
        fields.RejectUnknown();
        return type is null ? null : new PrunerSpec(type.Value, own);
    }
}

/// <summary>A model that is sparse already.</summary>
/// <param name="Sparsity">The share of parameters it lacks, 0..1 (1 excluded): its place on the axis of ratios.</param>
/// <param name="Model">Id of the model.</param>
public sealed record PoolModel(double Sparsity, string Model)
{
    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static IReadOnlyList<PoolModel>? Read(SpecValue? value)
    {
        if (value?.AsList() is not { } items)
        {
            return null;
        }

        if (items.Count > PruningSweepSpec.MostPoints)
        {
            value.Value.Fault($"{items.Count} models; at most {PruningSweepSpec.MostPoints}");
            return null;
        }

        var sparsities = new List<(SpecValue At, double? Value)>();
        var models = new List<string?>();
        foreach (var item in items)
        {
            var fields = item.AsObject();
            if (fields?.Require("sparsity") is { } sparsity)
            {
                sparsities.Add((sparsity, sparsity.AsNumber(0, 1)));
            }

            models.Add(fields?.Require("model")?.AsText());
            fields?.RejectUnknown();
        }

        return PruningSweepSpec.Rises(sparsities) && sparsities.Count == items.Count && !models.Contains(null)
            ? [.. sparsities.Zip(models, (sparsity, model) => new PoolModel(sparsity.Value!.Value, model!))]
            : null;
    }
}

/// <summary>What accuracy and loss are measured on.</summary>
/// <param name="Dataset">Id of a dataset with labels.</param>
/// <param name="Samples">Which samples; absent in a request: at most 1,000, drawn with the seed.</param>
public sealed record EvaluationSpec(string Dataset, SampleSelection? Samples)
{
    /// <summary>Reads the field; the games' dataset where it is absent.</summary>
    internal static EvaluationSpec Read(SpecValue? value, string dataset, long seed)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new EvaluationSpec(dataset, null);
        }

        var own = fields.Get("dataset")?.AsText() ?? dataset;
        var samples = SampleSelection.Read(fields.Get("samples"), seed);
        if (samples is SampleSelection.AtRandom { CorrectOnly: true })
        {
            fields.Fault("samples.correctOnly", "accuracy over samples chosen for being right says nothing");
        }

        fields.RejectUnknown();
        return new EvaluationSpec(own, samples);
    }
}

/// <summary>Where the phases of pruning end.</summary>
public sealed record PhasesSpec
{
    /// <summary>The thresholds (method.md §3).</summary>
    public PruningPhaseThresholds Thresholds { get; init; } = new();

    /// <summary>Reads the field; defaults where it is absent or wrong.</summary>
    internal static PhasesSpec Read(SpecValue? value)
    {
        if (value?.AsObject() is not { } fields)
        {
            return new PhasesSpec();
        }

        var defaults = new PruningPhaseThresholds();
        var thresholds = fields.Get("thresholds")?.AsObject();
        fields.RejectUnknown();
        if (thresholds is null)
        {
            return new PhasesSpec();
        }

        var spec = new PhasesSpec
        {
            Thresholds = new PruningPhaseThresholds
            {
                LowPreserved = thresholds.Get("lowPreserved")?.AsNumber(0, 1) ?? defaults.LowPreserved,
                InitialAccuracy = thresholds.Get("initialAccuracy")?.AsNumber(0, 1) ?? defaults.InitialAccuracy,
                RhoStep = thresholds.Get("rhoStep")?.AsNumber(0, 1) ?? defaults.RhoStep,
                FinalAccuracy = thresholds.Get("finalAccuracy")?.AsNumber(0, 1) ?? defaults.FinalAccuracy,
            },
        };
        thresholds.RejectUnknown();
        return spec;
    }
}
