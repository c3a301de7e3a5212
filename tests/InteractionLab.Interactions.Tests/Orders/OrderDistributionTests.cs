namespace InteractionLab.Interactions.Tests;

public sealed class OrderDistributionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void StrengthsAreSumsOfSalientEffects(int players)
    {
        var effects = RandomGames.Effects(players, players);
        foreach (var tau in new[] { 0, 0.5, 1.9, 100 })
        {
            var actual = OrderDistribution.Of(effects.And, effects.Or, tau);
            Assert.Equal(Enumerable.Range(1, players), actual.Select(strength => strength.Order));
            foreach (var strength in actual)
            {
                var salient = RandomGames.All(effects)
                    .Where(interaction => RandomGames.Size(interaction.Mask) == strength.Order && Math.Abs(interaction.Effect) > tau)
                    .Select(interaction => interaction.Effect).ToArray();
                Assert.Equal(salient.Where(effect => effect > 0).Sum(), strength.Positive, 1e-12);
                Assert.Equal(salient.Where(effect => effect < 0).Sum(), strength.Negative, 1e-12);
            }

            Assert.Equal(actual, OrderDistribution.Of(effects, Classification.Salient(effects, tau)));
        }
    }

    [Fact]
    public void TheEmptySetIsNoInteraction() =>
        Assert.Equal([new OrderStrength(1, 1, 0)], OrderDistribution.Of([100, 1], [-100, 0], 0));

    [Fact]
    public void TheMeanCountsAMissingOrderAsNothing()
    {
        OrderStrength[] two = [new(1, 2, -1), new(2, 4, -3)];
        OrderStrength[] one = [new(1, 1, 0)];
        Assert.Equal([new OrderStrength(1, 1.5, -0.5), new OrderStrength(2, 2, -1.5)], OrderDistribution.Mean([two, one]));
        Assert.Empty(OrderDistribution.Mean([]));
    }

    [Fact]
    public void StrengthAddsBothSignsOfARange()
    {
        OrderStrength[] orders = [new(1, 2, -1), new(2, 4, -3), new(3, 8, -16)];
        Assert.Equal(34, OrderDistribution.Strength(orders));
        Assert.Equal(7, OrderDistribution.Strength(orders, new OrderRange(2, 2)));
        Assert.Equal(31, OrderDistribution.Strength(orders, new OrderRange(2, int.MaxValue)));
        Assert.Equal(0, OrderDistribution.Strength(orders, new OrderRange(4, 9)));
        Assert.Equal(0, OrderDistribution.Strength([]));
    }
}
