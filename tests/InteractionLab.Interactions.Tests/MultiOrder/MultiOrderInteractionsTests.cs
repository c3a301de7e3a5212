using System.Text.Json;
using InteractionLab.Testing;

namespace InteractionLab.Interactions.Tests;

public sealed class MultiOrderInteractionsTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 5)]
    [InlineData(5, 0)]
    [InlineData(6, -1e4)]
    [InlineData(7, 0)]
    [InlineData(10, 1e4)]
    [InlineData(11, 0)]
    public void EqualsTheDefinition(int players, double offset)
    {
        var v = RandomGames.Table(players, 40 + players, offset);
        var actual = MultiOrderInteractions.Of(v);
        Assert.Equal(players - 1, actual.Orders);
        Assert.Equal(players * (players - 1) / 2, actual.Pairs);
        for (var i = 0; i < players; i++)
        {
            for (var j = 0; j < players; j++)
            {
                if (i == j)
                {
                    continue;
                }

                var expected = Naive(v, players, i, j);
                for (var m = 0; m < players - 1; m++)
                {
                    Assert.Equal(expected[m], actual[m, i, j], 1e-9);
                }
            }
        }
    }

    [Fact]
    public void ATableOfTwentyPlayersEqualsTheDefinition()
    {
        const int Players = 20;
        var v = RandomGames.Table(Players, 3, 10);
        var actual = MultiOrderInteractions.Of(v);
        foreach (var (i, j) in new[] { (0, 1), (3, 17), (18, 19), (9, 10) })
        {
            var expected = Naive(v, Players, i, j);
            for (var m = 0; m < Players - 1; m++)
            {
                Assert.Equal(expected[m], actual[m, i, j], 1e-9);
            }
        }

        Assert.InRange(actual.EfficiencyError, 0, 1e-11);
    }

    [Theory]
    [InlineData(6, 3)]
    [InlineData(6, 2)]
    [InlineData(5, 5)]
    [InlineData(2, 2)]
    [InlineData(9, 4)]
    public void AndAndOrGamesHaveTheirClosedForms(int players, int members)
    {
        var target = ((1 << members) - 1) << (players - members);
        var and = MultiOrderInteractions.Of([.. RandomGames.Masks(players).Select(mask => (mask & target) == target ? 1.0 : 0)]);
        var or = MultiOrderInteractions.Of([.. RandomGames.Masks(players).Select(mask => (mask & target) != 0 ? 1.0 : 0)]);
        for (var i = 0; i < players; i++)
        {
            for (var j = i + 1; j < players; j++)
            {
                var inside = (target >> i) % 2 == 1 && (target >> j) % 2 == 1;
                for (var m = 0; m <= players - 2; m++)
                {
                    var all = Choose(players - 2, m);
                    Assert.Equal(inside ? Choose(m, members - 2) / Choose(players - 2, members - 2) : 0, and[m, i, j], 1e-12);
                    Assert.Equal(inside ? -Choose(players - members, m) / all : 0, or[m, i, j], 1e-12);
                }

                Assert.Equal(inside ? 1.0 / (members - 1) : 0, and.ShapleyInteraction(i, j), 1e-12);
            }
        }
    }

    [Fact]
    public void ThePublishedExampleOfThreeOfSixHolds()
    {
        var and = MultiOrderInteractions.Of([.. RandomGames.Masks(6).Select(mask => (mask & 7) == 7 ? 1.0 : 0)]);
        var or = MultiOrderInteractions.Of([.. RandomGames.Masks(6).Select(mask => (mask & 7) != 0 ? 1.0 : 0)]);
        double[] risingByQuarters = [0, 0.25, 0.5, 0.75, 1];
        for (var m = 0; m < 5; m++)
        {
            Assert.Equal(risingByQuarters[m], and[m, 0, 2], 1e-13);
            Assert.Equal(-risingByQuarters[4 - m], or[m, 0, 2], 1e-13);
        }
    }

    [Fact]
    public void StrengthOfTheSharedGamesIsTheGivenOne()
    {
        using var games = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "games.json")));
        var compared = 0;
        foreach (var game in games.RootElement.EnumerateArray().Where(game => game.TryGetProperty("J", out _)))
        {
            var actual = RelativeStrength.Of(MultiOrderInteractions.Of(Numbers(game, "v")));
            var expected = Numbers(game, "J");
            Assert.NotNull(actual);
            Assert.Equal(expected.Length, actual.Length);
            for (var m = 0; m < expected.Length; m++)
            {
                Assert.Equal(expected[m], actual[m], 1e-9);
            }

            compared++;
        }

        Assert.Equal(5, compared);
    }

    [Fact]
    public void EfficiencyHoldsOnRandomGames() => RandomGames.ForAll(v =>
    {
        var n = (int)Math.Log2(v.Length);
        var orders = MultiOrderInteractions.Of(v);
        var sum = v[0] + Enumerable.Range(0, n).Sum(i => v[1 << i] - v[0]);
        for (var m = 0; m <= n - 2; m++)
        {
            for (var i = 0; i < n; i++)
            {
                sum += Enumerable.Range(0, n).Where(j => j != i)
                    .Sum(j => (n - 1.0 - m) / (n * (n - 1.0)) * orders[m, i, j]);
            }
        }

        return Math.Abs(sum - v[^1]) < 1e-10 && orders.EfficiencyError < 1e-12;
    });

    [Fact]
    public void ShapleyValuesAreTheMeanOverOrderings() => RandomGames.ForAll(v =>
    {
        var n = (int)Math.Log2(v.Length);
        var expected = new double[n];
        var orderings = Orderings([.. Enumerable.Range(0, n)]).ToArray();
        foreach (var ordering in orderings)
        {
            var mask = 0;
            foreach (var player in ordering)
            {
                expected[player] += (v[mask | (1 << player)] - v[mask]) / orderings.Length;
                mask |= 1 << player;
            }
        }

        var actual = MultiOrderInteractions.Of(v).ShapleyValues;
        return actual.Zip(expected, (a, b) => Math.Abs(a - b)).All(error => error < 1e-10)
            && Math.Abs(actual.Sum() - (v[^1] - v[0])) < 1e-10;
    });

    [Fact]
    public void TheShapleyInteractionIsTheGrabischRoubensIndex() => RandomGames.ForAll(v =>
    {
        // Σ_S |S|!(n-|S|-2)!/(n-1)! Δ_ij(S): the published weights, not the mean of orders.
        var n = (int)Math.Log2(v.Length);
        var index = MultiOrderInteractions.Of(v).ShapleyInteractions();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var expected = i == j ? 0 : RandomGames.Masks(n)
                    .Where(s => (s & (1 << i)) == 0 && (s & (1 << j)) == 0)
                    .Sum(s => Factorial(RandomGames.Size(s)) * Factorial(n - RandomGames.Size(s) - 2) / Factorial(n - 1)
                        * (v[s | (1 << i) | (1 << j)] - v[s | (1 << i)] - v[s | (1 << j)] + v[s]));
                if (Math.Abs(expected - index[i][j]) > 1e-10)
                {
                    return false;
                }
            }
        }

        return true;
    });

    [Fact]
    public void MeansOverPairsAreThoseOfTheInteractions()
    {
        var orders = MultiOrderInteractions.Of(RandomGames.Table(5, 8));
        for (var m = 0; m < 4; m++)
        {
            var values = Enumerable.Range(0, 5).SelectMany(i => Enumerable.Range(i + 1, 4 - i).Select(j => orders[m, i, j])).ToArray();
            Assert.Equal(values.Average(Math.Abs), orders.MeanMagnitudes()[m], 1e-13);
            Assert.Equal(values.Average(), orders.MeanInteractions()[m], 1e-13);
        }

        Assert.Equal(orders[2, 1, 3], orders.Values[orders.PairIndex(3, 1) * 4 + 2]);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Enumerable.Range(0, 5)
            .SelectMany(i => Enumerable.Range(i + 1, 4 - i).Select(j => orders.PairIndex(i, j))));
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    public void ExtremeValuesScale(double unit)
    {
        var v = RandomGames.Table(6, 12);
        var plain = MultiOrderInteractions.Of(v);
        var scaled = MultiOrderInteractions.Of([.. v.Select(value => value * unit)]);
        Assert.Equal(plain[2, 0, 4], scaled[2, 0, 4] / unit, 1e-12);
        Assert.Equal(plain.ShapleyValues[3], scaled.ShapleyValues[3] / unit, 1e-12);
        Assert.InRange(scaled.EfficiencyError, 0, 1e-12);
    }

    [Fact]
    public void ALargeConstantCostsNoDigits()
    {
        // Outputs are 1e9 plus multiples of 1/8, and so is every Δv: the definition is exact in integers.
        const int Players = 12;
        var random = new Random(5);
        int[] eighths = [.. RandomGames.Masks(Players).Select(_ => random.Next(-80, 81))];
        var actual = MultiOrderInteractions.Of([.. eighths.Select(value => 1e9 + value / 8.0)]);
        var (sums, counts) = (new long[Players - 1], new long[Players - 1]);
        foreach (var s in RandomGames.Masks(Players).Where(s => (s & 0b1000_0001_0000) == 0))
        {
            sums[RandomGames.Size(s)] += eighths[s | 0b1000_0001_0000] - eighths[s | 0b1000_0000_0000] - eighths[s | 0b1_0000] + eighths[s];
            counts[RandomGames.Size(s)]++;
        }

        for (var m = 0; m < Players - 1; m++)
        {
            Assert.Equal(sums[m] / 8.0 / counts[m], actual[m, 4, 11], 1e-12);
        }
    }

    [Fact]
    public void OnePlayerHasNoOrder()
    {
        var one = MultiOrderInteractions.Of([1, 4]);
        Assert.Equal(0, one.Orders);
        Assert.Equal(3, one.ShapleyValues.Single(), 1e-15);
        Assert.Equal(0, one.EfficiencyError, 1e-15);
        Assert.Null(RelativeStrength.Of(one));
    }

    [Fact]
    public void ConstantGamesHaveNoInteraction()
    {
        var constant = MultiOrderInteractions.Of([.. Enumerable.Repeat(0.1, 64)]);
        Assert.All(constant.Values.ToArray(), value => Assert.Equal(0, value));
        Assert.Null(RelativeStrength.Of(constant));
        Assert.Equal(0, MultiOrderInteractions.Of(new double[8]).EfficiencyError);
    }

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Throws<InvalidGameException>(() => MultiOrderInteractions.Of(new double[6]));
        Assert.Throws<InvalidGameException>(() => MultiOrderInteractions.Of([0, 1, double.NaN, 2]));
        var orders = MultiOrderInteractions.Of(RandomGames.Table(3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => orders[0, 1, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => orders[2, 0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => orders[0, 0, 3]);
    }

    private static double[] Naive(double[] v, int players, int i, int j)
    {
        var (a, b) = (1 << i, 1 << j);
        var sums = new decimal[players - 1];
        var counts = new int[players - 1];
        for (var s = 0; s < v.Length; s++)
        {
            if ((s & (a | b)) == 0)
            {
                var m = System.Numerics.BitOperations.PopCount((uint)s);
                sums[m] += (decimal)v[s | a | b] - (decimal)v[s | a] - (decimal)v[s | b] + (decimal)v[s];
                counts[m]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => (double)(sum / count))];
    }

    private static double Choose(int n, int k) => k < 0 || k > n ? 0 : k == 0 ? 1 : Choose(n - 1, k - 1) * n / k;

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    private static IEnumerable<int[]> Orderings(int[] players) => players.Length == 0
        ? [[]]
        : players.SelectMany(first => Orderings([.. players.Where(player => player != first)]).Select(rest => (int[])[first, .. rest]));

    private static double[] Numbers(JsonElement game, string name) =>
        [.. game.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
