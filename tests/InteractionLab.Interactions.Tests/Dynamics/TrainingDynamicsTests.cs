namespace InteractionLab.Interactions.Tests;

public sealed class TrainingDynamicsTests
{
    [Fact]
    public void GeneralizationIsAShareOfStrength()
    {
        OrderStrength[] total = [.. Enumerable.Range(1, 12).Select(order => new OrderStrength(order, order, -1))];
        OrderStrength[] shared = [.. Enumerable.Range(1, 12).Select(order => new OrderStrength(order, order / 2.0, order == 11 ? -1 : 0))];
        var power = Generalization.Of(total, shared);
        Assert.Equal((39 + 1) / 90.0, power.All!.Value, 1e-14);
        Assert.Equal(1.5 / 5, power.Low!.Value, 1e-14);
        Assert.Equal(20 / 45.0, power.High!.Value, 1e-14);
        var free = Generalization.Of(total, shared, new OrderRange(1, 1), new OrderRange(11, 12));
        Assert.Equal(0.25, free.Low!.Value, 1e-14);
        Assert.Equal(12.5 / 25, free.High!.Value, 1e-14);
        Assert.Equal(new Generalization(null, null, null), Generalization.Of([new(1, 0, 0)], [new(1, 0, 0)]));
    }

    [Fact]
    public void TheDistributionGrowsWithTheReferences()
    {
        var gained = 0.0;
        for (var seed = 0; seed < 10; seed++)
        {
            var effects = RandomGames.Effects(5, seed);
            Reference[] references = [new(RandomGames.Effects(5, 70 + seed), 0.5), new(RandomGames.Effects(5, 90 + seed), 0.5)];
            var parts = GeneralizationDistribution.Of(effects, 0.9, references);
            Assert.Equal(OrderDistribution.Of(effects.And, effects.Or, 0.9), parts.Total);
            var expected = new double[2];
            foreach (var (type, mask, effect) in RandomGames.All(effects).Where(interaction => Math.Abs(interaction.Effect) > 0.9))
            {
                var hits = references.Select(reference => type == InteractionType.And ? reference.Effects.And[mask] : reference.Effects.Or[mask])
                    .Select(other => Math.Abs(other) > 0.5 && other * effect > 0).ToArray();
                expected[0] += hits[0] ? Math.Abs(effect) : 0;
                expected[1] += hits[0] || hits[1] ? Math.Abs(effect) : 0;
            }

            Assert.Equal(expected[0], OrderDistribution.Strength(parts.Generalizable[0]), 1e-12);
            Assert.Equal(expected[1], OrderDistribution.Strength(parts.Generalizable[1]), 1e-12);
            gained += expected[1] - expected[0];

            var mean = GeneralizationDistribution.Mean([parts, parts]);
            Assert.Equal(parts.Total, mean.Total);
            Assert.Equal(parts.Generalizable[1], mean.Generalizable[1]);
        }

        Assert.True(gained > 1);
        Assert.Throws<ArgumentException>(() => GeneralizationDistribution.Mean([]));
        Assert.Throws<ArgumentException>(() => GeneralizationDistribution.Of(RandomGames.Effects(2, 1), 1, []));
    }

    [Fact]
    public void JaccardComparesOrderBySignedOrder()
    {
        OrderStrength[] b = [new(1, 2, -1), new(2, 0, -4)];
        OrderStrength[] c = [new(1, 1, -3), new(2, 2, 0)];
        Assert.Equal((1 + 1) / (2 + 3 + 2 + 4.0), Generalization.Jaccard(b, c)!.Value, 1e-15);
        Assert.Equal(Generalization.Jaccard(b, c), Generalization.Jaccard(c, b));
        Assert.Equal(1, Generalization.Jaccard(b, b));
        Assert.Equal(2 / 8.0, Generalization.Jaccard(b, [new(1, 1, -2)])!.Value, 1e-15);
        Assert.Equal(0, Generalization.Jaccard(b, []));
        Assert.Null(Generalization.Jaccard([new(1, 0, 0)], []));
    }

