using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>
/// The masks of a sampled job, round by round: the same for all models and samples, and a pure function of the spec.
/// </summary>
internal sealed class Rounds
{
    /// <summary>The most differences Δv a job draws. All are in memory, with their masks: about 200 bytes each.</summary>
    public const int MostDifferences = 10_000_000;

    private readonly int _players;
    private readonly PairChoice _pairs;
    private readonly IReadOnlyList<int> _orders;
    private readonly int _most;
    private readonly long _seed;

    public Rounds(int players, PairChoice pairs, IReadOnlyList<int> orders, BottleneckSpec spec)
    {
        (_players, _pairs, _orders, _most, _seed) = (players, pairs, orders, spec.Contexts, spec.Seed);
        Contexts = spec.StandardError is null || spec.Contexts < 16
            ? [spec.Contexts]
            : [spec.Contexts / 8, spec.Contexts / 8, spec.Contexts / 4, spec.Contexts - (2 * (spec.Contexts / 8)) - (spec.Contexts / 4)];
    }

    /// <summary>Contexts of each round.</summary>
    public IReadOnlyList<int> Contexts { get; }

    /// <summary>A sampler at its start.</summary>
    public ContextSampler Sampler() => new(_players, _pairs.Pairs, _orders, _most, _seed);

    /// <summary>How many differences Δv all rounds draw, for a sample and a model; nothing is drawn to find out.</summary>
    public double Differences => _pairs.Pairs.Count * _orders.Sum(order =>
    {
        // Where there are at most twice as many contexts as asked for, all are taken.
        var all = Combinatorics.Binomial(_players - 2, order);
        return all <= 2.0 * _most ? all : _most;
    });

    /// <summary>How many masks each round has.</summary>
    public IReadOnlyList<int> Masks(CancellationToken cancellation)
    {
        var sampler = Sampler();
        return [.. Contexts.Select(contexts => sampler.Next(contexts, cancellation).Masks.Count)];
    }
}
