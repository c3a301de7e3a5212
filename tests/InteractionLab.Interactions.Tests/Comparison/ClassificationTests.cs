namespace InteractionLab.Interactions.Tests;

public sealed class ClassificationTests
{
    private const double Tau = 1;

    [Theory]
    [InlineData(2, 2, true, false, false)]
    [InlineData(2, 1, false, true, false)]
    [InlineData(2, 0, false, true, false)]
    [InlineData(2, -2, false, true, false)]
    [InlineData(-2, -1.5, true, false, false)]
    [InlineData(1, 2, false, false, true)]
    [InlineData(1, -2, false, false, true)]
    [InlineData(0, 1.5, false, false, true)]
    [InlineData(1, 1, false, false, false)]
    public void PruningPreservesRemovesOrLetsEmerge(double before, double after, bool preserved, bool removed, bool emerged)
    {
        foreach (var type in Enum.GetValues<InteractionType>())
        {
            var (original, pruned) = (One(type, before), One(type, after));
            Assert.Equal(preserved, Classification.Preserved(original, pruned, Tau).Contains(type, 2));
            Assert.Equal(removed, Classification.Removed(original, pruned, Tau).Contains(type, 2));
            Assert.Equal(emerged, Classification.Emerged(original, pruned, Tau).Contains(type, 2));
            Assert.Equal(preserved || removed, Classification.Salient(original, Tau).Contains(type, 2));
        }
    }

    [Theory]
    [InlineData(0.5, 3, true)]
    [InlineData(-0.5, -3, true)]
    [InlineData(5, 2, false)]
    [InlineData(5, -3, false)]
    [InlineData(0, 3, false)]
    [InlineData(1e-200, 3e-200, false)]
    public void GeneralizableIsSalientInTheReferenceWithTheSameSign(double effect, double reference, bool expected)
    {
        foreach (var type in Enum.GetValues<InteractionType>())
        {
            var set = Classification.Generalizable(One(type, effect), new Reference(One(type, reference), 2));
            Assert.Equal(expected, set.Contains(type, 2));
            Assert.Equal(expected ? 1 : 0, set.Count);
        }
    }

    [Fact]
    public void SignsOfTinyEffectsDoNotUnderflow()
    {
        var set = Classification.Generalizable(One(InteractionType.Or, 1e-200), new Reference(One(InteractionType.Or, 3e-200), 0));
        Assert.True(set.Contains(InteractionType.Or, 2));
        Assert.Equal(1, Classification.Removed(One(InteractionType.Or, 1e-200), One(InteractionType.Or, -3e-200), 0).Count);
    }

    [Fact]
    public void ClassesEqualTheirDefinitionsOnRandomEffects()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (original, pruned) = (RandomGames.Effects(5, seed), RandomGames.Effects(5, 100 + seed));
            Reference[] references = [.. Enumerable.Range(0, 3).Select(k => new Reference(RandomGames.Effects(5, 200 + 3 * seed + k), 0.5 + 0.25 * k))];
            var removed = Classification.Removed(original, pruned, Tau);
            var emerged = Classification.Emerged(original, pruned, Tau);
            var general = Classification.GeneralizableToFirst(original, references);
            Assert.Equal(3, general.Length);
            foreach (var (type, mask, effect) in RandomGames.All(original))
            {
                var after = At(pruned, type, mask);
                Assert.Equal(Math.Abs(effect) > Tau && (Math.Abs(after) <= Tau || after * effect < 0), removed.Contains(type, mask));
                Assert.Equal(Math.Abs(effect) <= Tau && Math.Abs(after) > Tau, emerged.Contains(type, mask));
                for (var k = 1; k <= 3; k++)
                {
                    var any = references.Take(k).Any(reference =>
                        Math.Abs(At(reference.Effects, type, mask)) > reference.Threshold && At(reference.Effects, type, mask) * effect > 0);
                    Assert.Equal(any, general[k - 1].Contains(type, mask));
                }
            }

            Assert.Equal(
                Classification.Salient(original, Tau).Count,
                removed.Count + Classification.Preserved(original, pruned, Tau).Count);
        }
    }

    [Fact]
    public void TheEmptySetBelongsToNoClass()
    {
        var effects = new Effects([9, 0], [9, 0]);
        Assert.Equal(0, Classification.Salient(effects, 1).Count);
        Assert.Equal(0, Classification.Generalizable(effects, new Reference(effects, 1)).Count);
    }

    [Fact]
    public void SetsCombine()
    {
        var a = Classification.Salient(new Effects([0, 2, 2, 0], [0, 0, 2, 0]), 1);
        var b = Classification.Salient(new Effects([0, 0, 2, 2], [0, 0, 2, 0]), 1);
        Assert.Equal(2, a.Intersect(b).Count);
        Assert.Equal(4, a.Union(b).Count);
        Assert.True(a.Except(b).Contains(InteractionType.And, 1));
        Assert.Equal(1, a.Except(b).Count);
        Assert.Throws<InvalidGameException>(() => a.Union(Classification.Salient(new Effects([0, 1], [0, 1]), 1)));
    }

    [Fact]
    public void FaultsAreNamed()
    {
        var two = new Effects(new double[4], new double[4]);
        Assert.Throws<InvalidGameException>(() => Classification.Removed(two, new Effects([0, 1], [0, 1]), 1));
        Assert.Throws<InvalidGameException>(() => Classification.Salient(new Effects([0, 1], [0, 1, 2, 3]), 1));
        Assert.Throws<ArgumentException>(() => Classification.Salient(two, double.NaN));
        Assert.Throws<ArgumentException>(() => Classification.GeneralizableToFirst(two, []));
    }

    private static double At(Effects effects, InteractionType type, int mask) =>
        type == InteractionType.And ? effects.And[mask] : effects.Or[mask];

    private static Effects One(InteractionType type, double effect) =>
        type == InteractionType.And ? new Effects([0, 0, effect, 0], new double[4]) : new Effects(new double[4], [0, 0, effect, 0]);
}