    [Fact]
    public void TheCountIsTheSmallestThatHoldsTheShare()
    {
        Assert.Equal(new InteractionCount(2, 0), InteractionCount.Of(new Effects([99, -5, 3, 2], new double[4])));
        Assert.Equal(3, InteractionCount.Of(new Effects([0, -5, 2.9, 2.1], new double[4])).And);
        Assert.Equal(new InteractionCount(1, 1), InteractionCount.Of(new Effects([0, 1], [0, -1])));
        Assert.Equal(2, new InteractionCount(1, 1).Total);
        Assert.Equal(new InteractionCount(0, 0), InteractionCount.Of(new Effects(new double[4], new double[4])));
        Assert.Equal(0, InteractionCount.Of(new Effects([0, 1], [0, 1]), 0).Total);
        Assert.Throws<ArgumentOutOfRangeException>(() => InteractionCount.Of(new Effects([0, 1], [0, 1]), 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => InteractionCount.Of(new Effects([0, 1], [0, 1]), double.NaN));
    }

    [Fact]
    public void EqualEffectsAreCountedWhicheverWayTheyRound()
    {
        double[] equal = [0, .. Enumerable.Repeat(0.3, 10), 0, 0, 0, 0, 0];
        Assert.Equal(8, InteractionCount.Of(new Effects(equal, new double[16])).And);
        Assert.Equal(10, InteractionCount.Of(new Effects(equal, new double[16]), 1).And);
    }

    [Fact]
    public void NoSmallerSubsetHoldsTheShare()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var effects = RandomGames.Effects(3, seed);
            var magnitudes = effects.And.Skip(1).Select(Math.Abs).ToArray();
            var smallest = RandomGames.Masks(7)
                .Where(subset => magnitudes.Where((_, t) => (subset >> t) % 2 == 1).Sum() >= 0.8 * magnitudes.Sum() - 1e-12)
                .Min(RandomGames.Size);
            Assert.Equal(smallest, InteractionCount.Of(effects).And);
        }
    }

    [Fact]
    public void RemovalTakesOutTheSalientThatDoNotGeneralize()
    {
        var effects = new Effects([50, 3, -2, 0.5], [50, 4, 0, -1.5]);
        var general = Classification.Generalizable(effects, new Reference(new Effects([0, 2, 2, 2], [0, 2, 2, -2]), 1));
        var output = RemovedOutput.Of(10, effects, 1, general);

        // Salient: 3, -2 (AND), 4, -1.5 (OR); of these only -2 has the other sign in the reference.
        Assert.Equal(new RemovedOutput(10, 12), output);
        Assert.Equal(10 - 3 + 2 - 4 + 1.5, RemovedOutput.Of(10, effects, 1, general.Except(general)).OutputRemoved, 1e-14);
        Assert.Equal(10, RemovedOutput.Of(10, effects, 9, general.Except(general)).OutputRemoved);
    }

    [Theory]
    [InlineData(0, 0.69314718055994530942)]
    [InlineData(1, 0.31326168751822283405)]
    [InlineData(-1, 1.31326168751822283405)]
    [InlineData(40, 4.2483542552915889863e-18)]
    [InlineData(-40, 40)]
    [InlineData(-1e300, 1e300)]
    [InlineData(1e300, 0)]
    [InlineData(20, 2.0611536203143807e-9)]
    public void TheLossKeepsItsPrecision(double v, double expected)
    {
        var loss = RemovalLoss.NegativeLogSigmoid(v);
        Assert.InRange(loss, expected * (1 - 1e-14), expected * (1 + 1e-14));
    }

    [Fact]
    public void LossesAreMeansAndGapsAreTestMinusTrain()
    {
        var train = RemovalLoss.Of([new(1, -1), new(0, 0)]);
        Assert.Equal((0.31326168751822283 + Math.Log(2)) / 2, train.Loss!.Value, 1e-15);
        Assert.Equal((1.31326168751822283 + Math.Log(2)) / 2, train.LossRemoved!.Value, 1e-15);
        var gap = RemovalLoss.Gap(train, RemovalLoss.Of([new(-1, 1)]));
        Assert.Equal(1.31326168751822283 - train.Loss.Value, gap.Loss!.Value, 1e-15);
        Assert.Equal(0.31326168751822283 - train.LossRemoved.Value, gap.LossRemoved!.Value, 1e-15);
        Assert.Equal(new RemovalLoss(null, null), RemovalLoss.Of([]));
        Assert.Equal(new RemovalLoss(null, null), RemovalLoss.Gap(train, RemovalLoss.Of([])));
    }
}
