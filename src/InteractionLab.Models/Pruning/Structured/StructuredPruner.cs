using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Pruning.Structured;

/// <summary>Cuts channels, hidden units and attention heads out of the graph.</summary>
internal sealed class StructuredPruner : Pruner
{
    private readonly ChannelGraph graph;
    private readonly ChannelGroup[] groups;
    private readonly Unit[] order;

    /// <summary>Parameters gone after 0, 1, ... units; ascending.</summary>
    private readonly long[] gone;

    public StructuredPruner(OnnxModel model, PrunerOptions options)
        : base(model)
    {
        graph = new ChannelGraph(model.CopyProto());
        groups = ChannelGroup.Find(graph);
        if (groups.Length == 0)
        {
            throw new ModelRejectedException("No channel can be removed from this model: every one of them reaches an input, an output or an operator that needs them all.");
        }

        order = ChannelRanking.Order(graph, groups, options.Type);
        order = order[..Reachable()];
        gone = new long[order.Length + 1];
        var tally = new ParameterTally(graph);
        for (var i = 0; i < order.Length; i++)
        {
            tally.Remove(order[i]);
            gone[i + 1] = tally.Removed;
        }
    }

    public override double MaxRatio => (double)gone[^1] / Original.Summary.Parameters;

    private protected override PrunedModel PruneChecked(double ratio)
    {
        var removed = order.Take(Units(ratio)).Select(unit => unit.Label).ToHashSet();
        var model = removed.Count == 0 ? Original : ChannelSurgery.Cut(Original, graph, removed);
        var (before, after) = (Original.Summary.Parameters, model.Summary.Parameters);
        return new PrunedModel(
            model,
            ratio,
            1 - ((double)after / before),
            before,
            after,
            gone[^1],
            0,
            [.. groups.Select(group => new PrunedGroup(group.Name, group.Units.Length, [.. Enumerable.Range(0, group.Units.Length).Where(i => removed.Contains(group.Units[i].Label))]))],
            [.. graph.Stored.Select(stored => new PrunedSlices(stored.Tensor, stored.Axis, [.. Enumerable.Range(0, stored.Sets.Length).Where(i => graph.Labels.Live(stored.Sets[i]).Any(removed.Contains))])).Where(slices => slices.Removed.Count > 0)]);
    }

    /// <summary>The number of units whose removal comes nearest to the ratio; of two equally near the larger.</summary>
    private int Units(double ratio)
    {
        var wanted = ratio * Original.Summary.Parameters;
        var reached = Array.FindIndex(gone, removed => removed >= wanted);
        if (reached < 0)
        {
            // The highest ratio itself may be rounded up.
            return order.Length;
        }

        return reached > 0 && wanted - gone[reached - 1] < gone[reached] - wanted ? reached - 1 : reached;
    }

    /// <summary>
    /// How many units can go before an axis of some tensor would be empty. One unit of each group stays, so this is all of
    /// them, unless an axis holds two groups on the same indices.
    /// </summary>
    private int Reachable()
    {
        int[][][] axes = [.. graph.LabelledAxes];
        bool Fits(int count)
        {
            var removed = order.Take(count).Select(unit => unit.Label).ToHashSet();
            return axes.All(axis => axis.Any(set => !graph.Labels.Live(set).Any(removed.Contains)));
        }

        if (Fits(order.Length))
        {
            return order.Length;
        }

        var (fits, fails) = (0, order.Length);
        while (fails - fits > 1)
        {
            var middle = (fits + fails) / 2;
            (fits, fails) = Fits(middle) ? (middle, fails) : (fits, middle);
        }

        return fits;
    }
}
