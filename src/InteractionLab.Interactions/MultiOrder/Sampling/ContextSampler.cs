namespace InteractionLab.Interactions;

/// <summary>
/// Draws the contexts for sampled multi-order interactions (method.md §5), the same for every sample and network that is
/// measured with it, so that networks are compared on the same masks. Each pair has, in each order, contexts drawn
/// uniformly without repetition; where there are few, all of them. The numbers drawn depend on the arguments alone.
/// </summary>
public sealed class ContextSampler
{
    /// <summary>How many groups the draws of an order are dealt to, for the jackknife.</summary>
    public const int Groups = 10;

    private readonly OrderDraws[] _draws;
    private readonly int _mostContexts;
    private int _given;

    /// <summary>Prepares the draws.</summary>
    /// <param name="players">n, at least 2.</param>
    /// <param name="pairs">The measured pairs, each once.</param>
    /// <param name="orders">The measured orders m, each once, in 0..n-2.</param>
    /// <param name="mostContexts">Contexts a pair and order that all rounds together may ask for, at least 2.</param>
    /// <param name="seed">Seed of the draws; order m has its own stream.</param>
    public ContextSampler(int players, IReadOnlyList<PlayerPair> pairs, IReadOnlyList<int> orders, int mostContexts, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 2);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(orders);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostContexts, 2);
        if (pairs.Count == 0 || pairs.Distinct().Count() != pairs.Count || pairs.Any(p => p.I < 0 || p.I >= p.J || p.J >= players))
        {
            throw new ArgumentException("Pairs must be at least one, distinct, and 0 <= i < j < n.", nameof(pairs));
        }

        if (orders.Count == 0 || orders.Distinct().Count() != orders.Count || orders.Any(m => m < 0 || m > players - 2))
        {
            throw new ArgumentException("Orders must be at least one, distinct, and lie in 0..n-2.", nameof(orders));
        }

        (Players, Pairs, Orders, _mostContexts) = (players, pairs, orders, mostContexts);
        _draws = [.. orders.Select(m => new OrderDraws(players, m, pairs, mostContexts, new PortableRandom(seed, m)))];
    }

    /// <summary>n.</summary>
    public int Players { get; }

    /// <summary>The measured pairs.</summary>
    public IReadOnlyList<PlayerPair> Pairs { get; }

    /// <summary>The measured orders.</summary>
    public IReadOnlyList<int> Orders { get; }

    /// <summary>Whether all contexts of the order in a place are evaluated (in the first round): it has no sampling error.</summary>
    public bool IsExhaustive(int order) => _draws[order].IsExhaustive;

    /// <summary>The share of a pair's contexts that <paramref name="contexts"/> are, 0..1.</summary>
    public double Share(int order, int contexts) => IsExhaustive(order) ? 1 : contexts / _draws[order].Contexts;

    /// <summary>The next round: <paramref name="contexts"/> more contexts for every pair and order.</summary>
    /// <param name="contexts">Contexts a pair and order.</param>
    /// <param name="cancellation">Ends the drawing; the sampler is then of no more use.</param>
    /// <exception cref="InvalidOperationException">That is more than the sampler was prepared for.</exception>
    public ContextRound Next(int contexts, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contexts, 1);
        if (_given + contexts > _mostContexts)
        {
            throw new InvalidOperationException($"{_given} contexts were drawn, and only {_mostContexts} are planned.");
        }

        _given += contexts;
        var masks = new MaskList(Players);
        var terms = new List<ContextTerm>();
        for (var place = 0; place < _draws.Length; place++)
        {
            _draws[place].AddRound(place, contexts, Groups, masks, terms, cancellation);
        }

        return new ContextRound(masks, terms);
    }
}
