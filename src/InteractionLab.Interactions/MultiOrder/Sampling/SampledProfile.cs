namespace InteractionLab.Interactions;

/// <summary>
/// The order profile of a network from sampled contexts (method.md §5). Every array has one entry a measured order.
/// </summary>
/// <param name="Magnitudes">Mean over samples and pairs of |mean Δv|: as measured, noise included.</param>
/// <param name="Strength">J^(m): <paramref name="Magnitudes"/> divided by their mean over orders; null when all are 0.</param>
/// <param name="StandardError">
/// Standard error of <paramref name="Strength"/> for these samples: from the choice of contexts and pairs (jackknife over
/// groups of draws, and over groups of pairs unless all pairs are measured, widened for their small number) and from the
/// noise that the mean of |mean Δv| holds (what <paramref name="Reduced"/> differs by). 1.96 of it either way are an interval of 95 % or
/// more. More contexts and pairs make it smaller.
/// </param>
/// <param name="NoiseFloor">What <paramref name="Strength"/> would be if every interaction were 0 and only the noise of the contexts were seen.</param>
/// <param name="Reduced">J^(m) with the noise taken out of the magnitudes (<see cref="NoisyMagnitudes"/>); null when nothing is left.</param>
/// <param name="Errors">Errors of <paramref name="Reduced"/>, likewise, with half of what was taken out as an error.</param>
/// <param name="SampleErrors">
/// Errors of <paramref name="Reduced"/> from the choice of samples (jackknife, widened for the number of samples); null with one sample.
/// More samples make them smaller.
/// </param>
/// <param name="MeanInteraction">Mean over samples and pairs of the signed mean Δv.</param>
/// <param name="Contexts">Contexts a pair was measured in.</param>
/// <param name="Exhaustive">Whether these are all there are.</param>
public sealed record SampledProfile(
    double[] Magnitudes, double[]? Strength, double[] StandardError, double[] NoiseFloor, double[]? Reduced, ProfileErrors Errors,
    ProfileErrors? SampleErrors, double[] MeanInteraction, int[] Contexts, bool[] Exhaustive)
{
    /// <summary>Standard errors of <see cref="Reduced"/> from the choice of contexts and pairs.</summary>
    public double[] ReducedStandardError => Errors.StandardErrors(Magnitudes.Length);

    /// <summary>Standard errors of <see cref="Reduced"/> from the choice of samples; null with one sample.</summary>
    public double[]? SampleStandardError => SampleErrors?.StandardErrors(Magnitudes.Length);

    /// <summary>Estimates the profile.</summary>
    /// <param name="sampler">The sampler whose rounds were added up.</param>
    /// <param name="samples">Sums of each sample: at least one, all over the same rounds.</param>
    /// <param name="population">How many pairs <see cref="ContextSampler.Pairs"/> were drawn from.</param>
    public static SampledProfile Of(ContextSampler sampler, IReadOnlyList<PairSums> samples, int population)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(population, sampler.Pairs.Count);
        if (samples.Count == 0 || samples.Any(s => s.Orders != sampler.Orders.Count || s.Pairs != sampler.Pairs.Count))
        {
            throw new ArgumentException("There must be at least one sample, measured with this sampler.", nameof(samples));
        }

        return new ProfileEstimator(sampler, samples, population).Estimate();
    }
}
