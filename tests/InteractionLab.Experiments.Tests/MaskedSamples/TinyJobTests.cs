using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Specs;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>masked-samples on a network that the tests make themselves.</summary>
public sealed class TinyJobTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"baseline": {"type": "zero"}, "value": {"type": "logit", "target": 2}}""")]
    [InlineData("""{"baseline": {"type": "constant", "value": [0.5, -1, 2]}, "outside": "baseline", "value": {"type": "probability", "target": "predicted"}, "batch": 7}""")]
    [InlineData("""{"players": {"type": "groups", "groups": [[0, 5, 100], [7], [64, 65]]}, "interactions": {"solver": "half"}}""")]
    public async Task Values_equal_masking_done_outside(string change)
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec(change));
        await Outside.Check(_lab, job, TinyNetwork.Onnx([3, 8, 8], 4), "pictures");
    }

    [Fact]
    public async Task Columns_of_a_table_are_players()
    {
        var job = await Job.Run(_lab, "masked-samples", """{"model": "rows-net", "dataset": "rows", "samples": {"from": 3, "to": 6}, "players": {"type": "columns"}}""");
        await Outside.Check(_lab, job, TinyNetwork.Onnx([6], 3), "rows");
        Assert.All((await job.Result<MaskedSamplesResult>()).Samples, sample => Assert.Equal([0, 1, 2, 3, 4, 5], sample.Players));
    }

    [Theory]
    [InlineData("certified")]
    [InlineData("paper")]
    [InlineData("half")]
    public async Task Every_solver_matches_universally(string solver)
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec($$$"""{"samples": {"from": 0, "to": 6}, "interactions": {"solver": "{{{solver}}}", "iterations": 3000}}"""));
        foreach (var cell in Enumerable.Range(0, 6))
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            var span = Math.Abs(game.V[^1] - game.V[0]);
            for (var mask = 0; mask < game.V.Length; mask++)
            {
                var sum = game.Bias + game.Delta[mask];
                for (var t = 1; t < game.V.Length; t++)
                {
                    sum += ((t & mask) == t ? game.And[t] : 0) + ((t & mask) != 0 ? game.Or[t] : 0);
                }

                Assert.Equal(game.V[mask], sum, 1e-9 * span);
                Assert.InRange(Math.Abs(game.Delta[mask]), 0, (0.02 * span) + 1e-12);
            }
        }

        Assert.All((await job.Result<MaskedSamplesResult>()).Samples, sample => Assert.InRange(sample.MatchError, 0, 1e-9));
    }

    [Fact]
    public async Task Sixteen_players_work()
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": [5], "players": {"type": "grid", "rows": 4, "columns": 4}, "interactions": {"solver": "half"}, "batch": 1024}"""));
        Assert.Equal(65_536 + 1, job.Work.Estimate.ForwardPasses);
        var sample = Assert.Single((await job.Result<MaskedSamplesResult>()).Samples);
        Assert.Equal(16, sample.Orders.Count);
        Assert.InRange(sample.MatchError, 0, 1e-9);
        var output = await job.Complete();
        Assert.InRange(output.Tables.Single(table => table.Name == "fidelity").Rows.Count, 500, 512);
        Assert.Equal([1L, 65_536], Npz.Read<double>(await job.Artifact("values.npz"), "v", out var shape).Length == 65_536 ? shape : []);

        // What is kept takes what the estimate says, to a few percent.
        var kept = job[0]!.Length + (await job.Artifact("values.npz")).Length + (await job.Artifact("interactions.npz")).Length;
        Assert.InRange(kept, 0.95 * job.Work.Estimate.Bytes, 1.05 * job.Work.Estimate.Bytes);
    }

    [Fact]
    public async Task A_damaged_cell_is_named()
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec());
        job[1]![^50] ^= 1;
        var fault = await Assert.ThrowsAsync<InvalidDataException>(job.Complete);
        Assert.Contains("Cell 1 is damaged", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_gives_no_number_fails_the_job_and_says_so()
    {
        // Weights that take the first layer out of the range of single precision.
        _lab.AddModel("huge", TinyNetwork.Onnx([3, 8, 8], 4, scale: 3e38));
        var spec = MaskedSamplesSpecTests.Spec("""{"model": "huge"}""");
        var fault = await Assert.ThrowsAsync<ExperimentException>(() => Job.Run(_lab, "masked-samples", spec));
        Assert.Contains("sample 0 under mask", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resumed_job_equals_an_uninterrupted_one_byte_for_byte()
    {
        var spec = MaskedSamplesSpecTests.Spec("""{"samples": {"count": 2, "seed": 5, "perClass": true, "correctOnly": true}}""");
        var whole = await Job.Run(_lab, "masked-samples", spec);
        _lab.Cache.Clear();
        var resumed = await Job.Plan(_lab, "masked-samples", spec);
        await resumed.Run([6, 3, 0]);
        await resumed.Run([7, 1, 5]);
        await resumed.Run([4, 2]);
        for (var cell = 0; cell < whole.Count; cell++)
        {
            Assert.Equal(whole[cell]!, resumed[cell]!);
        }

        Assert.Equal(await whole.Everything(), await resumed.Everything());
    }

    [Fact]
    public async Task Correct_samples_are_correct_and_places_without_one_stay_empty()
    {
        // As many as there are: the network is untrained, so it cannot be right on all 40.
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": {"count": 40, "correctOnly": true}, "players": {"type": "groups", "groups": [[0]]}}"""));
        var result = await job.Result<MaskedSamplesResult>();
        Assert.InRange(result.Samples.Count, 1, 39);
        Assert.All(result.Samples, sample => Assert.Equal(sample.Label, sample.Prediction));
        Assert.Contains(result.Notes, note => note.StartsWith($"{40 - result.Samples.Count} of 40 places stayed empty", StringComparison.Ordinal));
        Assert.Equal((40, 40), (result.Finished, result.Total));
        Assert.Equal(80 + 40, job.Work.Estimate.ForwardPasses);
        Assert.Null(await ((IGamePlan)job.Work).ReadGameAsync(job, 39, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sample_whose_logits_are_no_numbers_is_not_correct()
    {
        // Of four labels a quarter are 0, the first class.
        _lab.AddModel("lost", TinyNetwork.Onnx([3, 8, 8], 4, scale: float.NaN));
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"model": "lost", "samples": {"count": 3, "correctOnly": true}}"""));
        var result = await job.Result<MaskedSamplesResult>();
        Assert.Empty(result.Samples);
        Assert.Contains("3 of 3 places stayed empty: the dataset has no further correctly classified sample for them.", result.Notes);
    }

    [Fact]
    public async Task Partial_results_are_those_of_the_finished_cells()
    {
        var whole = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": [4, 9, 2], "salience": {"rule": "sample-max", "factor": 0.1}}"""));
        var part = await Job.Plan(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": [4, 9, 2], "salience": {"rule": "sample-max", "factor": 0.1}}"""));
        var empty = await part.Result<MaskedSamplesResult>();
        Assert.Empty(empty.Samples);
        Assert.Null(empty.Threshold);
        Assert.NotEmpty(await part.Everything());

        (part[0], part[2]) = (whole[0], whole[2]);
        var all = await whole.Result<MaskedSamplesResult>();
        var some = await part.Result<MaskedSamplesResult>();
        Assert.Equal((2, 3), (some.Finished, some.Total));
        Assert.Equal([4, 2], some.Samples.Select(sample => sample.Index));
        Assert.Equal(all.Samples[2].Objective, some.Samples[1].Objective);
        Assert.Equal(all.Samples[2].Threshold, some.Samples[1].Threshold);
        Assert.Contains(some.Notes, note => note.Contains("2 of 3", StringComparison.Ordinal));
        long[] index = [4, 2];
        Assert.Equal(index, Npz.Read<long>(await part.Artifact("values.npz"), "index", out _));
    }

    [Theory]
    [InlineData("""{"rule": "mean-span", "factor": 0.1}""")]
    [InlineData("""{"rule": "pooled-max", "factor": 0.2}""")]
    [InlineData("""{"rule": "sample-max", "factor": 0.2}""")]
    [InlineData("""{"rule": "top-k", "k": 5}""")]
    public async Task One_sample_read_alone_agrees_with_the_result(string salience)
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec($$$"""{"samples": {"from": 0, "to": 5}, "salience": {{{salience}}}}"""));
        var result = await job.Result<MaskedSamplesResult>();
        var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, 3, TestContext.Current.CancellationToken))!;
        var sample = result.Samples[3];
        Assert.Equal((sample.Index, sample.Label, sample.Threshold, sample.VEmpty), (game.Index, game.Label, game.Threshold, game.Bias));
        Assert.Equal(sample.Fidelity, game.Fidelity());
        Assert.Equal(sample.Orders, game.Orders());
        Assert.Equal(sample.Top[0].Effect, game.Strongest(1)[0].Effect);
        var archive = await job.Artifact("interactions.npz");
        foreach (var (name, table) in new[] { ("and", game.And), ("or", game.Or), ("delta", game.Delta) })
        {
            Assert.Equal(table, Npz.Read<double>(archive, name, out _).Skip(3 * 64).Take(64));
        }

        var curve = game.FidelityCurve(10);
        Assert.Equal((0, 63, 10), (curve[0].Rank, curve[^1].Rank, curve.Count));
        Assert.Equal(curve.OrderBy(point => point.V), curve);
        Assert.Equal(salience.Contains("sample-max", StringComparison.Ordinal) || salience.Contains("top-k", StringComparison.Ordinal), result.Threshold is null);
        if (salience.Contains("top-k", StringComparison.Ordinal))
        {
            Assert.All(result.Samples, each => Assert.Equal(5, each.SalientAnd + each.SalientOr));
        }
    }

    [Fact]
    public async Task The_tables_agree_with_the_result()
    {
        var job = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": {"from": 0, "to": 3}}"""));
        var output = await job.Complete();
        var result = (MaskedSamplesResult)output.Result;
        ResultTable Table(string name) => output.Tables.Single(table => table.Name == name);
        IEnumerable<IReadOnlyList<object?>> Rows(string name, int index) => Table(name).Rows.Where(row => (int)row[0]! == index);
        Assert.All(output.Tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));
        Assert.Equal(result.Samples.Select(sample => (object?)sample.Objective), Table("samples").Rows.Select(row => row[8]));
        Assert.Equal(result.Orders.Select(order => (object?)order.Negative), Table("orders").Rows.Select(row => row[2]));
        Assert.Equal(result.Orders[1].Positive, Table("sample-orders").Rows.Where(row => (int)row[1]! == 2).Average(row => (double)row[2]!), 1e-12);
        Assert.Equal(result.Samples.Sum(sample => sample.SalientAnd + sample.SalientOr), Table("interactions").Rows.Count);
        var cells = result.Samples.SelectMany(sample => sample.Top.Where(top => top.Salient).Select(top => (object?)string.Join(' ', top.Players.Select(player => sample.Players[player]))));
        Assert.Equal(cells, result.Samples.SelectMany(sample => Rows("interactions", sample.Index).Take(20).Select(row => row[5])));
        Assert.Equal(3 * 64, Table("fidelity").Rows.Count);
        Assert.Equal(7, Table("sparsity").Rows.Count);
        Assert.Equal(126, Table("strengths").Rows.Count);
        Assert.Equal(result.StrengthCurve.Sum(point => point.Strength), result.Samples.Average(sample => sample.Orders.Count) > 0 ? await MeanStrength(job) : 0, 1e-9);
    }

    private static async Task<double> MeanStrength(Job job)
    {
        var sum = 0.0;
        for (var cell = 0; cell < job.Count; cell++)
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            sum += game.And.Skip(1).Concat(game.Or.Skip(1)).Sum(Math.Abs);
        }

        return sum / job.Count;
    }
}
