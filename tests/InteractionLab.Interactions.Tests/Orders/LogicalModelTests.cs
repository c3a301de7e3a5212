namespace InteractionLab.Interactions.Tests;

public sealed class LogicalModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void ItAddsTheTriggeredSalientEffects(int players)
    {
        var effects = RandomGames.Effects(players, 30 + players);
        foreach (var tau in new[] { -1.0, 0, 1, 50 })
        {
            var actual = LogicalModel.Evaluate(0.75, effects.And, effects.Or, tau);
            foreach (var s in RandomGames.Masks(players))
            {
                var expected = 0.75 + RandomGames.All(effects).Where(interaction => Math.Abs(interaction.Effect) > tau
                    && (interaction.Type == InteractionType.And
                        ? Enumerable.Range(0, players).All(i => !Has(interaction.Mask, i) || Has(s, i))
                        : Enumerable.Range(0, players).Any(i => Has(interaction.Mask, i) && Has(s, i)))).Sum(interaction => interaction.Effect);
                Assert.Equal(expected, actual[s], 1e-12);
            }
        }

        static bool Has(int mask, int player) => (mask >> player) % 2 == 1;
    }

    [Fact]
    public void EntriesOfTheEmptySetAreNotRead() =>
        Assert.Equal([2, 5], LogicalModel.Evaluate(2, [1000, 1], [1000, 2], -1));

    [Fact]
    public void SortedKeepsPairsTogether()
    {
        var (v, g) = LogicalModel.Sorted([3, 1, 2, 1], [30, 10, 20, 11]);
        Assert.Equal([1, 1, 2, 3], v);
        Assert.Equal([10, 11, 20, 30], g);
    }
}
