using InteractionLab.Models.Arrays;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>
/// <c>pairs.npz</c>: <c>interactions</c> and <c>standard_error</c> [models, samples, pairs, orders] float64 (I^(m)(i,j) and
/// its error), <c>pairs</c> [pairs, 2], <c>orders</c> [orders] and <c>index</c> [samples] int64. Only models
/// with a finished sample are in it, and only samples that each of them has measured.
/// </summary>
internal static class PairArrays
{
    public static ResultArtifact Artifact(BottleneckWork work, ICellSource cells, IReadOnlyList<Measured> measured) =>
        new("pairs.npz", "application/x-npz", (output, cancellation) => Task.Run(() => Write(work, cells, measured, output, cancellation), cancellation));

    private static void Write(BottleneckWork work, ICellSource cells, IReadOnlyList<Measured> measured, Stream output, CancellationToken cancellation)
    {
        var places = measured.Aggregate(Enumerable.Range(0, work.Samples), (left, part) => left.Intersect(part.Places)).ToList();
        var rounds = measured.Count == 0 ? 0 : measured.Min(part => part.Rounds);
        var indices = measured.Count == 0 ? [] : measured[0].Places.Zip(measured[0].Indices).ToDictionary(entry => entry.First, entry => (long)entry.Second);
        using var npz = new NpzWriter(output, leaveOpen: true);
        long[] shape = [measured.Count, places.Count, work.Pairs.Pairs.Count, work.Orders.Count];
        foreach (var (name, isError) in new[] { ("interactions", false), ("standard_error", true) })
        {
            var array = npz.Add<double>(name, shape);
            foreach (var part in measured)
            {
                foreach (var place in places)
                {
                    cancellation.ThrowIfCancellationRequested();
                    array.Write(Values(work, cells, place, part.Network, rounds, isError));
                }
            }
        }

        npz.Write<long>("pairs", [.. work.Pairs.Pairs.SelectMany(pair => new long[] { pair.I, pair.J })], work.Pairs.Pairs.Count, 2);
        npz.Write<long>("orders", [.. work.Orders.Select(m => (long)m)]);
        npz.Write<long>("index", [.. measured.Count == 0 ? [] : places.Select(place => indices[place])]);
        npz.Complete();
    }

    private static double[] Values(BottleneckWork work, ICellSource cells, int place, int network, int rounds, bool isError)
    {
        var (orders, pairs) = (work.Orders.Count, work.Pairs.Pairs.Count);
        var values = new double[pairs * orders];
        if (work.Rounds is null)
        {
            var exact = isError ? null : BottleneckCell.Exact(cells, work.CellOf(0, place, network));
            for (var k = 0; exact is not null && k < values.Length; k++)
            {
                values[k] = exact[(k / orders * (work.Games.PlayerCount - 1)) + work.Orders[k % orders]];
            }

            return values;
        }

        var (sampler, sums) = (work.Rounds.Sampler(), work.Sum(cells, place, network, rounds));
        for (var k = 0; k < values.Length; k++)
        {
            var (mean, error) = sums.Estimate(k % orders, k / orders, sampler);
            values[k] = isError ? error : mean;
        }

        return values;
    }
}
