using InteractionLab.Experiments.Games;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.Games;

/// <summary>The kind games on tables whose answers are known.</summary>
public sealed class GamesJobTests : IDisposable
{
    private const double Tolerance = 1e-9;
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(0.02, "optimum_zeta")]
    [InlineData(0.0, "optimum")]
    public async Task Known_games_reach_their_optimum(double noise, string optimum)
    {
        foreach (var game in KnownGames.All().Where(game => game.TryGetProperty("optimum", out _)))
        {
            var v = KnownGames.Numbers(game, "v");
            var job = await Job.Run(_lab, "games", $$"""{"games": {{KnownGames.Json(v)}}, "interactions": {"noise": {{noise}} } }""");
            var found = Assert.Single((await job.Result<GamesResult>()).Samples);
            var best = game.GetProperty(optimum).GetDouble();
            Assert.InRange(found.Objective, best * (1 - 1e-7), best * 1.001);
            Assert.InRange(found.LowerBound, best * 0.998, best * (1 + 1e-7));
            Assert.True(found.Converged);
            Assert.InRange(found.MatchError, 0, Tolerance);
            Assert.Equal(game.GetProperty("half_l1").GetDouble(), found.HalfL1, 1e-9 * found.HalfL1);
            Assert.All(KnownGames.Numbers(game, "J").Zip(found.Strength!), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
            Assert.Equal(v[^1] - v[0], found.Shapley.Sum(), Tolerance);
        }
    }

    [Fact]
    public async Task A_known_pair_reaches_its_joint_optimum()
    {
        var game = KnownGames.All().Single(game => game.TryGetProperty("joint_optimum", out _));
        var spec = $$"""{"games": {{KnownGames.Json(KnownGames.Numbers(game, "v"), KnownGames.Numbers(game, "v2"))}}, "pairs": [[0, 1]], "interactions": {"noise": 0} }""";
        var job = await Job.Run(_lab, "games", spec);
        var best = game.GetProperty("joint_optimum").GetDouble();
        var pair = Assert.Single((await job.Result<GamesResult>()).Pairs);
        Assert.InRange(pair.JointObjective, best * (1 - 1e-7), best * 1.001);
        Assert.InRange(pair.JointLowerBound, best * 0.998, best * (1 + 1e-7));
        Assert.InRange(pair.Gap, 0, 1e-3);

        var detail = await ((IGamePlan)job.Work).ReadPairAsync(job, 0, TestContext.Current.CancellationToken);
        Assert.Equal((0, 1, pair.JointObjective), (detail!.A, detail.B, detail.JointObjective));
        Assert.All([detail.AndA, detail.OrA, detail.AndB, detail.OrB], table => Assert.Equal(256, table.Length));
    }

    [Fact]
    public async Task An_and_game_is_one_interaction()
    {
        // v = 3 when players 0, 1 and 3 are all present.
        var v = Enumerable.Range(0, 32).Select(mask => (mask & 0b01011) == 0b01011 ? 3.0 : 0).ToArray();
        var job = await Job.Run(_lab, "games", $$"""{"games": {{KnownGames.Json(v)}}, "names": ["an AND"], "interactions": {"noise": 0, "gap": 1e-6} }""");
        var found = Assert.Single((await job.Result<GamesResult>()).Samples);
        Assert.Equal("an AND", found.Name);
        Assert.Equal(3, found.Objective, 1e-5);
        Assert.Equal(6, found.HalfL1 / 2, 1e-9);
        Assert.Equal((1, 0), (found.SalientAnd, found.SalientOr));
        Assert.Equal([0, 1, 3], found.Top[0].Players);
        Assert.Equal(3, found.Top[0].Effect, 1e-4);
        Assert.All(new[] { 1.0, 1, 0, 1, 0 }.Zip(found.Shapley), pair => Assert.Equal(pair.First, pair.Second, Tolerance));

        // Every pair inside T shares the mean over m of I^(m): 3/(t-1).
        Assert.Equal(1.5, found.ShapleyInteraction[0][3], Tolerance);
        Assert.Equal(0, found.ShapleyInteraction[0][2], Tolerance);
        Assert.Equal(1, found.Fidelity.R2!.Value, 1e-6);
    }

    [Fact]
    public async Task An_uploaded_table_gives_what_the_inline_one_gives()
    {
        double[][] games = [KnownGames.Random(4, 1), KnownGames.Random(4, 2)];
        _lab.AddGames("tables", games);
        var inline = await Job.Run(_lab, "games", $$"""{"games": {{KnownGames.Json(games)}}, "pairs": [[0, 1]]}""");
        var uploaded = await Job.Run(_lab, "games", """{"games": "tables", "pairs": [[0, 1]]}""");
        Assert.Equal(["tables"], uploaded.Work.Datasets);
        Assert.Equal(await inline.Everything(), await uploaded.Everything());

        var values = Npz.Read<double>(await uploaded.Artifact("values.npz"), "v", out var shape);
        Assert.Equal([2L, 16], shape);
        Assert.Equal(games.SelectMany(game => game), values);
        long[] index = [0, 1];
        Assert.Equal(index, Npz.Read<long>(await uploaded.Artifact("values.npz"), "index", out _));
    }

    [Theory]
    [InlineData("[0, 0, 0, 0]")]
    [InlineData("[5, 5, 5, 5]")]
    [InlineData("[1, 2, 3, 1]")]
    [InlineData("[0, 1]")]
    [InlineData("[2, 2]")]
    [InlineData("[1e-300, 2e-300, 0, 4e-300]")]
    [InlineData("[1e300, -1e300, 0, 1e299]")]
    [InlineData("[5e-324, 0, 0, 0]")]
    public async Task Degenerate_games_have_a_defined_result(string table)
    {
        foreach (var solver in new[] { "certified", "half", "paper" })
        {
            var job = await Job.Run(_lab, "games", $$"""{"games": [{{table}}], "interactions": {"solver": "{{solver}}", "iterations": 500} }""");
            var found = Assert.Single((await job.Result<GamesResult>()).Samples);
            Assert.True(double.IsFinite(found.Objective) && double.IsFinite(found.LowerBound) && double.IsFinite(found.Gap));
            Assert.Equal(found.VFull - found.VEmpty, found.Shapley.Sum(), Math.Max(1e-9 * Math.Abs(found.VFull), double.Epsilon));
            Assert.NotEmpty(await job.Everything());
        }
    }

    [Fact]
    public async Task Another_order_of_cells_gives_the_same_bytes()
    {
        var spec = $$"""{"games": {{KnownGames.Json(KnownGames.Random(6, 1), KnownGames.Random(6, 2), KnownGames.Random(6, 3))}}, "pairs": [[0, 2], [1, 0]]}""";
        var whole = await Job.Run(_lab, "games", spec);
        var resumed = await Job.Plan(_lab, "games", spec);
        await resumed.Run([4, 1]);
        await resumed.Run([3, 0, 2]);
        for (var cell = 0; cell < whole.Count; cell++)
        {
            Assert.Equal(whole[cell]!, resumed[cell]!);
        }

        Assert.Equal(await whole.Everything(), await resumed.Everything());
    }
}
