namespace InteractionLab.Interactions.Tests;

public sealed class OutputDifferenceTests
{
    [Fact]
    public void WeightedInteractionsGiveTheEnumeratedDifference() => RandomGames.ForAll(v =>
    {
        var n = (int)Math.Log2(v.Length);
        var orders = MultiOrderInteractions.Of(v);
        var singles = Enumerable.Range(0, n).Sum(i => v[1 << i] - v[0]);
        foreach (var (k1, k2) in Sizes(n))
        {
            var weights = OutputDifference.Weights(n, k1, k2);
            var sum = OutputDifference.EmptyWeight(k1, k2) * v[0] + OutputDifference.SingleWeight(n, k1, k2) * singles;
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    sum += i == j ? 0 : Enumerable.Range(0, n - 1).Sum(m => weights[m] * orders[m, i, j]);
                }
            }

            var enumerated = Enumerated(v, n, k1, k2);
            if (Math.Abs(sum - enumerated) > 1e-9 || Math.Abs(OutputDifference.Exact(v, k1, k2) - enumerated) > 1e-11)
            {
                return false;
            }
        }

        return true;
    });

    [Fact]
    public void WeightsPeakAtTheSmallerSizeAndVanishBeyondTheLarger()
    {
        // n = 10, k1 = 3, k2 = 7: [6, 5, 4, ...] - 7/3·[2, 1, 0, ...], over 90.
        double[] expected = [6 - 14 / 3.0, 5 - 7 / 3.0, 4, 3, 2, 1, 0, 0, 0];
        Assert.Equal(expected.Select(value => value / 90), OutputDifference.Weights(10, 3, 7), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Empty(OutputDifference.Weights(1, 0, 1));
    }

    [Fact]
    public void WithNoPlayersInTheSmallerSetTheCoefficientIsOne()
    {
        Assert.Equal(1, OutputDifference.Coefficient(0, 4));
        Assert.Equal(0, OutputDifference.EmptyWeight(0, 4));
        Assert.Equal(0.5, OutputDifference.SingleWeight(8, 0, 4));
        Assert.Equal(0, OutputDifference.SingleWeight(8, 2, 4));
        Assert.Equal(2, OutputDifference.Coefficient(2, 4));
        Assert.Equal(-1, OutputDifference.EmptyWeight(2, 4));
    }

    [Theory]
    [InlineData(0.5, 9, 5)]
    [InlineData(0.3, 10, 3)]
    [InlineData(0.7, 10, 7)]
    [InlineData(0, 4, 0)]
    [InlineData(1, 4, 4)]
    public void SizesAreRounded(double ratio, int players, int expected) =>
        Assert.Equal(expected, OutputDifference.Size(ratio, players));

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputDifference.Size(1.1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputDifference.Size(double.NaN, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputDifference.Weights(4, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputDifference.Weights(4, 3, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputDifference.Weights(4, -1, 2));
    }

    private static IEnumerable<(int K1, int K2)> Sizes(int n) =>
        Enumerable.Range(0, n + 1).SelectMany(k1 => Enumerable.Range(k1, n + 1 - k1).Select(k2 => (k1, k2)));

    // Over nested pairs S1 ⊆ S2, as the definition says, and not over the two sizes apart.
    private static double Enumerated(double[] v, int n, int k1, int k2)
    {
        var pairs = RandomGames.Masks(n).Where(s2 => RandomGames.Size(s2) == k2)
            .SelectMany(s2 => RandomGames.Masks(n).Where(s1 => (s1 & ~s2) == 0 && RandomGames.Size(s1) == k1).Select(s1 => (s1, s2)));
        var ratio = k1 == 0 ? 1 : k2 / (double)k1;
        return pairs.Average(pair => v[pair.s2] - ratio * v[pair.s1]);
    }
}
