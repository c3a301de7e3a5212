namespace InteractionLab.Interactions;

/// <summary>
/// Exact multi-order interactions of one game (method.md §5; interaction-bottleneck.txt, eq. 1 to 5): for every pair of
/// players and every order m = 0..n-2, I^(m)(i,j) = mean over S ⊆ N\{i,j}, |S| = m, of
/// v(S∪{i,j}) - v(S∪{i}) - v(S∪{j}) + v(S). With n = 1 there is no pair and no order.
/// </summary>
public sealed class MultiOrderInteractions
{
    private readonly double[] _values;

    private MultiOrderInteractions(int players, double[] values, double[] shapley, double efficiencyError)
    {
        Players = players;
        _values = values;
        ShapleyValues = shapley;
        EfficiencyError = efficiencyError;
    }

    /// <summary>n.</summary>
    public int Players { get; }

    /// <summary>How many orders there are: n - 1.</summary>
    public int Orders => Players - 1;

    /// <summary>How many unordered pairs there are: n(n-1)/2.</summary>
    public int Pairs => Players * (Players - 1) / 2;

    /// <summary>Shapley values by player; they add up to v(N) - v(∅).</summary>
    public double[] ShapleyValues { get; }

    /// <summary>
    /// The efficiency gate: |v(N) - v(∅) - Σ_i [v({i}) - v(∅)] - Σ_m (n-1-m)/(n(n-1)) Σ_{i≠j ordered} I^(m)(i,j)| /
    /// the power of two next below max_S |v(S)|; 0 for a game of zeros. Rounding only, when the interactions are right.
    /// </summary>
    public double EfficiencyError { get; }

    /// <summary>I^(m)(i,j), symmetric in i and j.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A player or the order is out of range, or i = j.</exception>
    public double this[int order, int i, int j] => Pair(i, j)[CheckOrder(order)];

    /// <summary>I^(0..n-2)(i,j) of a pair.</summary>
    public ReadOnlySpan<double> Pair(int i, int j) => _values.AsSpan(PairIndex(i, j) * Orders, Orders);

    /// <summary>The place of an unordered pair: (0,1), (0,2), ..., (0,n-1), (1,2), ...</summary>
    /// <exception cref="ArgumentOutOfRangeException">A player is out of range, or i = j.</exception>
    public int PairIndex(int i, int j)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(i);
        ArgumentOutOfRangeException.ThrowIfNegative(j);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(i, Players);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(j, Players);
        ArgumentOutOfRangeException.ThrowIfEqual(i, j);
        var (a, b) = i < j ? (i, j) : (j, i);
        return a * (2 * Players - a - 1) / 2 + b - a - 1;
    }

    /// <summary>All I^(m)(i,j), [pairs, orders] row by row in the order of <see cref="PairIndex"/>.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>
    /// Computes all orders and pairs of a table of 2^n outputs, n ≤ 24, in O(n 2^n) additions: from sums of v by size over
    /// the masks that hold one or both players (no pair is formed by itself).
    /// </summary>
    /// <exception cref="InvalidGameException">The length is not 2^n or a value is not finite.</exception>
    public static MultiOrderInteractions Of(ReadOnlySpan<double> v)
    {
        Game.Validate(v);
        var unit = Tables.Unit(Tables.MaximumMagnitude(v));
        var scaled = new double[v.Length];
        for (var mask = 0; mask < v.Length; mask++)
        {
            scaled[mask] = v[mask] / unit;
        }

        var sums = GradedSums.Of(scaled);
        var values = Interactions(sums);
        var error = Residual(scaled, values, sums.Players);
        return new MultiOrderInteractions(sums.Players, Times(values, unit), Times(Shapley(sums), unit), error);
    }

    /// <summary>The Shapley interaction index of a pair: the mean of I^(m)(i,j) over m.</summary>
    public double ShapleyInteraction(int i, int j) => Mean(Pair(i, j));

    /// <summary>The Shapley interaction indices, n x n and symmetric, 0 on the diagonal.</summary>
    public double[][] ShapleyInteractions()
    {
        var indices = new double[Players][];
        for (var i = 0; i < Players; i++)
        {
            indices[i] = new double[Players];
            for (var j = 0; j < Players; j++)
            {
                indices[i][j] = i == j ? 0 : ShapleyInteraction(i, j);
            }
        }

        return indices;
    }

    /// <summary>mean over pairs of |I^(m)(i,j)| by order: J before it is normalised.</summary>
    public double[] MeanMagnitudes() => MeanOverPairs(Math.Abs);

    /// <summary>mean over pairs of I^(m)(i,j) by order.</summary>
    public double[] MeanInteractions() => MeanOverPairs(value => value);

    private static double[] Interactions(GradedSums sums)
    {
        var players = sums.Players;
        var values = new double[players * (players - 1) / 2 * (players - 1)];
        var next = 0;
        for (var i = 0; i < players; i++)
        {
            for (var j = i + 1; j < players; j++)
            {
                for (var m = 0; m <= players - 2; m++)
                {
                    // Contexts with both, minus those with exactly one of the two, plus those with neither.
                    var sum = default(CompensatedSum);
                    sum.Add(sums.Pair(m + 2, i, j));
                    sum.Add(-sums.With(m + 1, i));
                    sum.Add(-sums.With(m + 1, j));
                    sum.Add(2 * sums.Pair(m + 1, i, j));
                    sum.Add(sums.All(m));
                    sum.Add(-sums.With(m, i));
                    sum.Add(-sums.With(m, j));
                    sum.Add(sums.Pair(m, i, j));
                    values[next++] = sum.Value / Combinatorics.Binomial(players - 2, m);
                }
            }
        }

        return values;
    }

    private static double[] Shapley(GradedSums sums)
    {
        var players = sums.Players;
        var shapley = new double[players];
        for (var i = 0; i < players; i++)
        {
            var value = default(CompensatedSum);
            for (var size = 0; size < players; size++)
            {
                // Every size of coalition weighs 1/n, and every coalition of a size the same.
                var weight = 1 / (players * Combinatorics.Binomial(players - 1, size));
                value.Add(weight * sums.With(size + 1, i));
                value.Add(-weight * (sums.All(size) - sums.With(size, i)));
            }

            shapley[i] = value.Value;
        }

        return shapley;
    }

    private static double Residual(ReadOnlySpan<double> v, ReadOnlySpan<double> values, int players)
    {
        var residual = default(CompensatedSum);
        residual.Add(v[^1]);
        residual.Add(-v[0]);
        for (var i = 0; i < players; i++)
        {
            residual.Add(-v[1 << i]);
            residual.Add(v[0]);
        }

        for (var index = 0; index < values.Length; index++)
        {
            // An unordered pair stands for two ordered ones.
            var m = index % (players - 1);
            residual.Add(-2.0 * (players - 1 - m) / (players * (players - 1)) * values[index]);
        }

        return Math.Abs(residual.Value);
    }

    private static double[] Times(double[] values, double unit)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= unit;
        }

        return values;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = default(CompensatedSum);
        foreach (var value in values)
        {
            sum.Add(value / values.Length);
        }

        return sum.Value;
    }

    private int CheckOrder(int order)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(order);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(order, Orders);
        return order;
    }

    private double[] MeanOverPairs(Func<double, double> part)
    {
        var sums = new CompensatedSum[Orders];
        for (var index = 0; index < _values.Length; index++)
        {
            sums[index % Orders].Add(part(_values[index]) / Pairs);
        }

        return [.. sums.Select(sum => sum.Value)];
    }
}
