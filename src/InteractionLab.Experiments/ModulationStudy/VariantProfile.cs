using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>
/// The profile of a variant: means over seeds. Arrays have one entry a measured order. Changes are against the variant without
/// modulation, seed by seed; null where there is none, and for that variant itself.
/// </summary>
public sealed record VariantProfile
{
    /// <summary>Its name.</summary>
    public required string Variant { get; init; }

    /// <summary>Number of players.</summary>
    public required int N { get; init; }

    /// <summary>The measured orders m.</summary>
    public required IReadOnlyList<int> Orders { get; init; }

    /// <summary>m/(n-2) of each; 0 for n = 2.</summary>
    public required IReadOnlyList<double> Ratios { get; init; }

    /// <summary>J^(m), noise taken out.</summary>
    public required IReadOnlyList<SeedMean> Strength { get; init; }

    /// <summary>Mean |I^(m)| in units of v, noise of sampling included.</summary>
    public required IReadOnlyList<SeedMean> Magnitude { get; init; }

    /// <summary>Change of <see cref="Strength"/>.</summary>
    public required IReadOnlyList<SeedMean>? StrengthChange { get; init; }

    /// <summary>Change of <see cref="Magnitude"/>.</summary>
    public required IReadOnlyList<SeedMean>? MagnitudeChange { get; init; }

    /// <summary>Low, middle and high orders, in this order.</summary>
    public required IReadOnlyList<OrderThird> Thirds { get; init; }

    /// <summary>What each modulation loss did to the orders of its range, in the order of the spec.</summary>
    public required IReadOnlyList<ModulationEffect> Effects { get; init; }

    /// <summary>
    /// Whether the profile moved where the paper's variant is meant to push it (the share of the intended third rose): null where the
    /// error leaves it open, and for variants that are not the paper's.
    /// </summary>
    public required bool? Moved { get; init; }
}

/// <summary>The strength in a third of the orders.</summary>
/// <param name="Third">Which.</param>
/// <param name="Share">Its share of the strength of all measured orders, 0..1.</param>
/// <param name="Change">Change of the share; null where there is nothing to compare with.</param>
/// <param name="Intended">Whether the variant, as one of the paper's, is meant to push strength here.</param>
/// <param name="Moved">Of the intended third: true where the share rose by more than the error (by anything with one seed), false where it fell so, null between.</param>
/// <param name="Flat">The share that equally strong orders would have: thirds hold unequal numbers of them. Null in results of earlier versions.</param>
public sealed record OrderThird(ProfileThird Third, SeedMean? Share, SeedMean? Change, bool Intended, bool? Moved, double? Flat);

/// <summary>
/// What a modulation loss did to the orders of the range that the spec gives it, m/(n-2) from..to. The loss itself weighs lower
/// orders too: w^(m) of method.md §5 rises from order 0 to just below from·n players, and falls from there to 0 at to·n.
/// </summary>
/// <param name="Type">Encourage should raise, suppress should lower.</param>
/// <param name="From">r1.</param>
/// <param name="To">r2.</param>
/// <param name="Weight">λ.</param>
/// <param name="Pairs">Pairs of masks a sample and step.</param>
/// <param name="Share">Share of the strength in those orders.</param>
/// <param name="ShareChange">Its change.</param>
/// <param name="ShareMoved">Whether the share moved as intended: true, false, or null within the error.</param>
/// <param name="Magnitude">Mean |I^(m)| over those orders, in units of v.</param>
/// <param name="MagnitudeChange">Its change.</param>
/// <param name="MagnitudeMoved">Whether it moved as intended.</param>
public sealed record ModulationEffect(
    ModulationKind Type, double From, double To, double Weight, int Pairs,
    SeedMean? Share, SeedMean? ShareChange, bool? ShareMoved, SeedMean? Magnitude, SeedMean? MagnitudeChange, bool? MagnitudeMoved);
