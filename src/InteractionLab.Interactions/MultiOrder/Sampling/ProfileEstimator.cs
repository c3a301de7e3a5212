namespace InteractionLab.Interactions;

/// <summary>Computes a <see cref="SampledProfile"/>.</summary>
internal sealed class ProfileEstimator
{
    private const int PairGroups = 10;

    private readonly ContextSampler _sampler;
    private readonly IReadOnlyList<PairSums> _samples;
    private readonly List<(int Sample, int Pair)> _all;
    private readonly double _pairShare;
    private readonly int _orders;
    private readonly int[] _contexts;
    private readonly double[][] _variances;
    private readonly NoisyMagnitudes[] _noise;

    public ProfileEstimator(ContextSampler sampler, IReadOnlyList<PairSums> samples, int population)
    {
        (_sampler, _samples, _orders) = (sampler, samples, sampler.Orders.Count);
        _pairShare = (double)sampler.Pairs.Count / population;
        _contexts = [.. Enumerable.Range(0, _orders).Select(k => samples[0].Count(k, 0))];
        _all = [.. from x in Enumerable.Range(0, samples.Count) from p in Enumerable.Range(0, sampler.Pairs.Count) select (x, p)];
        _variances = [.. Enumerable.Range(0, _orders).Select(Variances)];
        _noise = [.. _variances.Select(variances => new NoisyMagnitudes(variances))];
    }

    public SampledProfile Estimate()
    {
        var (plain, reduced) = Both(_all, -1);
        var byDraws = Replicates(ContextSampler.Groups, g => Both(_all, g), k => 1 - _sampler.Share(k, _contexts[k]));
        var byPairs = _pairShare < 1 ? Replicates(PairGroups, g => Both([.. _all.Where(cell => cell.Pair % PairGroups != g)], -1), _ => 1 - _pairShare) : [];
        var bySamples = _samples.Count > 1 ? Replicates(_samples.Count, x => Both([.. _all.Where(cell => cell.Sample != x)], -1), _ => 1) : null;
        var scale = plain.Average();
        var removed = Removed(plain, reduced);
        var errors = new ProfileErrors([.. Deviations(reduced, byDraws, r => r.Reduced), .. Deviations(reduced, byPairs, r => r.Reduced), [.. removed.Select(part => part / 2)]]);
        var samples = bySamples is null ? null : new ProfileErrors(Deviations(reduced, bySamples, r => r.Reduced));
        return new SampledProfile(
            plain,
            RelativeStrength.Normalize(plain),
            new ProfileErrors([.. Deviations(plain, byDraws, r => r.Plain), .. Deviations(plain, byPairs, r => r.Plain), removed]).StandardErrors(_orders),
            [.. _variances.Select(v => scale > 0 ? NoisyMagnitudes.Floor(v) / scale : 0)],
            RelativeStrength.Normalize(reduced),
            errors,
            samples,
            [.. Enumerable.Range(0, _orders).Select(k => Means(k, _all, -1).Average())],
            _contexts,
            [.. Enumerable.Range(0, _orders).Select(_sampler.IsExhaustive)]);
    }

    private double[] Variances(int order) =>
        [.. _all.Select(cell => _samples[cell.Sample].Variance(order, cell.Pair, _sampler.Share(order, _contexts[order])))];

    private double[] Means(int order, List<(int Sample, int Pair)> cells, int without)
    {
        var means = new double[cells.Count];
        for (var k = 0; k < means.Length; k++)
        {
            var mean = _samples[cells[k].Sample].Mean(order, cells[k].Pair, without);

            // A pair all of whose contexts are in the group left out keeps its full mean.
            means[k] = double.IsNaN(mean) ? _samples[cells[k].Sample].Mean(order, cells[k].Pair) : mean;
        }

        return means;
    }

    private (double[] Plain, double[] Reduced) Both(List<(int Sample, int Pair)> cells, int without)
    {
        var (plain, reduced) = (new double[_orders], new double[_orders]);
        int[] members = [.. cells.Select(cell => (cell.Sample * _sampler.Pairs.Count) + cell.Pair)];
        for (var k = 0; k < _orders; k++)
        {
            // Orders that are enumerated have no error of contexts: no group of theirs is left out.
            var left = _sampler.IsExhaustive(k) ? -1 : without;
            var means = Means(k, cells, left);
            plain[k] = means.Average(Math.Abs);
            reduced[k] = _noise[k].Estimate(means, members, left < 0 ? 1 : ContextSampler.Groups / (ContextSampler.Groups - 1.0));
        }

        return (plain, reduced);
    }

    // Left-out estimates, each drawn towards their mean by what a finite population of contexts or pairs takes off the error.
    private static Replicate[] Replicates(int groups, Func<int, (double[] Plain, double[] Reduced)> leaveOut, Func<int, double> remaining)
    {
        var raw = Enumerable.Range(0, groups).Select(leaveOut).ToArray();
        return [.. raw.Select(one => new Replicate(Centred(r => r.Plain, one.Plain), Centred(r => r.Reduced, one.Reduced)))];

        double[] Centred(Func<(double[] Plain, double[] Reduced), double[]> part, double[] one) =>
            [.. one.Select((value, k) => Math.Sqrt(Math.Max(0, remaining(k))) * (value - raw.Average(r => part(r)[k])))];
    }

    // Deviations of the magnitudes are added to the estimate, and J formed of the sum.
    private static IReadOnlyList<double[]> Deviations(double[] estimate, Replicate[] replicates, Func<Replicate, double[]> part) =>
        replicates.Length == 0 || RelativeStrength.Normalize(estimate) is not { } centre
            ? []
            : ProfileErrors.Jackknife(
                centre,
                [.. replicates.Select(replicate => RelativeStrength.Normalize([.. estimate.Select((value, k) => Math.Max(0, value + part(replicate)[k]))]) ?? centre)]).Deviations;

    // What J^(m) loses with the noise: an error of the plain estimate, and as it is itself estimated, half of it one of the other.
    private double[] Removed(double[] plain, double[] reduced) =>
        RelativeStrength.Normalize(plain) is { } before && RelativeStrength.Normalize(reduced) is { } after
            ? [.. before.Zip(after, (b, a) => b - a)]
            : new double[_orders];

    private sealed record Replicate(double[] Plain, double[] Reduced);
}
