using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning.Structured;
using InteractionLab.Models.Pruning.Unstructured;

namespace InteractionLab.Models.Pruning;

/// <summary>
/// Prunes one model to any ratio. The choice of parameters is a fixed order made once, so results are nested: what a
/// ratio removes, every higher ratio removes too. Immutable; safe for use by several threads.
/// </summary>
public abstract class Pruner
{
    // A ratio that was computed from MaxRatio may lie above it by rounding alone.
    private const double Rounding = 1e-12;

    private protected Pruner(OnnxModel model) => Original = model;

    /// <summary>The highest ratio that can be asked for, 0..1.</summary>
    public abstract double MaxRatio { get; }

    /// <summary>The model that is pruned.</summary>
    public OnnxModel Original { get; }

    /// <summary>Ranks the parameters of a model.</summary>
    /// <exception cref="ModelRejectedException">The model has nothing to prune, its weights are quantised, or one is not a finite number.</exception>
    public static Pruner Create(OnnxModel model, PrunerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        QuantizedWeights.Refuse(model.CopyProto());
        return options.Type switch
        {
            PrunerKind.MagnitudeGlobal or PrunerKind.MagnitudeLayer or PrunerKind.Random => new UnstructuredPruner(model, options),
            PrunerKind.StructuredMagnitude or PrunerKind.StructuredIsomorphic => new StructuredPruner(model, options),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Type, "There is no such pruner."),
        };
    }

    /// <summary>
    /// The model pruned to the ratio: of all results the pruner can reach the one nearest to it (docs/pruning.md).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is not a number in 0..<see cref="MaxRatio"/>.</exception>
    public PrunedModel Prune(double ratio)
    {
        if (!(ratio >= 0 && ratio <= MaxRatio + Rounding))
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, FormattableString.Invariant($"The ratio must be in 0..{Math.Floor(MaxRatio * 1e4) / 1e4}: this pruner can go no further with this model."));
        }

        return PruneChecked(ratio);
    }

    private protected abstract PrunedModel PruneChecked(double ratio);
}
