using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Tests.Bottleneck;

/// <summary>Bottleneck jobs on a tiny network.</summary>
public sealed class BottleneckJobTests : IDisposable
{
    private const string Sampled = """
        {"model": "net", "dataset": "pictures", "samples": [3, 5], "players": {"type": "grid", "rows": 8, "columns": 8},
         "value": {"type": "logit", "target": 1}, "orders": [0, 0.25, 0.5, 1], "pairs": {"count": 30, "radius": 2}, "contexts": 20, "device": "cpu"}
        """;

    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task An_exact_job_equals_the_definition()
    {
        const string Spec = """
            {"models": ["net"], "dataset": "pictures", "samples": [3, 5, 8], "players": {"type": "grid", "rows": 3, "columns": 3}, "device": "cpu"}
            """;
        var job = await Job.Run(_lab, "bottleneck", Spec);
        var profile = Assert.Single((await job.Result<BottleneckResult>()).Models);
        var games = await Job.Run(_lab, "masked-samples", Spec.Replace("\"models\": [\"net\"]", "\"model\": \"net\"", StringComparison.Ordinal));
        var tables = Npz.Read<double>(await games.Artifact("values.npz"), "v", out _).Chunk(1 << 9);
        var exact = tables.Select(v => MultiOrderInteractions.Of(v)).ToList();
        var strength = RelativeStrength.Of(exact)!;
        Assert.Equal([.. Enumerable.Range(0, 8)], profile.Orders);
        for (var m = 0; m < 8; m++)
        {
            Assert.Equal(strength[m], profile.Strength![m], 1e-12);
            Assert.Equal(exact.Average(game => game.MeanInteractions()[m]), profile.MeanInteraction[m], 1e-12);
        }

        Assert.InRange(profile.EfficiencyError!.Value, 0, 1e-9);
        Assert.Equal(3, profile.Samples);
        Assert.Equal(job.Work.Estimate.ForwardPasses, (await job.Result<BottleneckResult>()).ForwardPasses);
    }

    [Fact]
    public async Task An_exact_job_takes_the_pairs_within_the_radius()
    {
        const string Spec = """
            {"models": ["net"], "dataset": "pictures", "samples": [3, 5], "players": {"type": "grid", "rows": 3, "columns": 3}, "pairs": {"count": 2, "radius": 1}, "device": "cpu"}
            """;
        var job = await Job.Run(_lab, "bottleneck", Spec);
        var result = await job.Result<BottleneckResult>();
        var values = Npz.Read<double>(await job.Artifact("pairs.npz"), "interactions", out var shape);
        var pairs = Npz.Read<long>(await job.Artifact("pairs.npz"), "pairs", out _).Chunk(2).ToList();
        Assert.Equal((BottleneckMethod.Exact, 20, 20), (result.Method, result.Pairs, result.PairPopulation));
        Assert.Equal([1, 2, 20, 8], shape);
        Assert.All(pairs, pair => Assert.True(Math.Abs((pair[0] / 3) - (pair[1] / 3)) <= 1 && Math.Abs((pair[0] % 3) - (pair[1] % 3)) <= 1));

        var games = await Job.Run(_lab, "masked-samples", """{"model": "net", "dataset": "pictures", "samples": [3, 5], "players": {"type": "grid", "rows": 3, "columns": 3}, "device": "cpu"}""");
        var exact = Npz.Read<double>(await games.Artifact("values.npz"), "v", out _).Chunk(1 << 9).Select(v => MultiOrderInteractions.Of(v)).ToList();
        var magnitude = new double[8];
        for (var k = 0; k < values.Length; k++)
        {
            var (sample, pair, order) = (k / 160, pairs[k / 8 % 20], k % 8);
            Assert.Equal(exact[sample][order, (int)pair[0], (int)pair[1]], values[k], 1e-12);
            magnitude[order] += Math.Abs(values[k]) / 40;
        }

        for (var m = 0; m < 8; m++)
        {
            Assert.Equal(magnitude[m], result.Models[0].Magnitude[m], 1e-12);
        }
    }

