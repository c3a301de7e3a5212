using System.Numerics;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.Tests.TrainingDynamics;

/// <summary>
/// The measures of method.md §4 computed again from values.npz and interactions.npz alone, by plain loops over the
/// definitions: nothing of the product's mathematics is used. Rule mean-span, orders, share and r as in the default spec.
/// </summary>
internal sealed class Recomputed
{
    private readonly double[] _v;
    private readonly double[] _referenceV;
    private readonly double[] _and;
    private readonly double[] _or;
    private readonly double[] _delta;
    private readonly double[] _referenceAnd;
    private readonly double[] _referenceOr;
    private readonly long[] _train;

    public Recomputed(byte[] values, byte[] interactions)
    {
        _v = Npz.Read<double>(values, "v", out var shape);
        (Snapshots, Samples, Masks) = ((int)shape[0], (int)shape[1], (int)shape[2]);
        _referenceV = Npz.Read<double>(values, "reference_v", out shape);
        References = (int)shape[0];
        _and = Npz.Read<double>(interactions, "and", out _);
        _or = Npz.Read<double>(interactions, "or", out _);
        _delta = Npz.Read<double>(interactions, "delta", out _);
        _referenceAnd = Npz.Read<double>(interactions, "reference_and", out _);
        _referenceOr = Npz.Read<double>(interactions, "reference_or", out _);
        _train = Npz.Read<long>(values, "train", out _);
        Epochs = Npz.Read<long>(values, "epoch", out _);
        Thresholds = Npz.Read<double>(interactions, "threshold", out _);
    }

    public int Snapshots { get; }

    public int References { get; }

    public int Samples { get; }

    public int Masks { get; }

    public int Players => BitOperations.Log2((uint)Masks);

    public long[] Epochs { get; }

    public double[] Thresholds { get; }

    /// <summary>The largest error of v(S) - δ_S = b + Σ_AND + Σ_OR over all games and masks, as a share of the span.</summary>
    public double WorstMatch()
    {
        var worst = 0.0;
        for (var game = 0; game < Snapshots * Samples; game++)
        {
            var start = game * Masks;
            var span = Math.Abs(_v[start + Masks - 1] - _v[start]);
            for (var mask = 0; mask < Masks; mask++)
            {
                var sum = _v[start];
                for (var t = 1; t < Masks; t++)
                {
                    sum += ((t & mask) == t ? _and[start + t] : 0) + ((t & mask) != 0 ? _or[start + t] : 0);
                }

                worst = Math.Max(worst, Math.Abs(_v[start + mask] - _delta[start + mask] - sum) / span);
            }
        }

        return worst;
    }

    public double MeanSpan(int snapshot) => MeanSpan(_v, snapshot);

    public double Tau(int snapshot) => 0.05 * MeanSpan(_v, snapshot);

    /// <summary>Strength by order and sign of salient interactions, means over samples: all, and those with G = 1 for a set of references.</summary>
    public double[,] Strength(int snapshot, Func<int, bool> samples, params int[] references)
    {
        var strength = new double[Players + 1, 2];
        var count = Enumerable.Range(0, Samples).Count(samples);
        foreach (var (sample, mask, effect, shared, _) in Salient(snapshot, references))
        {
            if (samples(sample) && (references.Length == 0 || shared))
            {
                strength[BitOperations.PopCount((uint)mask), effect > 0 ? 0 : 1] += Math.Abs(effect) / count;
            }
        }

        return strength;
    }

    public double? Power(int snapshot, Func<int, bool> samples, int from, int to, params int[] references)
    {
        var (shared, all) = (Sum(Strength(snapshot, samples, references), from, to), Sum(Strength(snapshot, samples), from, to));
        return all > 0 ? shared / all : null;
    }

    public double? Continuous(int snapshot)
    {
        var (shared, all) = (0.0, 0.0);
        foreach (var (_, _, effect, _, similarity) in Salient(snapshot, [.. Enumerable.Range(0, References)]))
        {
            shared += Math.Abs(effect) * similarity;
            all += Math.Abs(effect);
        }

        return all > 0 ? shared / all : null;
    }

    public double? Jaccard(int snapshot, int a, int b)
    {
        var (first, second) = (Strength(snapshot, _ => true, a), Strength(snapshot, _ => true, b));
        var (common, either) = (0.0, 0.0);
        for (var order = 1; order <= Players; order++)
        {
            for (var sign = 0; sign < 2; sign++)
            {
                common += Math.Min(first[order, sign], second[order, sign]);
                either += Math.Max(first[order, sign], second[order, sign]);
            }
        }

        return either > 0 ? common / either : null;
    }

