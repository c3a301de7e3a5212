using System.Numerics;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.PruningSweep;

/// <summary>
/// The metrics of pruning (method.md §3) by plain loops over the arrays that a job leaves in its npz files: nothing of the
/// lab's own comparison is used.
/// </summary>
internal sealed class NaiveSweep
{
    private readonly Dictionary<string, double[]> _arrays = [];

    private NaiveSweep(double[] ratios, int samples, int references, int masks) =>
        (Ratios, Samples, References, Masks) = (ratios, samples, references, masks);

    public double[] Ratios { get; }

    public int Samples { get; }

    public int References { get; }

    public int Masks { get; }

    public int Players => BitOperations.Log2((uint)Masks);

    public static async Task<NaiveSweep> Of(Job job)
    {
        var values = await job.Artifact("values.npz");
        var interactions = await job.Artifact("interactions.npz");
        Npz.Read<double>(values, "v_references", out var shape);
        var naive = new NaiveSweep(Npz.Read<double>(interactions, "ratio", out _), (int)shape[1], (int)shape[0], (int)shape[2]);
        foreach (var name in new[] { "v_original", "v_references", "v_pruned" })
        {
            naive._arrays[name] = Npz.Read<double>(values, name, out _);
        }

        foreach (var name in new[] { "and", "or", "delta" }.SelectMany(part => new[] { $"{part}_references", $"{part}_original", $"{part}_pruned" }).Append("threshold_original").Append("threshold_references"))
        {
            naive._arrays[name] = Npz.Read<double>(interactions, name, out _);
        }

        return naive;
    }

    /// <summary>The entries of one row (a ratio or a reference) and sample.</summary>
    public double[] At(string name, int row, int sample) => _arrays[name].AsSpan(((row * Samples) + sample) * Masks, Masks).ToArray();

    public double Threshold(string name, int row, int sample) => _arrays[name][(row * Samples) + sample];

    /// <summary>mean |v(N) - v(∅)| of a row.</summary>
    public double MeanSpan(string name, int row) => Enumerable.Range(0, Samples).Average(sample => Math.Abs(At(name, row, sample)[^1] - At(name, row, sample)[0]));

    /// <summary>The largest error of v(S) - δ_S = b + Σ I over masks, as a share of the span.</summary>
    public double MatchError(string who, int row, int sample)
    {
        var (v, and, or, delta) = (At($"v_{who}", who == "original" ? 0 : row, sample), At($"and_{who}", row, sample), At($"or_{who}", row, sample), At($"delta_{who}", row, sample));
        var worst = 0.0;
        for (var s = 0; s < Masks; s++)
        {
            var sum = v[0];
            for (var t = 1; t < Masks; t++)
            {
                sum += ((t & s) == t ? and[t] : 0) + ((t & s) != 0 ? or[t] : 0);
            }

            worst = Math.Max(worst, Math.Abs(v[s] - delta[s] - sum));
        }

        return worst / Math.Max(Math.Abs(v[^1] - v[0]), 1e-300);
    }

    /// <summary>Everything of a point, by classes and orders; means over samples.</summary>
    public NaivePoint Point(int row)
    {
        var point = new NaivePoint(Players);
        for (var sample = 0; sample < Samples; sample++)
        {
            foreach (var type in new[] { "and", "or" })
            {
                Add(point, type, row, sample);
            }
        }

        return point;
    }

    private void Add(NaivePoint point, string type, int row, int sample)
    {
        var (before, after) = (At($"{type}_original", row, sample), At($"{type}_pruned", row, sample));
        var tau = Threshold("threshold_original", row, sample);
        var references = Enumerable.Range(0, References).Select(k => (Effects: At($"{type}_references", k, sample), Threshold: Threshold("threshold_references", k, sample))).ToArray();
        for (var t = 1; t < Masks; t++)
        {
            var order = BitOperations.PopCount((uint)t);
            bool Shared(double effect) => references.Any(reference =>
                Math.Abs(reference.Effects[t]) > reference.Threshold && Math.Sign(reference.Effects[t]) * Math.Sign(effect) > 0);
            if (Math.Abs(before[t]) > tau)
            {
                var removed = Math.Abs(after[t]) <= tau || Math.Sign(after[t]) * Math.Sign(before[t]) < 0;
                point.Add("salient", order, before[t] / Samples);
                point.Add(removed ? "removed" : "preserved", order, before[t] / Samples);
                point.Flips += removed && Math.Abs(after[t]) > tau ? 1 : 0;
                if (Shared(before[t]))
                {
                    point.Add("generalizable", order, before[t] / Samples);
                    if (removed)
                    {
                        point.Add("removedGen", order, before[t] / Samples);
                    }
                }
            }
            else if (Math.Abs(after[t]) > tau)
            {
                point.Add("emerged", order, after[t] / Samples);
                if (Shared(after[t]))
                {
                    point.Add("emergedGen", order, after[t] / Samples);
                }
            }
        }
    }

    /// <summary>The phases by the words of method.md §3, as positions among the points: ends of 1 and starts of 3.</summary>
    public static (int FirstEnds, int ThirdStarts) Phases(IReadOnlyList<SweepPoint> points)
    {
        var first = 0;
        while (first + 1 < points.Count && (points[first + 1].RhoLow ?? 1) >= 0.95 * (points[0].RhoLow ?? 0) && Math.Abs(points[first + 1].Accuracy!.Value - points[0].Accuracy!.Value) <= 0.01)
        {
            first++;
        }

        bool Quiet(int from) => Enumerable.Range(from, points.Count - 1 - from).All(i =>
            Math.Abs((points[i + 1].RhoLow ?? 0) - (points[i].RhoLow ?? 0)) < 0.05 && Math.Abs((points[i + 1].RhoHigh ?? 0) - (points[i].RhoHigh ?? 0)) < 0.05)
            && Enumerable.Range(from, points.Count - from).All(i => Math.Abs(points[i].Accuracy!.Value - points[^1].Accuracy!.Value) <= 0.02);
        var third = Enumerable.Range(0, points.Count).First(Quiet);
        return (first, Math.Max(first, third));
    }
}

/// <summary>Sums by class, order and sign.</summary>
internal sealed class NaivePoint(int players)
{
    private readonly Dictionary<string, double[,]> _sums = [];

    public int Flips { get; set; }

    public void Add(string kind, int order, double effect) => Of(kind)[order - 1, effect > 0 ? 0 : 1] += effect;

    public double Positive(string kind, int order) => Of(kind)[order - 1, 0];

    public double Negative(string kind, int order) => Of(kind)[order - 1, 1];

    public double Strength(string kind, int from = 1, int to = int.MaxValue) =>
        Enumerable.Range(1, players).Where(order => order >= from && order <= to).Sum(order => Positive(kind, order) - Negative(kind, order));

    /// <summary>Preserved share of orders; null where nothing is salient.</summary>
    public double? Rho(int from, int to) => Strength("salient", from, to) > 0 ? Strength("preserved", from, to) / Strength("salient", from, to) : null;

    private double[,] Of(string kind) => _sums.TryGetValue(kind, out var sums) ? sums : _sums[kind] = new double[players, 2];
}
