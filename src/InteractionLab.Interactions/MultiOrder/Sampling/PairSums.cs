namespace InteractionLab.Interactions;

/// <summary>
/// What the sampled differences of one sample (one network) add up to: Σ Δv by order, pair and jackknife group, and Σ Δv²
/// and the number of differences likewise. Rounds of the same sampler are added one by one.
/// </summary>
public sealed class PairSums
{
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly int[] _counts;

    /// <summary>No differences yet.</summary>
    /// <param name="orders">How many orders are measured.</param>
    /// <param name="pairs">How many pairs are measured.</param>
    public PairSums(int orders, int pairs)
        : this(orders, pairs, new double[orders * pairs * ContextSampler.Groups], new double[orders * pairs], new int[orders * pairs * ContextSampler.Groups])
    {
    }

    /// <summary>From arrays kept before (<see cref="Sums"/>, <see cref="Squares"/>, <see cref="Counts"/>), which are taken over.</summary>
    /// <exception cref="ArgumentException">A length is not the one that orders and pairs ask for.</exception>
    public PairSums(int orders, int pairs, double[] sums, double[] squares, int[] counts)
    {
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(squares);
        ArgumentNullException.ThrowIfNull(counts);
        if (sums.Length != orders * pairs * ContextSampler.Groups || squares.Length != orders * pairs || counts.Length != sums.Length)
        {
            throw new ArgumentException("The arrays do not fit the numbers of orders and pairs.", nameof(sums));
        }

        (Orders, Pairs, _sums, _squares, _counts) = (orders, pairs, sums, squares, counts);
    }

    /// <summary>How many orders are measured.</summary>
    public int Orders { get; }

    /// <summary>How many pairs are measured.</summary>
    public int Pairs { get; }

    /// <summary>Σ Δv, [orders, pairs, groups].</summary>
    public ReadOnlySpan<double> Sums => _sums;

    /// <summary>Σ Δv², [orders, pairs].</summary>
    public ReadOnlySpan<double> Squares => _squares;

    /// <summary>Numbers of differences, [orders, pairs, groups].</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Adds the differences of a round.</summary>
    /// <param name="round">The round.</param>
    /// <param name="v">v of each of its masks, finite.</param>
    public void Add(ContextRound round, ReadOnlySpan<double> v)
    {
        ArgumentNullException.ThrowIfNull(round);
        if (v.Length != round.Masks.Count)
        {
            throw new ArgumentException($"The round has {round.Masks.Count} masks, but {v.Length} values were given.", nameof(v));
        }

        foreach (var term in round.Terms)
        {
            var difference = v[term.Both] - v[term.OnlyI] - v[term.OnlyJ] + v[term.Neither];
            if (!double.IsFinite(difference))
            {
                throw new InvalidGameException("A value of the game is not a finite number.");
            }

            var cell = (term.Order * Pairs) + term.Pair;
            _sums[(cell * ContextSampler.Groups) + term.Group] += difference;
            _counts[(cell * ContextSampler.Groups) + term.Group]++;
            _squares[cell] += difference * difference;
        }
    }

    /// <summary>Adds what other rounds of the same sampler gave for the same sample.</summary>
    public void Add(PairSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Orders != Orders || other.Pairs != Pairs)
        {
            throw new ArgumentException("The sums are of other orders or pairs.", nameof(other));
        }

        for (var k = 0; k < _sums.Length; k++)
        {
            _sums[k] += other._sums[k];
            _counts[k] += other._counts[k];
        }

        for (var k = 0; k < _squares.Length; k++)
        {
            _squares[k] += other._squares[k];
        }
    }

    /// <summary>Mean Δv by order and pair with its standard error, when the contexts of an order are that share of all there are.</summary>
    /// <param name="order">Place of the order.</param>
    /// <param name="pair">Place of the pair.</param>
    /// <param name="sampler">The sampler whose rounds were added.</param>
    public (double Mean, double StandardError) Estimate(int order, int pair, ContextSampler sampler)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        return (Mean(order, pair), Math.Sqrt(Variance(order, pair, sampler.Share(order, Count(order, pair)))));
    }

    /// <summary>The mean of Δv over the groups but <paramref name="without"/> (-1: all); NaN where there is no difference.</summary>
    internal double Mean(int order, int pair, int without = -1)
    {
        var start = ((order * Pairs) + pair) * ContextSampler.Groups;
        var (sum, count) = (0.0, 0);
        for (var g = 0; g < ContextSampler.Groups; g++)
        {
            if (g != without)
            {
                sum += _sums[start + g];
                count += _counts[start + g];
            }
        }

        return sum / count;
    }

    /// <summary>The squared standard error of <see cref="Mean"/> when its contexts are <paramref name="share"/> of all there are.</summary>
    internal double Variance(int order, int pair, double share)
    {
        if (share >= 1)
        {
            return 0;
        }

        var count = Count(order, pair);
        var mean = Mean(order, pair);
        var spread = Math.Max(0, _squares[(order * Pairs) + pair] - (count * mean * mean)) / (count - 1);
        return spread / count * (1 - share);
    }

    /// <summary>How many contexts a pair has had.</summary>
    internal int Count(int order, int pair)
    {
        var count = 0;
        foreach (var part in Counts.Slice(((order * Pairs) + pair) * ContextSampler.Groups, ContextSampler.Groups))
        {
            count += part;
        }

        return count;
    }
}
