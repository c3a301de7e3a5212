namespace InteractionLab.Interactions;

/// <summary>Computes a <see cref="SampledProfile"/>.</summary>
internal sealed class ProfileEstimator
{
    private const int PairGroups = 10;

    // Ten groups leave nine degrees of freedom: 97.5 % quantiles of Student's t and of the normal distribution, so that
    // 1.96 standard errors either way hold the value in 95 % of cases.
    private const double Student = 2.262 / 1.960;
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
        _noise = [.. Enumerable.Range(0, _orders).Select(_ => new NoisyMagnitudes())];
    }

    public SampledProfile Estimate()
    {
        var (plain, reduced) = Both(_all, -1);
        var byDraws = Replicates(ContextSampler.Groups, g => Both(_all, g), k => 1 - _sampler.Share(k, _contexts[k]));
        var byPairs = _pairShare < 1 ? Replicates(PairGroups, g => Both([.. _all.Where(cell => cell.Pair % PairGroups != g)], -1), _ => 1 - _pairShare) : null;
        var bySamples = _samples.Count > 1 ? Replicates(_samples.Count, x => Both([.. _all.Where(cell => cell.Sample != x)], -1), _ => 1) : null;
        var scale = plain.Average();
        return new SampledProfile(
            plain,
            RelativeStrength.Normalize(plain),
            Root(Spread(plain, byDraws, r => r.Plain), Spread(plain, byPairs, r => r.Plain)),
            [.. _variances.Select(v => scale > 0 ? NoisyMagnitudes.Floor(v) / scale : 0)],
            RelativeStrength.Normalize(reduced),
            Root(Spread(reduced, byDraws, r => r.Reduced), Spread(reduced, byPairs, r => r.Reduced), Doubt(plain, reduced)),
            bySamples is null ? null : Root(Spread(reduced, bySamples, r => r.Reduced)),
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
        var variances = new double[cells.Count];
        for (var k = 0; k < _orders; k++)
        {
            // Orders that are enumerated have no error of contexts: no group of theirs is left out.
            var left = _sampler.IsExhaustive(k) ? -1 : without;
            var means = Means(k, cells, left);
            for (var c = 0; c < variances.Length; c++)
            {
                variances[c] = _variances[k][(cells[c].Sample * _sampler.Pairs.Count) + cells[c].Pair] * (left < 0 ? 1 : ContextSampler.Groups / (ContextSampler.Groups - 1.0));
            }

            plain[k] = means.Average(Math.Abs);
            reduced[k] = _noise[k].Estimate(means, variances);
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

    // The variance of J^(m) over the replicates: deviations are added to the estimate, and J formed of the sum.
    private double[] Spread(double[] estimate, Replicate[]? replicates, Func<Replicate, double[]> part)
    {
        var variance = new double[_orders];
        if (replicates is null || RelativeStrength.Normalize(estimate) is not { } centre)
        {
            return variance;
        }

        foreach (var replicate in replicates)
        {
            var moved = RelativeStrength.Normalize([.. estimate.Select((value, k) => Math.Max(0, value + part(replicate)[k]))]) ?? centre;
            for (var k = 0; k < _orders; k++)
            {
                variance[k] += Student * Student * (moved[k] - centre[k]) * (moved[k] - centre[k]) * (replicates.Length - 1) / replicates.Length;
            }
        }

        return variance;
    }

    // What is taken out as noise is itself an estimate: half of it counts as an error of its own.
    private double[] Doubt(double[] plain, double[] reduced) =>
        RelativeStrength.Normalize(plain) is { } before && RelativeStrength.Normalize(reduced) is { } after
            ? [.. before.Zip(after, (b, a) => (b - a) * (b - a) / 4)]
            : new double[_orders];

    private static double[] Root(params IReadOnlyList<double[]> variances) =>
        [.. variances[0].Select((_, k) => Math.Sqrt(variances.Sum(v => v[k])))];

    private sealed record Replicate(double[] Plain, double[] Reduced);
}
