using System.Text.Json;
using InteractionLab.Testing;

namespace InteractionLab.Interactions.Tests;

public sealed class SolverTests
{
    private static readonly DecompositionOptions Exact = new() { Noise = 0 };

    public static TheoryData<int> Planted => [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void CertifiedMeetsTheKnownOptima()
    {
        foreach (var game in KnownGames())
        {
            var v = Values(game, "v");
            Check(AndOrSolver.Solve(v, Exact), game.GetProperty("optimum").GetDouble());
            Check(AndOrSolver.Solve(v, new()), game.GetProperty("optimum_zeta").GetDouble());
            var half = AndOrSolver.Solve(v, new() { Solver = SolverKind.Half });
            Assert.Equal(game.GetProperty("half_l1").GetDouble(), half.Objective, 1e-9);
            Assert.InRange(half.LowerBound, game.GetProperty("optimum").GetDouble() * 0.5, game.GetProperty("optimum").GetDouble() * (1 + 1e-9));
            Assert.True(half.Converged);
            Assert.Equal(0, half.Iterations);
            Assert.All(half.Delta, delta => Assert.Equal(0, delta));
            AssertHonest(v, half);

            void Check(Decomposition result, double optimum)
            {
                Assert.True(result.Converged);
                Assert.InRange(result.Objective, optimum * (1 - 1e-9), optimum * 1.001);
                Assert.InRange(result.LowerBound, optimum * 0.998, optimum * (1 + 1e-9));
                Assert.Equal(game.GetProperty("half_l1").GetDouble(), result.HalfL1, 1e-9);
                AssertHonest(v, result);
            }
        }
    }

    [Fact]
    public void JointMeetsTheKnownOptimum()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "games.json")));
        foreach (var game in document.RootElement.EnumerateArray().Where(g => g.TryGetProperty("joint_optimum", out _)))
        {
            var (v, other) = (Values(game, "v"), Values(game, "v2"));
            var optimum = game.GetProperty("joint_optimum").GetDouble();
            var joint = AndOrSolver.SolveJoint(v, other, Exact);
            Assert.True(joint.Converged);
            Assert.InRange(joint.Objective, optimum * (1 - 1e-9), optimum * 1.001);
            Assert.InRange(joint.LowerBound, optimum * 0.998, optimum * (1 + 1e-9));
            Assert.InRange(joint.First.MatchError, 0, 1e-9);
            Assert.InRange(joint.Second.MatchError, 0, 1e-9);

            // Each part is a feasible decomposition of its game, so no single optimum can exceed its objective.
            Assert.True(joint.First.Objective >= AndOrSolver.Solve(v, Exact).LowerBound);
            Assert.True(joint.Second.Objective >= AndOrSolver.Solve(other, Exact).LowerBound);
        }
    }

    [Fact]
    public void JointOfAGameWithItselfIsThreeTimesItsOptimum()
    {
        // With I = I' the pair norm |a| + |b| + max(|a|, |b|, |a-b|) is 3|a|, and it is never below 3/2 (|a| + |b|).
        var v = RandomGame(6, 3);
        var single = AndOrSolver.Solve(v, Exact with { Gap = 1e-5 });
        var joint = AndOrSolver.SolveJoint(v, v, Exact with { Gap = 1e-5 });
        Assert.Equal(3 * single.Objective, joint.Objective, 1e-4 * joint.Objective);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void AnAndGameHasOptimumOne(int order)
    {
        const int players = 8;
        var trigger = (1 << order) - 1;
        double[] v = [.. Enumerable.Range(0, 1 << players).Select(mask => (mask & trigger) == trigger ? 1.0 : 0)];
        var result = AndOrSolver.Solve(v, Exact with { Gap = 1e-6 });
        Assert.Equal(1, result.Objective, 2e-6);
        Assert.Equal(1, result.LowerBound, 2e-6);
        Assert.Equal(Math.Pow(2, order - 1), result.HalfL1, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void RandomGamesMatchUniversallyAndTheGapIsHonest(int players)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var v = RandomGame(players, seed);
            foreach (var noise in new[] { 0, 0.02, 0.5 })
            {
                var result = AndOrSolver.Solve(v, new() { Noise = noise });
                Assert.True(result.Converged, $"{players} players, seed {seed}, noise {noise}: gap {result.Gap}");
                AssertHonest(v, result);
            }
        }
    }

    [Fact]
    public void FullNoiseExplainsEverythingByItself()
    {
        // |δ_S| ≤ |span| and |w_S| ≤ |span|: δ = w leaves nothing to explain.
        double[] v = [1, 2, 2.5, 3];
        var result = AndOrSolver.Solve(v, new() { Noise = 1 });
        Assert.Equal(0, result.Objective, 1e-9);
        Assert.True(result.Converged);
    }

    [Fact]
    public void ScaleAndOffsetChangeNothingElse()
    {
        var v = RandomGame(6, 9);
        var reference = AndOrSolver.Solve(v, new());
        foreach (var scale in new[] { 1e-300, 1024, 1e300 })
        {
            var result = AndOrSolver.Solve([.. v.Select(value => value * scale)], new());
            Assert.True(result.Converged);
            Assert.Equal(reference.Objective, result.Objective / scale, 2e-3 * reference.Objective);
            Assert.InRange(result.MatchError, 0, 1e-9);
        }
    }

    [Fact]
    public void BatchEqualsSingle()
    {
        double[][] games = [RandomGame(5, 1), RandomGame(7, 2), RandomGame(7, 3), RandomGame(3, 4)];
        foreach (var kind in Enum.GetValues<SolverKind>())
        {
            var options = new DecompositionOptions { Solver = kind, Iterations = kind == SolverKind.Paper ? 50 : null };
            var batch = AndOrSolver.SolveBatch(games, options);
            for (var i = 0; i < games.Length; i++)
            {
                var single = AndOrSolver.Solve(games[i], options);
                Assert.Equal(single.Objective, batch[i].Objective, options.Gap * single.Objective);
                Assert.Equal(single.Converged, batch[i].Converged);
                AssertHonest(games[i], batch[i]);
            }
        }
    }

    [Fact]
    public void BatchesReachTheGapForEveryGame()
    {
        // More games than lanes, so that lanes are used again; odd and even numbers of players; two constant games.
        double[][] games = [.. Enumerable.Range(0, 19).Select(seed => RandomGame(6, seed)), .. Enumerable.Range(0, 16).Select(seed => RandomGame(5, seed)), .. Enumerable.Range(0, 5).Select(seed => RandomGame(7, seed)), [1, 1, 1, 1], Enumerable.Repeat(2.0, 64).ToArray(), RandomGame(1, 1)];
        foreach (var noise in new[] { 0, 0.02, 0.3 })
        {
            var options = new DecompositionOptions { Noise = noise };
            var batch = AndOrSolver.SolveBatch(games, options);
            for (var i = 0; i < games.Length; i++)
            {
                Assert.True(batch[i].Converged, $"game {i}, noise {noise}: gap {batch[i].Gap}");
                Assert.InRange(batch[i].Gap, 0, options.Gap);
                var exact = AndOrSolver.Solve(games[i], options with { Gap = 1e-5 });
                Assert.InRange(batch[i].LowerBound, exact.Objective * (1 - 1.1e-3), exact.Objective * (1 + 1e-12));
                Assert.InRange(batch[i].Objective, exact.LowerBound * (1 - 1e-12), exact.Objective * (1 + 1.1e-3));
                Assert.Equal(exact.HalfL1, batch[i].HalfL1);
                if (exact.Objective > 0)
                {
                    AssertHonest(games[i], batch[i]);
                }
            }
        }
    }

    [Fact]
    public void AGamesBitsDoNotDependOnTheRestOfTheBatch()
    {
        double[][] games = [.. Enumerable.Range(0, BatchSolver.LeastGames + 5).Select(seed => RandomGame(7, seed))];
        var together = AndOrSolver.SolveBatch(games, new());
        var others = AndOrSolver.SolveBatch([.. games.Reverse().Take(BatchSolver.LeastGames)], new());
        for (var i = 0; i < others.Length; i++)
        {
            Same(together[games.Length - 1 - i], others[i]);
        }

        var few = AndOrSolver.SolveBatch(games[..3], new());
        for (var i = 0; i < few.Length; i++)
        {
            Same(AndOrSolver.Solve(games[i], new()), few[i]);
        }

        static void Same(Decomposition one, Decomposition other)
        {
            Assert.Equal(one.And, other.And);
            Assert.Equal(one.Or, other.Or);
            Assert.Equal(one.LowerBound, other.LowerBound);
            Assert.Equal(one.Iterations, other.Iterations);
        }
    }

    [Fact]
    public void BatchesReportTooFewIterationsAndAreCancelled()
    {
        double[][] games = [.. Enumerable.Range(0, BatchSolver.LeastGames).Select(seed => RandomGame(8, seed))];
        foreach (var result in AndOrSolver.SolveBatch(games, new() { Gap = 1e-9, Iterations = 7 }))
        {
            Assert.False(result.Converged);
            Assert.Equal(7, result.Iterations);
        }

        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => AndOrSolver.SolveBatch(games, new(), source.Token));
    }

    [Fact]
    public void PaperDescendsButNotBelowTheBound()
    {
        var v = RandomGame(8, 5);
        var paper = AndOrSolver.Solve(v, new() { Solver = SolverKind.Paper, Iterations = 2000, LearningRate = 1e-5 });
        var certified = AndOrSolver.Solve(v, new());
        Assert.InRange(paper.Objective, certified.LowerBound, paper.HalfL1 * 0.999);
        Assert.True(paper.Gap > certified.Gap);
        Assert.Equal(2000, paper.Iterations);
        AssertHonest(v, paper);

        var wild = AndOrSolver.Solve(v, new() { Solver = SolverKind.Paper, Iterations = 10, LearningRate = 1e300 });
        Assert.Equal(wild.HalfL1, wild.Objective, 1e-9);
        Assert.Contains("learning rate", wild.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void ConstantGamesAreZero()
    {
        foreach (var value in new[] { 0, 3.5, -1e300 })
        {
            foreach (var kind in Enum.GetValues<SolverKind>())
            {
                var result = AndOrSolver.Solve(Enumerable.Repeat(value, 32).ToArray(), new() { Solver = kind });
                Assert.Equal(0, result.Objective);
                Assert.Equal(0, result.Gap);
                Assert.Equal(0, result.MatchError);
                Assert.Equal(value, result.Bias);
                Assert.True(result.Converged);
                Assert.Contains("constant", result.Note, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void HalfBoundsPairsToo()
    {
        var (v, other) = (RandomGame(7, 1), RandomGame(7, 2));
        var half = AndOrSolver.SolveJoint(v, other, new() { Solver = SolverKind.Half });
        var certified = AndOrSolver.SolveJoint(v, other, Exact);
        Assert.InRange(half.LowerBound, 0.5 * certified.LowerBound, certified.Objective);
        Assert.True(half.Objective > certified.Objective);
        Assert.Equal((half.Objective - half.LowerBound) / half.Objective, half.Gap, 1e-12);
        Assert.Equal(AndOrSolver.Solve(v, new() { Solver = SolverKind.Half }).And, half.First.And);
    }

    [Fact]
    public void DifferencesTooSmallToSplitAreSaidToBe()
    {
        double[] least = [0, double.Epsilon, 0, double.Epsilon];
        foreach (var kind in Enum.GetValues<SolverKind>())
        {
            foreach (var v in new[] { least, [0, double.Epsilon, 0, 0], [.. least.Select(value => value * 4)] })
            {
                var result = AndOrSolver.Solve(v, new() { Solver = kind });
                Assert.Contains("too little", result.Note, StringComparison.Ordinal);
                Assert.Equal(0, result.Objective);
                Assert.InRange(result.MatchError, 0.99, 1001);
            }

            // Above the limit (2^-1032 for two players) the differences are split as any others.
            var scale = Math.ScaleB(1, -1031);
            var small = AndOrSolver.Solve([0, scale, 2 * scale, 5 * scale], new() { Solver = kind, Iterations = 2000 });
            Assert.InRange(small.MatchError, 0, 1e-9);
            Assert.DoesNotContain("too little", small.Note ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SpanZeroHasNoNoise()
    {
        double[] v = [2, 5, 1, 2];
        var result = AndOrSolver.Solve(v, new() { Noise = 0.04 });
        Assert.True(result.Converged);
        Assert.All(result.Delta, delta => Assert.Equal(0, delta));
        AssertHonest(v, result);
    }

    [Fact]
    public void OnePlayerHasOneInteraction()
    {
        var result = AndOrSolver.Solve([1, 4], Exact);
        Assert.Equal(3, result.And[1], 1e-9);
        Assert.Equal(0, result.Or[1]);
        Assert.Equal(3, result.Objective, 1e-2);
    }

    [Fact]
    public void FaultsAreNamed()
    {
        Assert.Throws<InvalidGameException>(() => AndOrSolver.Solve([1, 2, 3], new()));
        Assert.Throws<InvalidGameException>(() => AndOrSolver.Solve([1, double.NaN], new()));
        Assert.Throws<InvalidGameException>(() => AndOrSolver.Solve([1, double.NegativeInfinity], new()));
        Assert.Throws<InvalidGameException>(() => AndOrSolver.Solve([-1.5e308, 1.5e308], new()));
        Assert.Throws<InvalidGameException>(() => AndOrSolver.SolveJoint([1, 2], [1, 2, 3, 4], new()));
        Assert.Contains("games[1]", Assert.Throws<InvalidGameException>(() => AndOrSolver.SolveBatch([[1, 2], [1, 2, 3]], new())).Message, StringComparison.Ordinal);
        foreach (var options in new DecompositionOptions[] { new() { Noise = -0.1 }, new() { Noise = double.NaN }, new() { Gap = 0 }, new() { Iterations = 0 }, new() { LearningRate = -1 } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => AndOrSolver.Solve([1, 2], options));
        }
    }

    [Fact]
    public void TooFewIterationsAreReported()
    {
        var v = RandomGame(8, 6);
        var result = AndOrSolver.Solve(v, new() { Gap = 1e-9, Iterations = 7 });
        Assert.False(result.Converged);
        Assert.Equal(7, result.Iterations);
        Assert.NotNull(result.Note);
        AssertHonest(v, result);
    }

    [Fact]
    public void CancellationIsHonoured()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        foreach (var kind in Enum.GetValues<SolverKind>())
        {
            Assert.Throws<OperationCanceledException>(() => AndOrSolver.Solve(RandomGame(8, 6), new() { Solver = kind }, source.Token));
        }
    }

    /// <summary>Recomputes what the record claims by plain enumeration of the definitions.</summary>
    private static void AssertHonest(double[] v, Decomposition result)
    {
        var scale = Math.Max(1e-300, v.Max(value => Math.Abs(value - v[0])));
        var zeta = result.Delta.Max(Math.Abs);
        Assert.InRange(zeta, 0, Math.Abs(result.Span));
        Assert.Equal(0, result.Delta[0]);
        Assert.Equal(0, result.And[0]);
        Assert.Equal(0, result.Or[0]);
        var merged = 0.0;
        for (var mask = 1; mask < v.Length; mask++)
        {
            merged += Math.Abs(result.And[mask]) + Math.Abs(result.Or[mask]);
        }

        Assert.InRange(merged, 0, result.Objective * (1 + 1e-12));
        Assert.InRange(result.LowerBound, 0, result.Objective);
        Assert.Equal((result.Objective - result.LowerBound) / result.Objective, result.Gap, 1e-12);
        Assert.InRange(result.MatchError, 0, 1e-9);
        for (var mask = 0; mask < v.Length; mask += 1 + (v.Length >> 6))
        {
            var sum = result.Bias;
            for (var t = 1; t < v.Length; t++)
            {
                sum += ((t & mask) == t ? result.And[t] : 0) + ((t & mask) != 0 ? result.Or[t] : 0);
            }

            Assert.Equal(0, (v[mask] - result.Delta[mask] - sum) / scale, 1e-9);
        }
    }

    private static IEnumerable<JsonElement> KnownGames()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "games.json")));
        return [.. document.RootElement.EnumerateArray().Where(g => g.TryGetProperty("optimum", out _)).Select(g => g.Clone())];
    }

    private static double[] Values(JsonElement game, string name) => [.. game.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())];

    private static double[] RandomGame(int players, int seed)
    {
        var random = new Random((100 * players) + seed);
        return [.. Enumerable.Range(0, 1 << players).Select(_ => (2 * random.NextDouble()) - 1)];
    }
}