    public double Count(int snapshot) => Enumerable.Range(0, Samples).Average(sample => (double)(Smallest(_and, snapshot, sample) + Smallest(_or, snapshot, sample)));

    /// <summary>Mean -log sigmoid of v(N), or of v(N) without its salient non-generalizable interactions.</summary>
    public double Loss(int snapshot, bool train, bool removed)
    {
        var loss = new List<double>();
        for (var sample = 0; sample < Samples; sample++)
        {
            if ((_train[sample] == 1) != train)
            {
                continue;
            }

            var v = _v[Start(snapshot, sample) + Masks - 1];
            if (removed)
            {
                v -= Salient(snapshot, [.. Enumerable.Range(0, References)]).Where(i => i.Sample == sample && !i.Shared).Sum(i => i.Effect);
            }

            loss.Add(v > 0 ? Math.Log(1 + Math.Exp(-v)) : -v + Math.Log(1 + Math.Exp(v)));
        }

        return loss.Average();
    }

    public Func<int, bool> Split(bool train) => sample => (_train[sample] == 1) == train;

    /// <summary>Compares every number of a result with its recomputation.</summary>
    public void Check(TrainingDynamicsResult result, double tolerance)
    {
        int[] all = [.. Enumerable.Range(0, References)];
        Assert.Equal(Epochs, result.Points.Select(point => (long)point.Epoch));
        var powers = new List<double?>();
        var strengths = new List<(double Shared, double Other)>();
        for (var t = 0; t < Snapshots; t++)
        {
            var point = result.Points[t];
            Near(Tau(t), point.Threshold, tolerance);
            Assert.All(Enumerable.Range(0, Samples), sample => Near(Tau(t), Thresholds[(t * Samples) + sample], tolerance));
            Near(MeanSpan(t), point.MeanSpan, tolerance);
            Near(Power(t, _ => true, 1, Players, all), point.Generalization, tolerance);
            Near(Power(t, _ => true, 1, 2, all), point.GeneralizationLow, tolerance);
            Near(Power(t, _ => true, 6, 10, all), point.GeneralizationHigh, tolerance);
            Near(Power(t, Split(train: true), 1, Players, all), point.GeneralizationTrain, tolerance);
            Near(Power(t, Split(train: false), 1, Players, all), point.GeneralizationTest, tolerance);
            Near(Enumerable.Range(0, Samples).Select(s => Power(t, sample => sample == s, 1, Players, all)).OfType<double>().Average(), point.GeneralizationOfSamples, tolerance);
            Near(Continuous(t), point.GeneralizationContinuous, tolerance);
            Near(Count(t), point.Count, tolerance);
            Near(Loss(t, train: true, removed: false), point.TrainLoss, tolerance);
            Near(Loss(t, train: false, removed: false), point.TestLoss, tolerance);
            Near(Loss(t, train: true, removed: true), point.TrainLossRemoved, tolerance);
            Near(Loss(t, train: false, removed: true), point.TestLossRemoved, tolerance);
            var gap = Loss(t, false, false) - Loss(t, true, false);
            Near(gap, point.Gap, tolerance);
            Near(gap > 0 ? 1 - ((Loss(t, false, true) - Loss(t, true, true)) / gap) : null, point.GapExplained, tolerance / Math.Min(1, Math.Abs(gap)));
            CheckOrders(t, point, all, tolerance);
            for (var k = 0; k < References; k++)
            {
                Near(Power(t, _ => true, 1, Players, [.. all.Take(k + 1)]), point.ByReferences[k], tolerance);
            }

            powers.Add(Power(t, _ => true, 1, Players, all));
            var shared = Sum(Strength(t, _ => true, all), 1, Players);
            strengths.Add((shared, Sum(Strength(t, _ => true), 1, Players) - shared));
            Near(t == 0 ? null : strengths[t].Shared - strengths[t - 1].Shared, point.NewGeneralizable, tolerance);
            Near(t == 0 ? null : strengths[t].Other - strengths[t - 1].Other, point.NewNonGeneralizable, tolerance);
        }

        CheckPhases(result, powers, strengths);
        Assert.All(result.Agreement, pair => Assert.All(pair.Points.Zip(Enumerable.Range(0, Snapshots)), j => Near(Jaccard(j.Second, pair.A, pair.B), j.First.Jaccard, tolerance)));
        Assert.Equal(References * (References - 1) / 2, result.Agreement.Count);
        Assert.All(result.ByReferences, count => Near(Power(Snapshots - 1, _ => true, 1, Players, [.. all.Take(count.K)]), count.Generalization, tolerance));
    }

