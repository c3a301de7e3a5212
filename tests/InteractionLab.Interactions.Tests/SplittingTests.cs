namespace InteractionLab.Interactions.Tests;

public sealed class SplittingTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(11)]
    public void TheSymmetricInverseInverts(int players)
    {
        var random = new Random(players);
        double[] and = [.. Enumerable.Range(0, players + 1).Select(_ => 0.5 + random.NextDouble())];
        double[] or = [.. Enumerable.Range(0, players + 1).Select(_ => 0.5 + random.NextDouble())];
        double[] delta = [.. Enumerable.Range(0, players + 1).Select(_ => 0.1 + random.NextDouble())];
        double[] expected = [.. Enumerable.Range(0, 1 << players).Select(mask => mask == 0 ? 0 : random.NextDouble() - 0.5)];
        var solution = (double[])expected.Clone();
        new SymmetricInverse(new SchurPlan(players), and, or, delta).Apply(solution);
        Assert.Equal(0, solution[0]);

        // K λ = Z D Zᵀ λ + Z_or E Z_orᵀ λ + F λ by the plain transforms.
        var fromAnd = (double[])solution.Clone();
        Transforms.ZetaAdjoint(fromAnd);
        Scale(fromAnd, and);
        fromAnd[0] = 0;
        Transforms.Zeta(fromAnd);
        var fromOr = (double[])solution.Clone();
        Transforms.OrZeta(fromOr);
        Scale(fromOr, or);
        fromOr[0] = 0;
        Transforms.OrZeta(fromOr);
        for (var mask = 1; mask < expected.Length; mask++)
        {
            Assert.Equal(expected[mask], fromAnd[mask] + fromOr[mask] + (delta[int.PopCount(mask)] * solution[mask]), 1e-9);
        }

        static void Scale(double[] table, double[] byOrder)
        {
            for (var mask = 0; mask < table.Length; mask++)
            {
                table[mask] *= byOrder[int.PopCount(mask)];
            }
        }
    }

    [Fact]
    public void TheJointProximalStepMinimises()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            double[] a = [6 * (random.NextDouble() - 0.5)];
            double[] b = [6 * (random.NextDouble() - 0.5)];
            double[] p = [0], q = [0];
            JointNorm.Proximal(a, b, p, q, 0.5);
            var least = Cost(p[0], q[0]);
            for (var probe = 0; probe < 50; probe++)
            {
                Assert.True(least <= Cost(p[0] + (0.1 * (random.NextDouble() - 0.5)), q[0] + (0.1 * (random.NextDouble() - 0.5))) + 1e-12);
            }

            // Moreau: the step removed lies in the dual ball, and pairs with the result to its norm.
            var (g, h) = ((a[0] - p[0]) / 0.5, (b[0] - q[0]) / 0.5);
            Assert.InRange(JointNorm.Dual(g, h), 0, 1 + 1e-12);
            Assert.Equal(JointNorm.Value(p[0], q[0]), (g * p[0]) + (h * q[0]), 1e-9);

            double Cost(double x, double y) => (0.5 * JointNorm.Value(x, y)) + ((((x - a[0]) * (x - a[0])) + ((y - b[0]) * (y - b[0]))) / 2);
        }
    }

    [Fact]
    public void AnyDualPointGivesABoundBelowTheOptimum()
    {
        // The AND game of four of five players costs exactly 1.
        var w = Enumerable.Range(0, 32).Select(mask => (mask & 15) == 15 ? 1.0 : 0).ToArray();
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            double[] lambda = [0, .. Enumerable.Range(1, 31).Select(_ => Math.Pow(10, trial % 5) * (random.NextDouble() - 0.5))];
            var (bound, norm) = Certificate.Bound([new SplittingGame(w, 0)], [lambda]);
            Assert.InRange(bound, double.NegativeInfinity, 1);
            var largest = 0.0;
            for (var t = 1; t < 32; t++)
            {
                double and = 0, or = 0;
                for (var s = 1; s < 32; s++)
                {
                    and += (s & t) == t ? lambda[s] : 0;
                    or += (s & t) != 0 ? lambda[s] : 0;
                }

                largest = Math.Max(largest, Math.Max(Math.Abs(and), Math.Abs(or)));
            }

            Assert.InRange(norm, Math.Max(1, largest * (1 - 1e-14)), Math.Max(1, largest * (1 + 1e-12)));
        }
    }
}
