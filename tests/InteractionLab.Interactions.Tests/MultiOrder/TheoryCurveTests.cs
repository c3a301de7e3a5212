namespace InteractionLab.Interactions.Tests;

public sealed class TheoryCurveTests
{
    private static readonly int[] Orders = [.. Enumerable.Range(0, 9)];

    [Fact]
    public void WithAllPlayersItIsTheTheorem()
    {
        double[] choose = [1, 8, 28, 56, 70, 56, 28, 8, 1];
        var curve = TheoryCurve.For(10, Orders, 10).Curve;
        for (var m = 0; m <= 8; m++)
        {
            Assert.Equal((9.0 - m) / 9 / Math.Sqrt(choose[m]), curve[m], 1e-12);
        }
    }

    [Fact]
    public void AnEffectiveNumberStretchesTheCurveFromEndToEnd()
    {
        // n' = 6 of 10: orders 0, 2, 4, 6, 8 of ten players are orders 0..4 of six.
        var curve = TheoryCurve.For(10, [0, 2, 4, 6, 8], 6).Curve;
        double[] expected = [1, 0.8 / Math.Sqrt(4), 0.6 / Math.Sqrt(6), 0.4 / Math.Sqrt(4), 0.2];
        Assert.Equal(expected, curve, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.All(TheoryCurve.For(10, Orders, 2).Curve, value => Assert.Equal(1, value, 1e-12));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3.704)]
    [InlineData(3.716)]
    [InlineData(6)]
    [InlineData(9.25)]
    [InlineData(10)]
    public void TheFitFindsTheEffectiveNumberOfItsOwnCurve(double nEff)
    {
        var strength = TheoryCurve.For(10, Orders, nEff).Curve.Select(value => 2.5 * value).ToArray();
        var fit = TheoryCurve.Fit(10, Orders, strength);
        Assert.NotNull(fit);
        Assert.Equal(nEff, fit.NEff, 1e-6);
        Assert.InRange(fit.Error!.Value, 0, 1e-7);
    }

    [Fact]
    public void NoOtherEffectiveNumberFitsBetter()
    {
        double[] strength = [1.3, 0.9, 0.5, 0.45, 0.4, 0.5, 0.7, 0.8, 1.6];
        var fit = TheoryCurve.Fit(10, Orders, strength)!;
        for (var nEff = 2.0; nEff <= 10; nEff += 1 / 64.0)
        {
            var other = TheoryCurve.For(10, Orders, nEff).Curve;
            var error = Math.Sqrt(other.Zip(strength, (f, j) => Math.Pow(f - j / 1.3, 2)).Average());
            Assert.True(error >= fit.Error - 1e-12);
        }
    }

    [Fact]
    public void WithoutAStartingPointThereIsNoFit()
    {
        Assert.Null(TheoryCurve.Fit(10, [1, 2], [1, 1]));
        Assert.Null(TheoryCurve.Fit(10, [0, 2], [0, 1]));
        Assert.Equal(2, TheoryCurve.Fit(2, [0], [1])!.NEff);
        Assert.Equal([1], TheoryCurve.Fit(2, [0], [1])!.Curve);
    }

    [Fact]
    public void ManyPlayersDoNotOverflow()
    {
        var curve = TheoryCurve.For(1000, [0, 499, 998], 1000).Curve;
        Assert.Equal(1, curve[0], 1e-12);
        Assert.InRange(curve[1], 1e-151, 1e-149);
        Assert.Equal(1 / 999.0, curve[2], 1e-12);
    }

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TheoryCurve.For(10, Orders, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => TheoryCurve.For(10, Orders, double.NaN));
        Assert.Throws<ArgumentException>(() => TheoryCurve.For(10, [9], 10));
        Assert.Throws<ArgumentException>(() => TheoryCurve.Fit(10, Orders, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TheoryCurve.For(1, [0], 2));
    }
}
