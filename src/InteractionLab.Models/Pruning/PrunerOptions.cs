namespace InteractionLab.Models.Pruning;

/// <summary>How parameters are chosen for pruning (method.md section 6; definitions in docs/pruning.md).</summary>
public enum PrunerKind
{
    /// <summary>The smallest weights of the whole network become zero.</summary>
    MagnitudeGlobal,

    /// <summary>The smallest weights of each weight tensor become zero, the same share of every tensor.</summary>
    MagnitudeLayer,

    /// <summary>Weights drawn at random become zero.</summary>
    Random,

    /// <summary>Channels of the smallest norm, relative to their dependency group, are cut out of the graph.</summary>
    StructuredMagnitude,

    /// <summary>Channels are ranked among groups of equal structure only, and each such set loses the same share of channels.</summary>
    StructuredIsomorphic,
}

/// <summary>Which pruner to use.</summary>
/// <param name="Type">The rule.</param>
/// <param name="Seed">Seed of <see cref="PrunerKind.Random"/>; the other rules do not draw.</param>
public sealed record PrunerOptions(PrunerKind Type, ulong Seed = 0);
