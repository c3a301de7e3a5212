namespace InteractionLab.Interactions;

/// <summary>
/// The draws of one order m. A draw is a set of players that serves every pair it suits: for low orders a context S of m
/// players, for pairs outside it (adding); for high orders a set T of m + 2 players, for pairs inside it (removing;
/// method.md §5). Either way the context of a pair is uniform among its C(n-2, m) contexts, and one forward pass a pair
/// is added instead of four.
/// </summary>
internal sealed class OrderDraws
{
    private readonly int _order;
    private readonly int _players;
    private readonly IReadOnlyList<PlayerPair> _pairs;
    private readonly PortableRandom _random;
    private readonly int[] _taken;
    private readonly MaskList _sets;
    private readonly HashSet<(int Set, int Pair)> _used = [];
    private readonly bool _adds;
    private int _draws;

    public OrderDraws(int players, int order, IReadOnlyList<PlayerPair> pairs, int mostContexts, PortableRandom random)
    {
        (_players, _order, _pairs, _random) = (players, order, pairs, random);
        Contexts = Combinatorics.Binomial(players - 2, order);
        IsExhaustive = Contexts <= 2.0 * mostContexts;
        _adds = order <= players - 2 - order;
        _taken = new int[pairs.Count];
        _sets = new MaskList(players);
    }

    /// <summary>C(n-2, m): how many contexts a pair has.</summary>
    public double Contexts { get; }

    /// <summary>All contexts are evaluated, in the first round: there are at most twice as many as might be drawn.</summary>
    public bool IsExhaustive { get; }

    /// <summary>Adds the differences of one round: <paramref name="contexts"/> more for every pair.</summary>
    public void AddRound(int place, int contexts, int groups, MaskList masks, List<ContextTerm> terms, CancellationToken cancellation)
    {
        if (IsExhaustive)
        {
            if (_draws == 0)
            {
                AddAll(place, groups, masks, terms, cancellation);
            }

            return;
        }

        var target = _taken[0] + contexts;
        var missing = _pairs.Count;
        Span<ulong> set = stackalloc ulong[masks.Words];
        var pool = Enumerable.Range(0, _players).ToArray();
        while (missing > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            var size = _adds ? _order : _order + 2;
            Draw(pool, size, set);
            missing -= Serve(set, place, _draws++ % groups, target, masks, terms);
        }
    }

    private void AddAll(int place, int groups, MaskList masks, List<ContextTerm> terms, CancellationToken cancellation)
    {
        var size = _adds ? _order : _order + 2;
        var members = Enumerable.Range(0, size).ToArray();
        Span<ulong> set = stackalloc ulong[masks.Words];
        do
        {
            cancellation.ThrowIfCancellationRequested();
            set.Clear();
            foreach (var player in members)
            {
                Flip(set, player);
            }

            Serve(set, place, _draws++ % groups, int.MaxValue, masks, terms);
        }
        while (Combinatorics.NextSubset(members, _players));
    }

    private int Serve(ReadOnlySpan<ulong> set, int place, int group, int target, MaskList masks, List<ContextTerm> terms)
    {
        var filled = 0;
        var known = IsExhaustive ? 0 : _sets.Place(set);
        Span<ulong> mask = stackalloc ulong[masks.Words];
        for (var p = 0; p < _pairs.Count; p++)
        {
            var (i, j) = _pairs[p];
            if (Has(set, i) == _adds || Has(set, j) == _adds || _taken[p] >= target || (!IsExhaustive && !_used.Add((known, p))))
            {
                continue;
            }

            set.CopyTo(mask);
            var start = masks.Place(mask);
            Flip(mask, i);
            var flippedI = masks.Place(mask);
            Flip(mask, j);
            var opposite = masks.Place(mask);
            Flip(mask, i);
            var flippedJ = masks.Place(mask);
            terms.Add(_adds
                ? new ContextTerm(place, p, group, opposite, flippedI, flippedJ, start)
                : new ContextTerm(place, p, group, start, flippedJ, flippedI, opposite));
            filled += ++_taken[p] == target ? 1 : 0;
        }

        return filled;
    }

    private void Draw(int[] pool, int size, Span<ulong> set)
    {
        set.Clear();
        for (var k = 0; k < size; k++)
        {
            var other = k + _random.Below(_players - k);
            (pool[k], pool[other]) = (pool[other], pool[k]);
            Flip(set, pool[k]);
        }
    }

    private static bool Has(ReadOnlySpan<ulong> set, int player) => ((set[player >> 6] >> (player & 63)) & 1) != 0;

    private static void Flip(Span<ulong> set, int player) => set[player >> 6] ^= 1UL << (player & 63);
}
