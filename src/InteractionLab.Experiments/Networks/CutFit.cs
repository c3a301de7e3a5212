using InteractionLab.Experiments.Common;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Outputs;

namespace InteractionLab.Experiments.Networks;

/// <summary>Whether models can be cut where a spec says, and how players of one model's tensor lie in another's.</summary>
internal static class CutFit
{
    private const string Field = "cut";

    /// <summary>
    /// Looks at the cut of every model that is there. Gives the tensor as the first has it; null where nothing is cut (the cut
    /// names the input) or, with faults recorded, where a model cannot be cut there.
    /// </summary>
    /// <param name="cut">The tensor's name.</param>
    /// <param name="models">The models of the job.</param>
    /// <param name="ask">How they are read.</param>
    /// <param name="sampleShape">Shape of the samples, which fit the models.</param>
    /// <param name="faults">Where faults go.</param>
    public static MaskedSpace? Check(string cut, IReadOnlyList<NamedModel> models, OutputAsk ask, IReadOnlyList<int> sampleShape, SpecFaults faults)
    {
        var known = models.Where(named => named is { Model: not null, Reading: not null } && faults.IsClean(named.Field)).ToArray();
        if (known.Length == 0)
        {
            if (models.Count == 0)
            {
                faults.Add(Field, "a cut needs a model that is there before the job starts");
            }

            return null;
        }

        CutDescription? first = null;
        foreach (var named in known)
        {
            var (found, refusal) = KnownCuts.Find(named.Model!, ask, sampleShape, cut);
            var whose = known.Length > 1 ? $"the model at '{named.Field}': " : "";
            if (refusal is not null)
            {
                faults.Add(Field, whose + refusal);
            }
            else if (first is not null && (found!.IsChannelsLast != first.IsChannelsLast || !SamePlaces(first.Shape, found.Shape)))
            {
                faults.Add(Field, $"{whose}there the tensor has shape {Shapes.Show(found.Shape)}, and {Shapes.Show(first.Shape)} in the model at '{known[0].Field}': the same players must fit both");
            }

            first ??= found;
        }

        return first is null || known.All(named => named.Input?.Name == cut) ? null : new MaskedSpace(first.Shape, sampleShape) { IsChannelsLast = first.IsChannelsLast };
    }

    /// <summary>
    /// Players laid out on the first model's tensor as they lie in another network's, which may have more or fewer channels
    /// (a pruned network): what holds for a place holds for all its channels.
    /// </summary>
    /// <exception cref="ExperimentException">The network's tensor has other places, or players differ between channels.</exception>
    public static PlayerLayout Onto(PlayerLayout layout, IReadOnlyList<int> from, IReadOnlyList<int> to, string network)
    {
        if (from.SequenceEqual(to))
        {
            return layout;
        }

        var axis = from.Count < 2 ? -1 : BaselineSpec.ChannelAxis(from);
        if (axis < 0 || !SamePlaces(from, to))
        {
            throw new ExperimentException($"At the cut the network '{network}' has a tensor of shape {Shapes.Show(to)}, the first model one of {Shapes.Show(from)}: the players do not fit.");
        }

        var inner = from.Skip(axis + 1).Aggregate(1, (product, side) => product * side);
        var playerOf = new int[to.Aggregate(1, (product, side) => product * side)];
        var (block, own) = (inner * from[axis], inner * to[axis]);
        for (var cell = 0; cell < layout.PlayerOf.Count; cell++)
        {
            if (layout.PlayerOf[cell] != layout.PlayerOf[(cell / block * block) + (cell % inner)])
            {
                throw new ExperimentException($"At the cut the network '{network}' has {to[axis]} channels and the first model {from[axis]}: players that differ between channels do not fit.");
            }
        }

        for (var cell = 0; cell < playerOf.Length; cell++)
        {
            playerOf[cell] = layout.PlayerOf[(cell / own * block) + (cell % inner)];
        }

        return new PlayerLayout(layout.Players, playerOf);
    }

    /// <summary>
    /// Magnitudes at the cells of one network's tensor as cells of the first model's, by place: of a tensor with other channels
    /// all of a place's go to its first one.
    /// </summary>
    /// <exception cref="ExperimentException">The network's tensor has other places.</exception>
    public static double[] Fold(IReadOnlyList<double> values, IReadOnlyList<int> from, IReadOnlyList<int> to, string network)
    {
        if (from.SequenceEqual(to))
        {
            return [.. values];
        }

        if (!SamePlaces(from, to))
        {
            throw new ExperimentException($"At the cut the network '{network}' has a tensor of shape {Shapes.Show(from)}, the first model one of {Shapes.Show(to)}: the players do not fit.");
        }

        var axis = BaselineSpec.ChannelAxis(from);
        var inner = from.Skip(axis + 1).Aggregate(1, (product, side) => product * side);
        var folded = new double[to.Aggregate(1, (product, side) => product * side)];
        for (var cell = 0; cell < values.Count; cell++)
        {
            folded[(cell / (inner * from[axis]) * inner * to[axis]) + (cell % inner)] += Math.Abs(values[cell]);
        }

        return folded;
    }

    /// <summary>Whether two tensors differ in the number of channels at most.</summary>
    private static bool SamePlaces(IReadOnlyList<int> one, IReadOnlyList<int> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        var channels = one.Count < 2 ? -1 : BaselineSpec.ChannelAxis(one);
        return Enumerable.Range(0, one.Count).All(axis => axis == channels || one[axis] == other[axis]);
    }
}
