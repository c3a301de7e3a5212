using InteractionLab.Interactions;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>Means over seeds and what their spread allows to say.</summary>
internal static class SeedStatistics
{
    /// <summary>The mean and its standard error; neither where a value is missing or no number.</summary>
    public static SeedMean Of(IEnumerable<double?> values)
    {
        double?[] given = [.. values.Select(value => value is { } number && double.IsFinite(number) ? value : null)];
        if (given.Length == 0 || given.Contains(null))
        {
            return new SeedMean(null, null, given);
        }

        var mean = given.Average()!.Value;
        if (given.Length == 1)
        {
            return new SeedMean(mean, null, given);
        }

        var variance = given.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (given.Length - 1);
        return new SeedMean(mean, Math.Sqrt(variance / given.Length), given);
    }

    /// <summary>The mean of <paramref name="after"/> - <paramref name="before"/>, seed by seed: what they have in common, initialisation and order of samples, cancels.</summary>
    public static SeedMean Difference(SeedMean after, SeedMean before) => Of(after.Values.Zip(before.Values, (a, b) => a - b));

    /// <summary>
    /// The sign of a mean: 0 where a 95 % interval holds 0, or where it is 0. With one seed there is no interval, and the sign
    /// is that of the number. Null where there is no number.
    /// </summary>
    public static int? Sign(SeedMean mean) => mean.Value is not { } value ? null
        : mean.StandardError is { } error && Math.Abs(value) <= StudentT.Quantile(mean.Values.Count - 1) * error ? 0
        : Math.Sign(value);

    /// <summary>Whether a change went the intended way: null within the error and where there is no number.</summary>
    public static bool? Moved(SeedMean? change, bool up) => change is null || Sign(change) is null or 0 ? null : Sign(change) > 0 == up;
}