    [Fact]
    public async Task Sampled_profiles_are_within_their_errors_of_exact_ones()
    {
        var common = """
            "models": ["net"], "dataset": "pictures", "samples": {"from": 0, "to": 4}, "players": {"type": "grid", "rows": 4, "columns": 3}, "device": "cpu", "value": {"type": "logit"}, "orders": "all"
            """;
        var exact = Assert.Single((await (await Job.Run(_lab, "bottleneck", "{" + common + "}")).Result<BottleneckResult>()).Models);
        var sampled = Assert.Single((await (await Job.Run(_lab, "bottleneck", "{" + common + """, "method": "sampled", "contexts": 30, "pairs": {"count": 40}}""")).Result<BottleneckResult>()).Models);
        var outside = exact.Orders.Count(m => Math.Abs(exact.Strength![m] - sampled.Reduced![m]) > (1.96 * sampled.ReducedStandardError[m]) + 1e-9);
        Assert.InRange(outside, 0, 2);
        Assert.All(sampled.Contexts, contexts => Assert.InRange(contexts, 1, 60));
    }

    [Fact]
    public async Task The_estimate_is_what_is_run_and_a_second_job_runs_nothing()
    {
        var job = await Job.Run(_lab, "bottleneck", Sampled);
        var result = await job.Result<BottleneckResult>();
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses);
        Assert.Equal(0, result.SavedPasses);
        Assert.Equal(30, result.Pairs);
        Assert.InRange(result.PairPopulation, 31, 64 * 24 / 2);