    private void CheckPhases(TrainingDynamicsResult result, List<double?> powers, List<(double Shared, double Other)> strengths)
    {
        int? t1 = null;
        for (var t = 0; t < Snapshots; t++)
        {
            t1 = powers[t] is { } power && !(t1 is { } best && power <= powers[best]) ? t : t1;
        }

        int? t2 = null;
        for (var t = (t1 ?? Snapshots) + 1; t < Snapshots; t++)
        {
            t2 ??= strengths[t].Shared - strengths[t - 1].Shared < strengths[t].Other - strengths[t - 1].Other ? t : null;
        }

        Assert.Equal(t1 is { } a ? (int)Epochs[a] : null, result.Phases.T1);
        Assert.Equal(t2 is { } b ? (int)Epochs[b] : null, result.Phases.T2);
    }

    private void CheckOrders(int t, DynamicsPoint point, int[] all, double tolerance)
    {
        var (total, shared) = (Strength(t, _ => true), Strength(t, _ => true, all));
        Assert.Equal(Players, point.Orders.Count);
        Assert.All(point.Orders, order =>
        {
            Near(total[order.Order, 0], order.Positive, tolerance);
            Near(-total[order.Order, 1], order.Negative, tolerance);
            Near(shared[order.Order, 0], order.GeneralizablePositive, tolerance);
            Near(-shared[order.Order, 1], order.GeneralizableNegative, tolerance);
        });
    }

    /// <summary>Salient interactions: whether one generalizes to any of the references, and its best G'.</summary>
    private IEnumerable<(int Sample, int Mask, double Effect, bool Shared, double Similarity)> Salient(int snapshot, int[] references)
    {
        var tau = Tau(snapshot);
        for (var sample = 0; sample < Samples; sample++)
        {
            foreach (var (own, others) in new[] { (_and, _referenceAnd), (_or, _referenceOr) })
            {
                for (var mask = 1; mask < Masks; mask++)
                {
                    var effect = own[Start(snapshot, sample) + mask];
                    if (Math.Abs(effect) <= tau)
                    {
                        continue;
                    }

                    var (shared, similarity) = (false, 0.0);
                    foreach (var k in references)
                    {
                        var other = others[Start(k, sample) + mask];
                        var same = Math.Sign(other) == Math.Sign(effect) && other != 0;
                        shared |= same && Math.Abs(other) > 0.05 * MeanSpan(_referenceV, k);
                        var (x, y) = (Math.Abs(effect) / MeanSpan(_v, snapshot), Math.Abs(other) / MeanSpan(_referenceV, k));
                        similarity = Math.Max(similarity, same ? Math.Min(x, y) / Math.Max(x, y) : 0);
                    }

                    yield return (sample, mask, effect, shared, similarity);
                }
            }
        }
    }

    private int Smallest(double[] effects, int snapshot, int sample)
    {
        var sorted = effects.Skip(Start(snapshot, sample) + 1).Take(Masks - 1).Select(Math.Abs).OrderDescending().ToArray();
        var (held, count) = (0.0, 0);
        while (held < (0.8 * sorted.Sum()) - (1e-12 * sorted.Sum()))
        {
            held += sorted[count++];
        }

        return count;
    }

    private int Start(int network, int sample) => ((network * Samples) + sample) * Masks;

    private double MeanSpan(double[] v, int network) =>
        Enumerable.Range(0, Samples).Average(sample => Math.Abs(v[Start(network, sample) + Masks - 1] - v[Start(network, sample)]));

    private static double Sum(double[,] strength, int from, int to)
    {
        var sum = 0.0;
        for (var order = from; order <= Math.Min(to, strength.GetLength(0) - 1); order++)
        {
            sum += strength[order, 0] + strength[order, 1];
        }

        return sum;
    }

    private static void Near(double? expected, double? actual, double tolerance)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } e)
        {
            Assert.InRange(actual!.Value, e - tolerance, e + tolerance);
        }
    }
}
