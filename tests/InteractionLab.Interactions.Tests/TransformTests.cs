using System.Numerics;

namespace InteractionLab.Interactions.Tests;

public sealed class TransformTests
{
    public static TheoryData<int> Sizes => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void TransformsEqualTheirDefinitions(int players)
    {
        var source = RandomTable(players, 1);
        Check((t, k) => Transforms.Zeta(t, k), (s, l) => (l & ~s) == 0 ? 1 : 0);
        Check((t, k) => Transforms.ZetaAdjoint(t, k), (s, l) => (s & ~l) == 0 ? 1 : 0);
        Check((t, k) => Transforms.Mobius(t, k), (s, l) => (l & ~s) == 0 ? Sign(s ^ l) : 0);
        Check((t, k) => Transforms.MobiusAdjoint(t, k), (s, l) => (s & ~l) == 0 ? Sign(s ^ l) : 0);
        Check((t, k) => Transforms.OrZeta(t, k), (s, l) => (s & l) != 0 ? 1 : 0);
        var full = source.Length - 1;
        Check((t, k) => Transforms.OrMobius(t, k), (s, l) => ((full ^ l) & ~s) == 0 ? -Sign(s ^ full ^ l) : 0);
        Check((t, k) => Transforms.OrMobiusAdjoint(t, k), (s, l) => ((full ^ s) & ~l) == 0 ? -Sign(l ^ full ^ s) : 0);

        void Check(Action<double[], int> transform, Func<int, int, int> matrix)
        {
            var actual = (double[])source.Clone();
            transform(actual, 1);
            for (var row = 0; row < source.Length; row += 1 + (source.Length >> 7))
            {
                var expected = 0.0;
                for (var column = 0; column < source.Length; column++)
                {
                    expected += matrix(row, column) * source[column];
                }

                Assert.Equal(expected, actual[row], 1e-10);
            }
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(17)]
    public void AdjointIdentitiesHold(int players)
    {
        Check(t => Transforms.Zeta(t), t => Transforms.ZetaAdjoint(t));
        Check(t => Transforms.Mobius(t), t => Transforms.MobiusAdjoint(t));
        Check(t => Transforms.OrMobius(t), t => Transforms.OrMobiusAdjoint(t));
        Check(t => Transforms.OrZeta(t), t => Transforms.OrZeta(t));

        void Check(Action<double[]> forward, Action<double[]> adjoint)
        {
            var x = RandomTable(players, 2);
            var y = RandomTable(players, 3);
            var ax = (double[])x.Clone();
            var aty = (double[])y.Clone();
            forward(ax);
            adjoint(aty);
            var scale = Math.Sqrt(Dot(ax, ax) * Dot(y, y));
            Assert.Equal(0, (Dot(ax, y) - Dot(x, aty)) / scale, 1e-12);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(16)]
    [InlineData(19)]
    public void InversesReturnTheTable(int players)
    {
        var v = RandomTable(players, 4);
        var table = (double[])v.Clone();
        Transforms.Mobius(table);
        Transforms.Zeta(table);
        AssertClose(v, table);

        v[0] = 0;
        table = (double[])v.Clone();
        Transforms.OrMobius(table);
        table[0] = 0;
        Transforms.OrZeta(table);
        Assert.Equal(0, table[0]);
        AssertClose(v, table);

        static void AssertClose(double[] expected, double[] actual)
        {
            // The Möbius transform sums up to 2^n values, so the error of going there and back is ε 2^n at worst.
            var tolerance = 1e-15 * expected.Length + 1e-13;
            for (var mask = 0; mask < expected.Length; mask++)
            {
                Assert.Equal(expected[mask], actual[mask], tolerance);
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(18)]
    [InlineData(21)]
    public void ThreadsDoNotChangeAnyBit(int players)
    {
        var one = RandomTable(players, 5);
        var three = (double[])one.Clone();
        Transforms.Mobius(one, 1);
        Transforms.Mobius(three, 3);
        Assert.True(one.AsSpan().SequenceEqual(three));
        Transforms.ZetaAdjoint(one, 1);
        Transforms.ZetaAdjoint(three, 2);
        Assert.True(one.AsSpan().SequenceEqual(three));
    }

    [Fact]
    public void TwentyFourPlayersWork()
    {
        var table = new double[1 << 24];
        const int trigger = 0b1010_0000_0000_0000_0000_0001;
        table[trigger] = 2;
        Transforms.Zeta(table, 2);
        Assert.Equal(2.0 * (1 << 21), table.Sum());
        Transforms.Mobius(table, 2);
        Assert.Equal(2, table[trigger]);
        Assert.Equal(2, table.Sum(Math.Abs));
    }

    [Fact]
    public void HarsanyiDividendsOfTheKnownGame()
    {
        double[] v = [10, 4, 3, 9, 2, 8, 7, 15];
        Transforms.Mobius(v);
        Assert.Equal([10, -6, -7, 12, -8, 12, 12, -10], v);
    }

    [Fact]
    public void AWrongLengthIsNamed()
    {
        Assert.Contains("3", Assert.Throws<InvalidGameException>(() => Transforms.Zeta(new double[3])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidGameException>(() => Game.PlayerCount(1));
        Assert.Contains("v[2]", Assert.Throws<InvalidGameException>(() => Game.Validate([0, 1, double.NaN, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("v[1]", Assert.Throws<InvalidGameException>(() => Game.Validate([0, double.PositiveInfinity])).Message, StringComparison.Ordinal);
        Assert.Equal(3, Game.Validate(new double[8]));
    }

    private static int Sign(int mask) => (BitOperations.PopCount((uint)mask) & 1) == 0 ? 1 : -1;

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    private static double[] RandomTable(int players, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1 << players).Select(_ => (2 * random.NextDouble()) - 1)];
    }
}