        var again = await (await Job.Run(_lab, "bottleneck", Sampled)).Result<BottleneckResult>();
        Assert.Equal(0, again.ForwardPasses);
        Assert.Equal(result.ForwardPasses, again.SavedPasses);
        Assert.Equal(result.Models[0].Strength, again.Models[0].Strength);
    }

    [Fact]
    public async Task A_resumed_job_equals_an_uninterrupted_one()
    {
        var spec = Sampled.Replace("\"contexts\": 20", "\"contexts\": 40, \"standardError\": 1e-9", StringComparison.Ordinal).Replace("\"model\": \"net\"", "\"models\": [\"net\", \"net2\"]", StringComparison.Ordinal);
        _lab.AddModel("net2", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.5));
        var whole = await Job.Run(_lab, "bottleneck", spec);
        using var other = Lab.Tiny();
        other.AddModel("net2", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.5));
        var parts = await Job.Plan(other, "bottleneck", spec);
        await parts.Run([0, 1, 2]);
        await parts.Run(Enumerable.Range(3, 6));
        await parts.Run(Enumerable.Range(9, parts.Count - 9));
        Assert.Equal(await whole.Everything(), await parts.Everything());
        var result = await whole.Result<BottleneckResult>();
        Assert.False(result.Reached);
        Assert.Equal(whole.Work.Estimate.ForwardPasses, result.ForwardPasses);
    }

    [Fact]
    public async Task Sampling_stops_once_the_error_is_small_enough()
    {
        var job = await Job.Run(_lab, "bottleneck", Sampled.Replace("\"contexts\": 20", "\"contexts\": 80, \"standardError\": 5", StringComparison.Ordinal));
        var result = await job.Result<BottleneckResult>();
        Assert.True(result.Reached);
        Assert.InRange(result.ForwardPasses, 1, job.Work.Estimate.ForwardPasses / 2);
        Assert.Equal(10, result.Models[0].Contexts[1]);
    }

    [Fact]
    public async Task Partial_results_grow_with_the_cells()
    {
        var job = await Job.Plan(_lab, "bottleneck", Sampled);
        Assert.Empty((await job.Result<BottleneckResult>()).Models);
        await job.Run([0]);
        var result = await job.Result<BottleneckResult>();
        Assert.Equal(1, Assert.Single(result.Models).Samples);
        Assert.Null(result.Models[0].SampleStandardError);
        Assert.Equal((1, 2), (result.Finished, result.Total));
    }

    [Theory]
    [InlineData("""{"orders": [1.5]}""", "orders[0]")]
    [InlineData("""{"orders": "some"}""", "orders")]
    [InlineData("""{"contexts": 1}""", "contexts")]
    [InlineData("""{"pairs": {"radius": 0}}""", "pairs.radius")]
    [InlineData("""{"pairs": {"count": 0}}""", "pairs.count")]
    [InlineData("""{"pairs": {"count": 5, "radios": 1}}""", "pairs.radios")]
    [InlineData("""{"method": "exact"}""", "players")]
    [InlineData("""{"standardError": 0}""", "standardError")]
    [InlineData("""{"nEff": 65}""", "nEff")]
    [InlineData("""{"model": "missing"}""", "model")]
    [InlineData("""{"model": null, "models": ["missing"]}""", "models")]
    [InlineData("""{"model": null, "models": ["net", "missing"]}""", "models[1]")]
    [InlineData("""{"models": ["net"]}""", "model")]
    [InlineData("""{"interactions": {"solver": "half"}}""", "interactions")]
    [InlineData("""{"players": {"type": "grid", "rows": 8, "columns": 8, "select": 20, "by": "random"}}""", "pairs.radius")]
    public async Task Wrong_fields_are_named(string change, string field)
    {
        var spec = System.Text.Json.Nodes.JsonNode.Parse(Sampled)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(change)!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        var faults = await Job.Refused(_lab, "bottleneck", spec.ToJsonString());
        Assert.Contains(faults.Keys, key => key == field || key.StartsWith(field + ".", StringComparison.Ordinal) || key.StartsWith(field + "[", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_without_a_network_is_told_how_to_name_one()
    {
        var faults = await Job.Refused(_lab, "bottleneck", Sampled.Replace("\"model\": \"net\", ", "", StringComparison.Ordinal));
        Assert.Equal(["is required, or model, snapshots or trainingJob"], Assert.Single(faults).Value);
        Assert.Equal("models", Assert.Single(faults).Key);
    }

    [Theory]
    [InlineData("""{"value": {"type": "logit", "target": "predicted"}}""", "v of every model is of the class that the first one, net, predicts.")]
    [InlineData("""{"samples": {"count": 2, "correctOnly": true}}""", "The samples are those that the first model, net, classifies correctly; the others need not.")]
    [InlineData("""{"value": {"type": "logit", "target": "predicted"}, "models": ["net"]}""", null)]
    [InlineData("""{"standardError": 0.1, "contexts": 30}""", "The method is exact: all masks are evaluated, and contexts and standardError are not used.")]
    [InlineData("""{"pairs": {"count": 3, "radius": 1}}""", "The method is exact: all masks are evaluated, and pairs.count is not used.")]
    [InlineData("""{"standardError": 10, "contexts": 30, "method": "sampled"}""", null)]
    public async Task What_a_reader_may_not_expect_is_noted(string change, string? note)
    {
        _lab.AddModel("net2", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.5));
        var spec = System.Text.Json.Nodes.JsonNode.Parse("""
            {"models": ["net", "net2"], "dataset": "pictures", "samples": [3, 5], "players": {"type": "grid", "rows": 2, "columns": 4}, "device": "cpu"}
            """)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(change)!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        var job = await Job.Run(_lab, "bottleneck", spec.ToJsonString());
        Assert.Equal(note is null ? [] : [note], (await job.Result<BottleneckResult>()).Notes);

        // The spec that is kept says the same.
        Assert.Equal(note is null ? [] : [note], (await (await Job.Run(_lab, "bottleneck", job.Work.Spec.GetRawText())).Result<BottleneckResult>()).Notes);
    }

    /// <summary>Drawn, they would need gigabytes and minutes before a word was said.</summary>
    [Fact]
    public async Task More_differences_than_memory_holds_are_refused_before_they_are_drawn()
    {
        var faults = await Job.Refused(_lab, "bottleneck", Sampled.Replace("[0, 0.25, 0.5, 1]", "[0.4, 0.5, 0.6]", StringComparison.Ordinal).Replace("\"contexts\": 20", "\"contexts\": 400000", StringComparison.Ordinal));
        Assert.Contains("36000000 differences", Assert.Single(faults["contexts"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(1000)]
    public void Differences_are_counted_before_they_are_drawn(int contexts)
    {
        var rounds = new Rounds(12, PairChoice.All(12), [0, 1, 5, 9], new BottleneckSpec { Contexts = contexts });
        Assert.Equal(rounds.Sampler().Next(contexts, TestContext.Current.CancellationToken).Terms.Count, rounds.Differences);
    }

    /// <summary>However many contexts are asked for, a pair has C(n-2, m), and the game 2^n masks.</summary>
    [Fact]
    public async Task Contexts_beyond_those_there_are_cost_nothing()
    {
        const string Spec = """
            {"models": ["net"], "dataset": "pictures", "samples": [3], "players": {"type": "grid", "rows": 3, "columns": 3}, "device": "cpu",
             "method": "sampled", "orders": "all", "pairs": {"count": "all"}, "contexts": 1000000}
            """;
        var job = await Job.Run(_lab, "bottleneck", Spec);
        var result = await job.Result<BottleneckResult>();
        Assert.Equal((1 << 9) + 1, job.Work.Estimate.ForwardPasses);
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses);
        Assert.Equal([1, 7, 21, 35, 35, 21, 7, 1], Assert.Single(result.Models).Contexts.Select(contexts => (int)contexts));
    }
}
