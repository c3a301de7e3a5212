namespace InteractionLab.Interactions.Tests;

public sealed class PruningMetricsTests
{
    private const double Tau = 0.6;

    [Fact]
    public void NumbersEqualSumsOverInteractions()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (original, pruned) = (RandomGames.Effects(6, seed), RandomGames.Effects(6, 300 + seed));
            Reference[] references = [new(RandomGames.Effects(6, 600 + seed), 0.3), new(RandomGames.Effects(6, 900 + seed), 1.3)];
            var metrics = PruningMetrics.Of(PruningDistribution.Of(original, pruned, Tau, references));

            double total = 0, removed = 0, removedGeneral = 0, emerged = 0, emergedGeneral = 0;
            var (kept, salient) = (new double[2], new double[2]);
            foreach (var (type, mask, effect) in RandomGames.All(original))
            {
                double At(Effects effects) => type == InteractionType.And ? effects.And[mask] : effects.Or[mask];
                bool General(double own) => references.Any(reference => Math.Abs(At(reference.Effects)) > reference.Threshold && At(reference.Effects) * own > 0);
                var half = RandomGames.Size(mask) <= 3 ? 0 : 1;
                var after = At(pruned);
                if (Math.Abs(effect) > Tau)
                {
                    var gone = Math.Abs(after) <= Tau || after * effect < 0;
                    total += Math.Abs(effect);
                    salient[half] += Math.Abs(effect);
                    kept[half] += gone ? 0 : Math.Abs(effect);
                    removed += gone ? Math.Abs(effect) : 0;
                    removedGeneral += gone && General(effect) ? Math.Abs(effect) : 0;
                }
                else if (Math.Abs(after) > Tau)
                {
                    emerged += Math.Abs(after);
                    emergedGeneral += General(after) ? Math.Abs(after) : 0;
                }
            }

            Assert.Equal(kept[0] / salient[0], metrics.RhoLow!.Value, 1e-12);
            Assert.Equal(kept[1] / salient[1], metrics.RhoHigh!.Value, 1e-12);
            Assert.Equal(total, metrics.Total, 1e-11);
            Assert.Equal(removed, metrics.Removed, 1e-11);
            Assert.Equal(removedGeneral, metrics.RemovedGeneralizable, 1e-11);
            Assert.Equal(emerged, metrics.Emerged, 1e-11);
            Assert.Equal(emergedGeneral, metrics.EmergedGeneralizable, 1e-11);
            Assert.True(removedGeneral > 0 && emergedGeneral > 0 && removed > removedGeneral && emerged > emergedGeneral);
        }
    }

    [Fact]
    public void DistributionsKeepOrdersAndSigns()
    {
        // Masks 1, 2 are singles and 3 the pair. AND: kept, flipped, emerged; OR: faded.
        var original = new Effects([0, 2, -3, 0.5], [0, 0, 0, 4]);
        var pruned = new Effects([0, 1, 3, -1], [0, 0, 0, 0.1]);
        var reference = new Reference(new Effects([0, 1, -1, -1], [0, 0, 0, -1]), Tau);
        var parts = PruningDistribution.Of(original, pruned, Tau, [reference]);
        Assert.Equal([new(1, 2, -3), new(2, 4, 0)], parts.Total);
        Assert.Equal([new(1, 2, 0), new(2, 0, 0)], parts.Preserved);
        Assert.Equal([new(1, 2, -3), new(2, 0, 0)], parts.Generalizable);
        Assert.Equal([new(1, 0, -3), new(2, 4, 0)], parts.Removed);
        Assert.Equal([new(1, 0, -3), new(2, 0, 0)], parts.RemovedGeneralizable);
        Assert.Equal([new(1, 0, 0), new(2, 0, -1)], parts.Emerged);
        Assert.Equal([new(1, 0, 0), new(2, 0, -1)], parts.EmergedGeneralizable);

        var alone = PruningDistribution.Of(original, pruned, Tau, []);
        Assert.Equal(parts.Emerged, alone.Emerged);
        Assert.Equal(0, OrderDistribution.Strength(alone.Generalizable) + OrderDistribution.Strength(alone.EmergedGeneralizable));
    }

    [Fact]
    public void TheMeanWeighsSamplesByTheirStrength()
    {
        var silent = new Effects(new double[4], new double[4]);
        var loud = new Effects([0, 2, 2, 0], new double[4]);
        var halved = new Effects([0, 2, 0, 0], new double[4]);
        var mean = PruningDistribution.Mean([PruningDistribution.Of(silent, silent, 1, []), PruningDistribution.Of(loud, halved, 1, [])]);
        var metrics = PruningMetrics.Of(mean);
        Assert.Equal(0.5, metrics.RhoLow);
        Assert.Null(metrics.RhoHigh);
        Assert.Equal(2, metrics.Total);
        Assert.Equal(1, metrics.Removed);
    }

    [Fact]
    public void NothingSalientHasNoShares()
    {
        var silent = new Effects(new double[16], new double[16]);
        var metrics = PruningMetrics.Of(PruningDistribution.Of(silent, silent, 1, []));
        Assert.Equal(new PruningMetrics(null, null, 0, 0, 0, 0, 0), metrics);
        Assert.Null(PruningMetrics.Efficiency(metrics, metrics));
    }

    [Fact]
    public void LimitsOfOrdersAreFree()
    {
        var original = new Effects([0, 2, 2, 4], new double[4]);
        var pruned = new Effects([0, 2, 0, 4], new double[4]);
        var parts = PruningDistribution.Of(original, pruned, 1, []);
        var metrics = PruningMetrics.Of(parts, new OrderRange(1, 1), new OrderRange(2, 2));
        Assert.Equal(0.5, metrics.RhoLow);
        Assert.Equal(1, metrics.RhoHigh);
        Assert.Equal(0.75, PruningMetrics.Of(parts).RhoLow);
    }

    [Fact]
    public void EfficiencyIsUndefinedWhereNothingIsRemoved()
    {
        static PruningMetrics At(double removed, double general) => new(1, 1, 100, removed, general, 0, 0);

        Assert.Equal(0.75, PruningMetrics.Efficiency(At(2, 1), At(10, 3)));
        Assert.Equal(1, PruningMetrics.Efficiency(At(2, 1), At(10, 1)));
        Assert.Equal(0, PruningMetrics.Efficiency(At(2, 1), At(10, 9)));
        Assert.Null(PruningMetrics.Efficiency(At(2, 1), At(2, 1)));
        Assert.Null(PruningMetrics.Efficiency(At(2, 1), At(2 + 0.9e-7, 1)));
        Assert.NotNull(PruningMetrics.Efficiency(At(2, 1), At(2 + 1.1e-7, 1)));
        Assert.Null(PruningMetrics.Efficiency(At(10, 3), At(2, 1)));
    }
}
