namespace InteractionLab.Interactions.Tests;

public sealed class RelativeStrengthTests
{
    [Fact]
    public void SeveralGamesAreAveragedBeforeTheyAreNormalized()
    {
        var games = new[] { 1, 2, 3 }.Select(seed => MultiOrderInteractions.Of(RandomGames.Table(4, seed))).ToArray();
        var expected = new double[3];
        foreach (var game in games)
        {
            foreach (var (i, j) in new[] { (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3) })
            {
                for (var m = 0; m < 3; m++)
                {
                    expected[m] += Math.Abs(game[m, i, j]) / 18;
                }
            }
        }

        var actual = RelativeStrength.Of(games)!;
        Assert.Equal(expected.Select(value => value / expected.Average()), actual, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1, actual.Average(), 1e-13);

        // Not the mean of each game's own J.
        var ownMean = games.Average(game => RelativeStrength.Of(game)![0]);
        Assert.True(Math.Abs(ownMean - actual[0]) > 1e-6);

        var measured = RelativeStrength.Of(games, [2, 0])!;
        Assert.Equal(2 * expected[2] / (expected[0] + expected[2]), measured[0], 1e-12);
        Assert.Equal(2 * expected[0] / (expected[0] + expected[2]), measured[1], 1e-12);
    }

    [Fact]
    public void WhatHasNoStrengthHasNoRelativeStrength()
    {
        Assert.Null(RelativeStrength.Normalize([0, 0]));
        Assert.Null(RelativeStrength.Normalize([]));
        Assert.Equal([0.5, 1.5], RelativeStrength.Normalize([1, 3])!);
        Assert.Throws<ArgumentException>(() => RelativeStrength.Normalize([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => RelativeStrength.Normalize([1, -1]));
    }

    [Fact]
    public void FaultsAreNamed()
    {
        var three = MultiOrderInteractions.Of(new double[8]);
        var four = MultiOrderInteractions.Of(new double[16]);
        Assert.Throws<ArgumentException>(() => RelativeStrength.Of([]));
        Assert.Throws<ArgumentException>(() => RelativeStrength.Of([three, four]));
        Assert.Throws<ArgumentException>(() => RelativeStrength.Of([three], [0, 2]));
        Assert.Throws<ArgumentException>(() => RelativeStrength.Of([three], [1, 1]));
    }
}
