using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>One sample before and after pruning, compared.</summary>
internal sealed class SweepComparison
{
    /// <summary>How many interactions of a sample are shown side by side.</summary>
    public const int TopCount = 12;
    private readonly Effects _original;
    private readonly Effects _pruned;
    private readonly InteractionSet _salient;
    private readonly InteractionSet _removed;
    private readonly InteractionSet _emerged;
    private readonly IReadOnlyList<Reference> _references;

    /// <summary>Compares; τ is the model's.</summary>
    public SweepComparison(Effects original, Effects pruned, double threshold, IReadOnlyList<Reference> references)
    {
        (_original, _pruned, _references) = (original, pruned, references);
        _salient = Classification.Salient(original, threshold);
        _removed = Classification.Removed(original, pruned, threshold);
        _emerged = Classification.Emerged(original, pruned, threshold);

        // Entry k - 1 takes the first k references; without any, one entry that takes none.
        ByReferences = [.. Enumerable.Range(Math.Min(1, references.Count), Math.Max(1, references.Count)).Select(k => PruningDistribution.Of(original, pruned, threshold, [.. references.Take(k)]))];
    }

    /// <summary>The distributions with the first k references.</summary>
    public IReadOnlyList<PruningDistribution> ByReferences { get; }

    /// <summary>The distribution with all references.</summary>
    public PruningDistribution Distribution => ByReferences[^1];

    /// <summary>How many interactions are salient in the model.</summary>
    public int Salient => _salient.Count;

    /// <summary>How many of them are removed.</summary>
    public int Removed => _removed.Count;

    /// <summary>How many emerged.</summary>
    public int Emerged => _emerged.Count;

    /// <summary>The strongest interactions of both logical models.</summary>
    public IReadOnlyList<SweepInteraction> Top()
    {
        var before = _references.Count == 0 ? null : Classification.GeneralizableToFirst(_original, _references)[^1];
        var after = _references.Count == 0 ? null : Classification.GeneralizableToFirst(_pruned, _references)[^1];
        var found = new List<(double Strength, int Mask, SweepInteraction Interaction)>();
        foreach (var type in Enum.GetValues<InteractionType>())
        {
            var (own, other) = type == InteractionType.And ? (_original.And, _pruned.And) : (_original.Or, _pruned.Or);
            for (var mask = 1; mask < own.Length; mask++)
            {
                if (FateOf(type, mask) is { } fate)
                {
                    var generalizable = (fate == InteractionFate.Emerged ? after : before)?.Contains(type, mask) ?? false;
                    found.Add((Math.Max(Math.Abs(own[mask]), Math.Abs(other[mask])), mask, new SweepInteraction(type, GameReport.PlayersOf(mask), own[mask], other[mask], fate, generalizable)));
                }
            }
        }

        return [.. found.OrderByDescending(entry => entry.Strength).ThenBy(entry => entry.Interaction.Type).ThenBy(entry => entry.Mask).Take(TopCount).Select(entry => entry.Interaction)];
    }

    private InteractionFate? FateOf(InteractionType type, int mask) =>
        _removed.Contains(type, mask) ? InteractionFate.Removed
        : _salient.Contains(type, mask) ? InteractionFate.Preserved
        : _emerged.Contains(type, mask) ? InteractionFate.Emerged
        : null;
}
