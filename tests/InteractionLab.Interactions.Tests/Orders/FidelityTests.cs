namespace InteractionLab.Interactions.Tests;

public sealed class FidelityTests
{
    [Fact]
    public void ErrorAndDeterminationAreThoseOfTheDefinition()
    {
        // Residuals 1, 0, 0, -1; span 4; mean 2.5, deviations -1.5, -0.5, -0.5, 2.5.
        var fidelity = Fidelity.Of([1, 2, 2, 5], [0, 2, 2, 6]);
        Assert.Equal(Math.Sqrt(0.5) / 4, fidelity.Rmse!.Value, 1e-14);
        Assert.Equal(1 - 2 / 9.0, fidelity.R2!.Value, 1e-14);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e300)]
    [InlineData(-1)]
    public void TheyDoNotDependOnTheUnit(double unit)
    {
        var v = RandomGames.Table(5, 1);
        var g = RandomGames.Table(5, 2);
        var plain = Fidelity.Of(v, g);
        var scaled = Fidelity.Of([.. v.Select(value => value * unit)], [.. g.Select(value => value * unit)]);
        Assert.Equal(plain.Rmse!.Value, scaled.Rmse!.Value, 1e-10);
        Assert.Equal(plain.R2!.Value, scaled.R2!.Value, 1e-10);
        Assert.True(plain.R2 < 1);
    }

    [Fact]
    public void ASpanOfZeroHasAnErrorOnlyWhenThereIsNone()
    {
        Assert.Equal(new Fidelity(0, 1), Fidelity.Of([1, 2, 3, 1], [1, 2, 3, 1]));
        Assert.Null(Fidelity.Of([1, 2, 3, 1], [1, 2, 3, 2]).Rmse);
        Assert.NotNull(Fidelity.Of([1, 2, 3, 1], [1, 2, 3, 2]).R2);
    }

    [Fact]
    public void AConstantGameIsDeterminedOnlyWhenMatched()
    {
        Assert.Equal(new Fidelity(0, 1), Fidelity.Of([7, 7], [7, 7]));
        Assert.Equal(new Fidelity(null, null), Fidelity.Of([7, 7], [7, 8]));
        Assert.Equal(new Fidelity(null, null), Fidelity.Of([0, 0], [0, 8]));
        Assert.Equal(new Fidelity(0, 1), Fidelity.Of([0, 0], [0, 0]));
        Assert.Equal(1, Fidelity.Of([.. Enumerable.Repeat(0.1, 64)], [.. Enumerable.Repeat(0.1 + 1e-17, 64)]).R2);
    }

    [Fact]
    public void WhatIsNotFiniteIsRefused()
    {
        Assert.Throws<InvalidGameException>(() => Fidelity.Of([1, double.NaN], [1, 2]));
        Assert.Throws<InvalidGameException>(() => Fidelity.Of([1, 2], [1, double.PositiveInfinity]));
        Assert.Throws<InvalidGameException>(() => Fidelity.Of([1, 2], [1, 2, 3, 4]));
    }
}
