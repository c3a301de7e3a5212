using InteractionLab.Models.Onnx.Proto;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>
/// The order in which units go. The magnitude of a unit is the L2 norm of all parameters in its slices, running
/// statistics of batch normalisation excepted. Ties go by group and index.
/// </summary>
internal static class ChannelRanking
{
    private sealed record Ranked(Unit Unit, int Group, int Place, double Score);

    /// <summary>All units but the strongest of each group, which stays.</summary>
    public static Unit[] Order(ChannelGraph graph, ChannelGroup[] groups, PrunerKind kind)
    {
        var norms = new SliceNorms(graph);
        var ranked = new List<Ranked>();
        var isomorphic = kind == PrunerKind.StructuredIsomorphic;
        for (var group = 0; group < groups.Length; group++)
        {
            var squares = Array.ConvertAll(groups[group].Units, norms.Square);

            // Across groups of unlike structure only relative size compares; within equal structure the root mean square
            // does, which is the same for wide and narrow layers.
            var unit = isomorphic ? Math.Sqrt(norms.Count(groups[group].Units[0])) : squares.Average(Math.Sqrt);
            ranked.AddRange(groups[group].Units
                .Select((channel, place) => new Ranked(channel, group, place, unit > 0 ? Math.Sqrt(squares[place]) / unit : 0))
                .OrderBy(channel => channel.Score).ThenBy(channel => channel.Place)
                .SkipLast(1));
        }

        if (!isomorphic)
        {
            return [.. Sorted(ranked).Select(channel => channel.Unit)];
        }

        // Each set of equal structure goes at the same pace: the k-th of its n units at (k + 1) / n.
        return [.. ranked.GroupBy(channel => groups[channel.Group].Structure, StringComparer.Ordinal)
            .SelectMany(set => Sorted(set).Select((channel, place) => (channel.Unit, channel.Group, Pace: (place + 1.0) / set.Count())))
            .OrderBy(entry => entry.Pace).ThenBy(entry => entry.Group)
            .Select(entry => entry.Unit)];
    }

    private static IEnumerable<Ranked> Sorted(IEnumerable<Ranked> channels) =>
        channels.OrderBy(channel => channel.Score).ThenBy(channel => channel.Group).ThenBy(channel => channel.Place);
}

/// <summary>Sums of squares of the slices of stored tensors.</summary>
internal sealed class SliceNorms
{
    private readonly ChannelGraph graph;
    private readonly double[][] squares;
    private readonly long[] elements;

    public SliceNorms(ChannelGraph graph)
    {
        this.graph = graph;
        var statistics = graph.Graph.Node.Where(node => node.OpType == "BatchNormalization" && node.Input.Count == 5)
            .SelectMany(node => node.Input.Skip(3)).ToHashSet(StringComparer.Ordinal);
        squares = new double[graph.Stored.Count][];
        elements = new long[graph.Stored.Count];
        string? name = null;
        double[] values = [];
        for (var stored = 0; stored < squares.Length; stored++)
        {
            var (tensor, axis, sets) = graph.Stored[stored];
            squares[stored] = new double[sets.Length];
            if (statistics.Contains(tensor))
            {
                continue;
            }

            if (tensor != name)
            {
                (name, values) = (tensor, WeightBytes.Values(graph.Constants.Weights(tensor)!));
            }

            elements[stored] = values.Length / sets.Length;
            Sum(values, graph.Constants.Weights(tensor)!, axis, squares[stored]);
        }
    }

    /// <summary>The squared L2 norm of a unit.</summary>
    public double Square(Unit unit) => unit.Slices.Sum(slice => slice.Indices.Sum(index => squares[slice.Stored][index]));

    /// <summary>How many parameters that norm is over.</summary>
    public double Count(Unit unit) => unit.Slices.Sum(slice => (double)slice.Indices.Length * elements[slice.Stored]);

    private static void Sum(double[] values, TensorProto tensor, int axis, double[] into)
    {
        var inner = tensor.Dims.Skip(axis + 1).Aggregate(1L, (product, size) => product * size);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new Onnx.ModelRejectedException($"The weights {Onnx.ModelValidator.Quote(tensor.Name)} cannot be ranked: element {i} is {values[i].ToString(System.Globalization.CultureInfo.InvariantCulture)}.");
            }

            into[(int)(i / inner % into.Length)] += values[i] * values[i];
        }
    }
}
