namespace InteractionLab.Interactions.Tests;

public sealed class SparsityConditionsTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(1.7)]
    [InlineData(3.0)]
    public void APowerOfTheSizeHasThatExponent(double power)
    {
        double[] v = [.. RandomGames.Masks(6).Select(s => 5 + 2 * Math.Pow(RandomGames.Size(s), power))];
        var conditions = Of(v);
        Assert.Equal(power, conditions.Exponent!.Value, 1e-12);
        Assert.True(conditions.Monotonic);
        Assert.Equal(7, conditions.MeanOutputByOrder.Length);
        for (var k = 0; k <= 6; k++)
        {
            Assert.Equal(2 * Math.Pow(k, power), conditions.MeanOutputByOrder[k], 1e-10);
        }
    }

    [Fact]
    public void TheExponentIsTheLeastThatHoldsEverywhere() => RandomGames.ForAll(v =>
    {
        double[] rising = [.. v.Select((value, s) => s == 0 ? 0 : Math.Abs(value) + 1)];
        var n = (int)Math.Log2(v.Length);
        var conditions = Of(rising);
        double[] mean = [.. Enumerable.Range(0, n + 1).Select(k => RandomGames.Masks(n).Where(s => RandomGames.Size(s) == k).Average(s => rising[s]))];
        if (n == 1)
        {
            return conditions.Exponent is null;
        }

        var p = conditions.Exponent!.Value;
        bool Holds(double exponent) => Enumerable.Range(2, n - 1).All(k => Enumerable.Range(1, k - 1)
            .All(less => mean[less] >= Math.Pow((double)less / k, exponent) * mean[k] * (1 - 1e-12)));
        return Holds(p) && !Holds(p - 1e-6) && mean.Zip(conditions.MeanOutputByOrder, (a, b) => Math.Abs(a - b)).Max() < 1e-11;
    });

    [Fact]
    public void WithoutAPositiveMeanThereIsNoExponent()
    {
        Assert.Null(Of([0, 1, 1, 0]).Exponent);
        Assert.Null(Of([0, -1, 1, 2]).Exponent);
        Assert.Null(Of([0, 1]).Exponent);
        Assert.Null(Of([3, 3, 3, 3]).Exponent);
    }

    [Fact]
    public void MonotonicLooksAtEveryStep()
    {
        Assert.True(Of([3, 3, 3, 3]).Monotonic);
        Assert.True(Of([0, 1, 1, 1]).Monotonic);
        Assert.False(Of([0, 1, 2, 1]).Monotonic);
        Assert.False(Of([0, -1, -1, 4]).Monotonic);
    }

    [Fact]
    public void TheHighestOrderIsThatOfASalientEffect()
    {
        double[] and = [9, 1, 1, 0.5];
        double[] or = [9, 0, 0, -2];
        Assert.Equal(2, SparsityConditions.Of(new double[4], and, or, 1).HighestSalientOrder);
        Assert.Equal(1, SparsityConditions.Of(new double[4], and, new double[4], 0.5).HighestSalientOrder);
        Assert.Equal(0, SparsityConditions.Of(new double[4], and, or, 2).HighestSalientOrder);
    }

    [Fact]
    public void SeveralSamplesAreCheckedByTheirMean()
    {
        var first = Of([0, 1, 1, 1]);
        var second = SparsityConditions.Of([0, 2, 2, 8], [0, 0, 0, 1], new double[4], 0.5);
        var mean = SparsityConditions.Mean([first, second]);
        Assert.Equal(2, mean.HighestSalientOrder);
        Assert.Equal([0, 1.5, 4.5], mean.MeanOutputByOrder);
        Assert.Equal(Math.Log(3) / Math.Log(2), mean.Exponent!.Value, 1e-13);
        Assert.Throws<ArgumentException>(() => SparsityConditions.Mean([]));
        Assert.Throws<ArgumentException>(() => SparsityConditions.Mean([first, Of([0, 1])]));
    }

    private static SparsityConditions Of(double[] v) => SparsityConditions.Of(v, new double[v.Length], new double[v.Length], 0);
}
