namespace InteractionLab.Interactions.Tests;

public sealed class TrainingPhasesTests
{
    private static readonly TrainingPoint[] Run =
        [new(0.2, 2, 8), new(0.6, 3, 2), new(0.55, 5.5, 4.5), new(0.5, 7, 7), new(0.4, 8, 12), new(0.3, 20, 13)];

    // δ_g < δ_n already at the peak, and not after it.
    private static readonly TrainingPoint[] RisingButTurned = [new(0.1, 1, 9), new(0.16, 2, 10.5), new(0.15, 4, 11)];

    [Fact]
    public void PhasesEndAtThePeakAndWhereNewStrengthTurns()
    {
        // δ_g, δ_n after the peak: 2.5/2.5 (not below), 1.5/2.5 (below).
        Assert.Equal(new TrainingPhases(1, 3, null), TrainingPhases.Of(Run));
        Assert.Equal(2, TrainingPhases.Of(Run, 1.01).T2);
        Assert.Equal(4, TrainingPhases.Of(Run, 0.5).T2);
    }

    [Fact]
    public void NewStrengthIsTheIncreaseSinceTheSnapshotBefore()
    {
        var increases = TrainingPhases.Increases(Run);
        Assert.Equal(new NewStrength(null, null), increases[0]);
        Assert.Equal(new NewStrength(1, -6), increases[1]);
        Assert.Equal(new NewStrength(2.5, 2.5), increases[2]);
    }

    [Fact]
    public void TheFirstOfEqualPeaksCounts() =>
        Assert.Equal(1, TrainingPhases.Of([new(0.1, 0, 0), new(0.5, 1, 1), new(0.5, 3, 1), new(null, 0, 0)]).T1);

    [Fact]
    public void ThePeakItselfDoesNotEndTheSecondPhase() =>
        Assert.Equal((1, null), (TrainingPhases.Of(RisingButTurned).T1, TrainingPhases.Of(RisingButTurned).T2));

    [Fact]
    public void EndsAreReported()
    {
        var last = TrainingPhases.Of([new(0.1, 1, 1), new(0.2, 2, 1)]);
        Assert.Equal((1, null), (last.T1, last.T2));
        Assert.Contains("last snapshot", last.Note, StringComparison.Ordinal);

        var first = TrainingPhases.Of([new(0.3, 1, 1), new(0.2, 1, 2)]);
        Assert.Equal((0, 1), (first.T1, first.T2));
        Assert.Contains("first snapshot", first.Note, StringComparison.Ordinal);

        var open = TrainingPhases.Of([new(0.1, 1, 1), new(0.3, 2, 1), new(0.2, 4, 2)]);
        Assert.Equal((1, null), (open.T1, open.T2));
        Assert.Contains("phase 3 was not reached", open.Note, StringComparison.Ordinal);

        var both = TrainingPhases.Of([new(0.3, 1, 1), new(0.2, 4, 2)]);
        Assert.Contains("phase 1 was not seen; phase 3 was not reached", both.Note, StringComparison.Ordinal);
        Assert.Contains("one snapshot", TrainingPhases.Of([new(0.3, 1, 1)]).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnythingSalientThereIsNoPhase()
    {
        var none = TrainingPhases.Of([new(null, 0, 0), new(null, 0, 0)]);
        Assert.Equal((null, null), (none.T1, none.T2));
        Assert.NotNull(none.Note);
        Assert.Null(TrainingPhases.Of([]).T1);
        Assert.Equal(1, TrainingPhases.Of([new(null, 0, 0), new(0, 0, 1), new(null, 0, 0)]).T1);
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingPhases.Of(Run, double.NaN));
    }

    [Fact]
    public void APointComesFromTheDistributions()
    {
        var point = TrainingPoint.Of([new(1, 3, -1), new(2, 0, -4)], [new(1, 1, -1), new(2, 0, 0)]);
        Assert.Equal(new TrainingPoint(0.25, 2, 6), point);
        Assert.Null(TrainingPoint.Of([new(1, 0, 0)], [new(1, 0, 0)]).Generalization);
    }
}
