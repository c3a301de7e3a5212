namespace InteractionLab.Interactions.Tests;

public sealed class SalienceTests
{
    private static readonly SalienceInput[] Samples =
        [new(2, 5), new(-4, 3, () => new Effects([0, 1], [0, 0])), new(0, 8)];

    [Fact]
    public void TheDefaultIsFivePercentOfTheMeanSpan()
    {
        var thresholds = Salience.Thresholds(new SalienceRule(), Samples);
        Assert.Equal(3, thresholds.Length);
        Assert.All(thresholds, tau => Assert.Equal(0.1, tau, 1e-15));
        Assert.Equal(2, Salience.MeanSpan(Samples), 1e-15);
    }

    [Fact]
    public void SampleMaxIsOfEachSampleAndPooledMaxOfAll()
    {
        var rule = new SalienceRule { Kind = SalienceKind.SampleMax, Factor = 0.5 };
        Assert.Equal([2.5, 1.5, 4], Salience.Thresholds(rule, Samples));
        Assert.Equal([4, 4, 4], Salience.Thresholds(rule with { Kind = SalienceKind.PooledMax }, Samples));
    }

    [Fact]
    public void NoSamplesGiveNoThresholds()
    {
        foreach (var kind in Enum.GetValues<SalienceKind>())
        {
            Assert.Empty(Salience.Thresholds(new SalienceRule { Kind = kind }, []));
        }
    }

    [Fact]
    public void TopKKeepsTheKLargest()
    {
        double[] and = [99, 4, -3, 0.5];
        double[] or = [99, 1, 2, -5];
        for (var k = 1; k <= 6; k++)
        {
            var tau = Salience.TopKThreshold(and, or, k);
            var (ands, ors) = Salience.Count(and, or, tau);
            Assert.Equal(k, ands + ors);
        }

        Assert.Equal(4, Salience.TopKThreshold(and, or, 1));
        Assert.Equal(0, Salience.TopKThreshold(and, or, 100));
    }

    [Fact]
    public void TopKTakesTiesWholeAndNeverAZero()
    {
        double[] and = [0, 2, -2, 1];
        double[] or = [0, 2, 0, 0];
        Assert.Equal(3, Salience.Salient(and, or, Salience.TopKThreshold(and, or, 1)).Length);
        Assert.Equal(3, Salience.Salient(and, or, Salience.TopKThreshold(and, or, 3)).Length);
        Assert.Equal(4, Salience.Salient(and, or, Salience.TopKThreshold(and, or, 5)).Length);
        Assert.Empty(Salience.Salient(new double[4], new double[4], Salience.TopKThreshold(new double[4], new double[4], 2)));
    }

    [Fact]
    public void TopKLoadsEachSample()
    {
        SalienceInput[] samples =
        [
            new(0, 0, () => new Effects([0, 1], [0, 3])),
            new(0, 0, () => new Effects([0, -7], [0, 6])),
        ];
        Assert.Equal([1, 6], Salience.Thresholds(new SalienceRule { Kind = SalienceKind.TopK, K = 1 }, samples));
    }

    [Fact]
    public void SalientIsStrictlyAboveAndSorted()
    {
        double[] and = [50, 1, -3, 2];
        double[] or = [50, 2, 1, -4];
        Interaction[] expected =
        [
            new(InteractionType.Or, 3, -4),
            new(InteractionType.And, 2, -3),
            new(InteractionType.And, 3, 2),
            new(InteractionType.Or, 1, 2),
        ];
        Assert.Equal(expected, Salience.Salient(and, or, 1));
        Assert.Equal(expected[..2], Salience.Top(and, or, 1, 2));
        Assert.Equal((2, 2), Salience.Count(and, or, 1));
        Assert.Equal([2, 1, 2, 1], expected.Select(interaction => interaction.Order));
        Assert.Equal(6, Salience.Salient(and, or, 0).Length);
        Assert.Empty(Salience.Salient(and, or, 4));
    }

    [Fact]
    public void ADecompositionBecomesAnInput()
    {
        var decomposition = new Decomposition
        {
            Players = 1,
            And = [9, -2],
            Or = [9, 1],
            Delta = [0, 0],
            Bias = 0,
            Span = -1,
            Objective = 3,
            LowerBound = 0,
            Gap = 0,
            HalfL1 = 3,
            MatchError = 0,
            Solver = SolverKind.Half,
            Iterations = 0,
            Converged = true,
        };
        var input = SalienceInput.From(decomposition);
        Assert.Equal((-1, 2), (input.Span, input.Maximum));
        Assert.Same(decomposition.And, input.Load!().And);
    }

    [Fact]
    public void FaultsAreNamed()
    {
        static void Fails(string part, Action action) => Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);

        Fails("Factor", () => Salience.Thresholds(new SalienceRule { Factor = -1 }, Samples));
        Fails("Factor", () => Salience.Thresholds(new SalienceRule { Factor = double.NaN }, Samples));
        Fails("K", () => Salience.Thresholds(new SalienceRule { Kind = SalienceKind.TopK, K = 0 }, Samples));
        Fails("Kind", () => Salience.Thresholds(new SalienceRule { Kind = (SalienceKind)9 }, Samples));
        Fails("Sample 1: its span", () => Salience.Thresholds(new SalienceRule(), [new(1, 1), new(double.NaN, 1)]));
        Fails("Sample 0: its largest", () => Salience.Thresholds(new SalienceRule(), [new(1, -1)]));
        Fails("Sample 0: top-k", () => Salience.Thresholds(new SalienceRule { Kind = SalienceKind.TopK }, Samples));
        Fails("NaN", () => Salience.Salient([0, 1], [0, 1], double.NaN));
        Assert.Throws<InvalidGameException>(() => Salience.Salient([0, 1], [0, 1, 2, 3], 0));
        Assert.Throws<InvalidGameException>(() => Salience.Salient([0, 1, 2], [0, 1, 2], 0));
    }
}
