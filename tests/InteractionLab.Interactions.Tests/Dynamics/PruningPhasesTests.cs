namespace InteractionLab.Interactions.Tests;

public sealed class PruningPhasesTests
{
    [Fact]
    public void AThreePhaseSweepIsSplit()
    {
        var phases = PruningPhases.Of(
        [
            Point(0, 1, 1, 0.90, 0, 0),
            Point(10, 0.99, 0.6, 0.90, 10, 1),
            Point(20, 0.95, 0.4, 0.89, 20, 2),
            Point(30, 0.80, 0.3, 0.70, 30, 7),
            Point(40, 0.40, 0.10, 0.30, 40, 15),
            Point(50, 0.12, 0.06, 0.11, 50, 24),
            Point(60, 0.10, 0.04, 0.10, 52, 26),
            Point(70, 0.09, 0.03, 0.10, 54, 28),
        ]);
        Assert.Equal([1, 2, 3], phases.Select(phase => phase.Phase));
        Assert.Equal([0, 20, 50], phases.Select(phase => phase.From!.Value));
        Assert.Equal([20, 50, 70], phases.Select(phase => phase.To!.Value));
        Assert.Equal(0.9, phases[0].Efficiency!.Value, 1e-12);
        Assert.Equal(1 - 22 / 30.0, phases[1].Efficiency!.Value, 1e-12);
        Assert.Equal(0, phases[2].Efficiency!.Value, 1e-12);
    }

    [Fact]
    public void EitherCriterionEndsTheFirstPhase()
    {
        var byLow = PruningPhases.Of([Point(1, 0.8, 1, 0.9), Point(2, 0.77, 1, 0.9), Point(3, 0.75, 1, 0.9), Point(4, 0.1, 0.1, 0.1)]);
        Assert.Equal((1.0, 2.0), (byLow[0].From!.Value, byLow[0].To!.Value));
        var byAccuracy = PruningPhases.Of([Point(1, 0.8, 1, 0.9), Point(2, 0.8, 1, 0.88), Point(3, 0.8, 1, 0.9), Point(4, 0.1, 0.1, 0.1)]);
        Assert.Null(byAccuracy[0].From);
        Assert.Equal((1.0, 4.0), (byAccuracy[1].From!.Value, byAccuracy[1].To!.Value));
    }

    [Theory]
    [InlineData(0.5, 0.2, 0.1)]
    [InlineData(0.2, 0.5, 0.1)]
    [InlineData(0.2, 0.2, 0.2)]
    public void TheThirdPhaseNeedsSmallStepsAndTheFinalAccuracy(double low, double high, double accuracy)
    {
        // The point before the last two breaks one of the three criteria.
        var phases = PruningPhases.Of(
            [Point(1, 1, 1, 0.9), Point(2, low, high, accuracy), Point(3, 0.2, 0.2, 0.1), Point(4, 0.2, 0.2, 0.1)]);
        Assert.Equal((3.0, 4.0), (phases[2].From!.Value, phases[2].To!.Value));
    }

    [Fact]
    public void WhereBothRulesHoldTheFirstPhaseWins()
    {
        var phases = PruningPhases.Of([Point(1, 1, 1, 0.9), Point(2, 1, 1, 0.9), Point(3, 0.99, 1, 0.9)]);
        Assert.Equal((1.0, 3.0), (phases[0].From!.Value, phases[0].To!.Value));
        Assert.Equal(new PruningPhase(2, null, null, null), phases[1]);
        Assert.Equal(new PruningPhase(3, null, null, null), phases[2]);
    }

    [Fact]
    public void LimitsHoldWhicheverWayDifferencesRound()
    {
        // 0.35 - 0.3 rounds below 0.05 and 0.52 - 0.5 above 0.02; yet the step is no smaller and the accuracy no farther.
        var step = PruningPhases.Of([Point(1, 1, 1, 0.9), Point(2, 0.35, 0.3, 0.1), Point(3, 0.3, 0.3, 0.1), Point(4, 0.3, 0.3, 0.1)]);
        Assert.Equal(3, step[2].From);
        var accuracy = PruningPhases.Of([Point(1, 1, 1, 0.9), Point(2, 0.3, 0.3, 0.52), Point(3, 0.3, 0.3, 0.5)]);
        Assert.Equal(2, accuracy[2].From);
    }

    [Fact]
    public void ASweepThatNeverSettlesHasNoThirdPhase()
    {
        var phases = PruningPhases.Of([Point(1, 1, 1, 0.9), Point(2, 0.6, 0.6, 0.6), Point(3, 0.2, 0.2, 0.2)]);
        Assert.Null(phases[0].From);
        Assert.Equal((1.0, 3.0), (phases[1].From!.Value, phases[1].To!.Value));
        Assert.Null(phases[2].From);
    }

    [Fact]
    public void FewerThanTwoRatiosHaveNoPhase()
    {
        PruningPhase[] empty = [new(1, null, null, null), new(2, null, null, null), new(3, null, null, null)];
        Assert.Equal(empty, PruningPhases.Of([]));
        Assert.Equal(empty, PruningPhases.Of([Point(5, 1, 1, 0.9)]));
    }

    [Fact]
    public void AMissingShareConstrainsNothing()
    {
        var phases = PruningPhases.Of([Point(1, null, 1, 0.9), Point(2, null, 0.5, 0.9), Point(3, null, 0.5, 0.1), Point(4, null, 0.5, 0.1)]);
        Assert.Equal((1.0, 2.0), (phases[0].From!.Value, phases[0].To!.Value));
        Assert.Equal((2.0, 3.0), (phases[1].From!.Value, phases[1].To!.Value));
        Assert.Equal((3.0, 4.0), (phases[2].From!.Value, phases[2].To!.Value));
    }

    [Fact]
    public void ThresholdsAreFree()
    {
        PruningPoint[] points = [Point(1, 1, 1, 0.9), Point(2, 0.7, 1, 0.85), Point(3, 0.1, 0.9, 0.1)];
        Assert.Null(PruningPhases.Of(points)[0].From);
        var wide = PruningPhases.Of(points, new PruningPhaseThresholds { LowPreserved = 0.5, InitialAccuracy = 0.1 });
        Assert.Equal(2, wide[0].To);
        var settled = PruningPhases.Of(points, new PruningPhaseThresholds { RhoStep = 0.7, FinalAccuracy = 0.8 });
        Assert.Equal(1, settled[2].From);
    }

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Throws<ArgumentException>(() => PruningPhases.Of([Point(2, 1, 1, 1), Point(2, 1, 1, 1)]));
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => PruningPhases.Of([], new PruningPhaseThresholds { RhoStep = double.NaN }));
        Assert.Equal("RhoStep", fault.ParamName);
    }

    private static PruningPoint Point(double ratio, double? low, double? high, double accuracy, double removed = 0, double general = 0) =>
        new(ratio, accuracy, new PruningMetrics(low, high, 100, removed, general, 0, 0));
}
