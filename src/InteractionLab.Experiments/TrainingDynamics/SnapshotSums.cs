using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>A game of a reference: its effects with τ*, and the mean |span| of its network.</summary>
internal readonly record struct ReferenceGame(Effects Effects, double Threshold, double MeanSpan);

/// <summary>What the games of one snapshot add up to, sample by sample (method.md §4).</summary>
/// <param name="table">The snapshot.</param>
/// <param name="measures">What is asked of it.</param>
internal sealed class SnapshotSums(NetworkTable table, DynamicsMeasures measures)
{
    private readonly List<GeneralizationDistribution> _train = [];
    private readonly List<GeneralizationDistribution> _test = [];
    private readonly List<IReadOnlyList<OrderStrength>> _continuous = [];
    private readonly List<IReadOnlyList<IReadOnlyList<OrderStrength>>> _single = [];
    private readonly List<RemovedOutput> _trainOutputs = [];
    private readonly List<RemovedOutput> _testOutputs = [];
    private readonly List<InteractionCount> _counts = [];
    private long _salient;

    /// <summary>Takes in the game of the next sample, with the references' games on it.</summary>
    public void Add(GameCell game, double tau, bool train, IReadOnlyList<ReferenceGame> references)
    {
        var effects = new Effects(game.And, game.Or);
        Reference[] others = [.. references.Select(reference => new Reference(reference.Effects, reference.Threshold))];
        var salient = Classification.Salient(effects, tau);
        var generalizable = Classification.GeneralizableToFirst(effects, others)[^1];
        _salient += salient.Count;
        _counts.Add(InteractionCount.Of(effects, measures.Share));
        (train ? _train : _test).Add(GeneralizationDistribution.Of(effects, tau, others));
        _single.Add([.. others.Select(other => OrderDistribution.Of(effects, salient.Intersect(Classification.Generalizable(effects, other))))]);
        (train ? _trainOutputs : _testOutputs).Add(RemovedOutput.Of(game.V[^1], effects, tau, generalizable));
        AddContinuous(effects, tau, references);
    }

    /// <summary>The snapshot's measures, but for those that compare it with the one before.</summary>
    public SnapshotMeasures Measure()
    {
        IReadOnlyList<GeneralizationDistribution> all = [.. _train, .. _test];
        var mean = GeneralizationDistribution.Mean(all);
        var (train, test) = measures.HasLosses ? (RemovalLoss.Of(_trainOutputs), RemovalLoss.Of(_testOutputs)) : (new(null, null), new(null, null));
        return new SnapshotMeasures
        {
            Table = table,
            Mean = mean,
            Point = TrainingPoint.Of(mean.Total, mean.Generalizable[^1]),
            ByReferences = [.. mean.Generalizable.Select(part => Generalization.Of(mean.Total, part, measures.Low, measures.High))],
            Train = Of(_train),
            Test = Of(_test),
            OfSamples = MeanOf([.. all.Select(sample => Generalization.Average(sample.Total, sample.Generalizable[^1], OrderRange.All)).OfType<double>()]),
            Continuous = _continuous.Count < all.Count ? null : Generalization.Average(mean.Total, OrderDistribution.Mean(_continuous), OrderRange.All),
            Single = [.. Enumerable.Range(0, _single[0].Count).Select(k => OrderDistribution.Mean([.. _single.Select(sample => sample[k])]))],
            CountAnd = _counts.Average(count => (double)count.And),
            CountOr = _counts.Average(count => (double)count.Or),
            Salient = (double)_salient / all.Count,
            TrainLoss = train,
            TestLoss = test,
        };
    }

    private void AddContinuous(Effects effects, double tau, IReadOnlyList<ReferenceGame> references)
    {
        var shares = ContinuousGeneralizability.ToFirst(
            new ScaledEffects(effects, table.MeanSpan), [.. references.Select(reference => new ScaledEffects(reference.Effects, reference.MeanSpan))]);
        if (shares is not null)
        {
            _continuous.Add(ContinuousGeneralizability.Distribution(effects, shares[^1], tau));
        }
    }

    private static double? Of(List<GeneralizationDistribution> samples)
    {
        if (samples.Count == 0)
        {
            return null;
        }

        var mean = GeneralizationDistribution.Mean(samples);
        return Generalization.Average(mean.Total, mean.Generalizable[^1], OrderRange.All);
    }

    private static double? MeanOf(double[] values) => values.Length == 0 ? null : values.Average();
}

/// <summary>What the spec says of the measures.</summary>
/// <param name="Low">The orders of H̄_low.</param>
/// <param name="High">The orders of H̄_high.</param>
/// <param name="Share">The share of strength that N̄ counts to.</param>
/// <param name="Ratio">r of phase 2.</param>
/// <param name="HasLosses">Whether v is the log-odds of the label, so that -log sigmoid(v) is the cross-entropy.</param>
internal sealed record DynamicsMeasures(OrderRange Low, OrderRange High, double Share, double Ratio, bool HasLosses);

/// <summary>The measures of one snapshot; strengths are means over samples.</summary>
internal sealed record SnapshotMeasures
{
    public required NetworkTable Table { get; init; }

    /// <summary>Strengths by order, in all and generalizable to the first k references.</summary>
    public required GeneralizationDistribution Mean { get; init; }

    public required TrainingPoint Point { get; init; }

    /// <summary>H̄ with the first k references.</summary>
    public required IReadOnlyList<Generalization> ByReferences { get; init; }

    public required double? Train { get; init; }

    public required double? Test { get; init; }

    public required double? OfSamples { get; init; }

    public required double? Continuous { get; init; }

    /// <summary>Strengths generalizable to each reference alone.</summary>
    public required IReadOnlyList<IReadOnlyList<OrderStrength>> Single { get; init; }

    public required double CountAnd { get; init; }

    public required double CountOr { get; init; }

    public required double Salient { get; init; }

    public required RemovalLoss TrainLoss { get; init; }

    public required RemovalLoss TestLoss { get; init; }
}
