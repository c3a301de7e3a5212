using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The profile of a model from all masks: a <see cref="SampledProfile"/> without errors of pairs and contexts.</summary>
internal static class ExactProfile
{
    /// <summary>From I^(m)(i,j) of each sample, [pairs, n-1 orders].</summary>
    public static SampledProfile Of(IReadOnlyList<double[]> samples, int players, IReadOnlyList<int> orders)
    {
        var magnitudes = samples.Select(values => Means(values, players, orders, Math.Abs)).ToList();
        var mean = Mean(magnitudes);
        var strength = RelativeStrength.Normalize(mean);
        return new SampledProfile(
            mean,
            strength,
            new double[orders.Count],
            new double[orders.Count],
            strength,
            new ProfileErrors([]),
            samples.Count > 1 && strength is not null ? Jackknife(magnitudes, strength) : null,
            Mean([.. samples.Select(values => Means(values, players, orders, value => value))]),
            [.. orders.Select(m => (int)Combinatorics.Binomial(players - 2, m))],
            [.. orders.Select(_ => true)]);
    }

    private static ProfileErrors Jackknife(List<double[]> magnitudes, double[] strength) => ProfileErrors.Jackknife(
        strength,
        [.. Enumerable.Range(0, magnitudes.Count).Select(without => RelativeStrength.Normalize(Mean([.. magnitudes.Where((_, x) => x != without)])) ?? strength)]);

    private static double[] Means(double[] values, int players, IReadOnlyList<int> orders, Func<double, double> part)
    {
        var pairs = values.Length / (players - 1);
        return [.. orders.Select(m => Enumerable.Range(0, pairs).Sum(pair => part(values[(pair * (players - 1)) + m])) / pairs)];
    }

    private static double[] Mean(List<double[]> rows) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(k => rows.Average(row => row[k]))];
}
