namespace InteractionLab.Interactions.Tests;

public sealed class ContinuousGeneralizabilityTests
{
    [Fact]
    public void EachModelIsMeasuredInItsOwnSpan()
    {
        var model = new ScaledEffects(new Effects([5, 2, -4, 1], [5, 3, 0, 1]), 2);
        var reference = new ScaledEffects(new Effects([5, 4, -4, -1], [5, 1.5, 3, 0]), 1);
        var shares = ContinuousGeneralizability.Of(model, reference)!.Value;
        Assert.Equal([0, 0.25, 0.5, 0], shares.And);
        Assert.Equal([0, 1, 0, 0], shares.Or);
    }

    [Fact]
    public void ItIsSymmetricAndAtMostOne()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var a = new ScaledEffects(RandomGames.Effects(4, seed), 0.5 + seed);
            var b = new ScaledEffects(RandomGames.Effects(4, 50 + seed), 1.25);
            var forward = ContinuousGeneralizability.Of(a, b)!.Value;
            Assert.Equal(forward.And, ContinuousGeneralizability.Of(b, a)!.Value.And);
            Assert.Equal(forward.Or, ContinuousGeneralizability.Of(b, a)!.Value.Or);
            foreach (var (type, mask, share) in RandomGames.All(forward))
            {
                var (x, y) = type == InteractionType.And
                    ? (a.Effects.And[mask] / a.MeanSpan, b.Effects.And[mask] / b.MeanSpan)
                    : (a.Effects.Or[mask] / a.MeanSpan, b.Effects.Or[mask] / b.MeanSpan);
                Assert.Equal(x * y > 0 ? Math.Min(Math.Abs(x / y), Math.Abs(y / x)) : 0, share, 1e-14);
            }

            Assert.All(ContinuousGeneralizability.Of(a, a)!.Value.And.Zip(a.Effects.And), pair => Assert.Equal(pair.Second == 0 ? 0 : 1, pair.First));
        }
    }

    [Fact]
    public void SeveralReferencesGiveTheLargestSoFar()
    {
        var model = new ScaledEffects(new Effects([0, 4], [0, 4]), 1);
        ScaledEffects[] references = [new(new Effects([0, 1], [0, 2]), 1), new(new Effects([0, 8], [0, 1]), 1)];
        var shares = ContinuousGeneralizability.ToFirst(model, references)!;
        Assert.Equal([0.25, 0.5], shares.Select(share => share.And[1]));
        Assert.Equal([0.5, 0.5], shares.Select(share => share.Or[1]));
    }

    [Fact]
    public void AMeanSpanOfZeroHasNoScale()
    {
        var effects = new Effects([0, 1], [0, 1]);
        Assert.Null(ContinuousGeneralizability.Of(new ScaledEffects(effects, 0), new ScaledEffects(effects, 1)));
        Assert.Null(ContinuousGeneralizability.Of(new ScaledEffects(effects, 1), new ScaledEffects(effects, 0)));
        Assert.Null(ContinuousGeneralizability.ToFirst(new ScaledEffects(effects, 1), [new(effects, 1), new(effects, 0)]));
        Assert.Throws<ArgumentException>(() => ContinuousGeneralizability.Of(new ScaledEffects(effects, -1), new ScaledEffects(effects, 1)));
        Assert.Throws<ArgumentException>(() => ContinuousGeneralizability.ToFirst(new ScaledEffects(effects, 1), []));
    }

    [Fact]
    public void TheWeightedDistributionGivesAContinuousPower()
    {
        var effects = new Effects([0, 2, -4, 0.5], [0, 0, 0, 8]);
        var shares = new Effects([0, 0.5, 0.25, 1], [0, 0, 0, 0.75]);
        var weighted = ContinuousGeneralizability.Distribution(effects, shares, 1);
        Assert.Equal([new OrderStrength(1, 1, -1), new OrderStrength(2, 6, 0)], weighted);
        Assert.Equal(8 / 14.0, Generalization.Average(OrderDistribution.Of(effects.And, effects.Or, 1), weighted, OrderRange.All)!.Value, 1e-15);
    }
}
