using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.PruningSweep;

/// <summary>A sweep in pieces is the sweep in one, and its passes are those that were estimated.</summary>
public sealed class SweepResumeTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public SweepResumeTests() => _lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.1));

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("""{"keepModels": true}""")]
    [InlineData("""{"decomposition": "separate", "samples": {"count": 3, "seed": 1, "correctOnly": true}, "references": ["other", "net"]}""")]
    public async Task A_resumed_sweep_equals_an_uninterrupted_one_byte_for_byte(string change)
    {
        var whole = await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec(change));
        _lab.Cache.Clear();
        var job = await Job.Plan(_lab, "pruning-sweep", SweepJobTests.Spec(change));

        // The last cells first, each attempt losing one that it computed, and the outputs of half of them lost as well.
        var order = Enumerable.Range(0, job.Count).Reverse().Chunk(5).ToArray();
        for (var attempt = 0; attempt < order.Length; attempt++)
        {
            await job.Run(order[attempt]);
            job[order[attempt][^1]] = null;
            if (attempt % 2 == 1)
            {
                _lab.Cache.Clear();
            }
        }

        await job.Run(Enumerable.Range(0, job.Count).Where(cell => job[cell] is null).ToArray());
        for (var cell = 0; cell < whole.Count; cell++)
        {
            Assert.Equal(whole[cell]!, job[cell]!);
        }

        Assert.Equal(await whole.Everything(), await job.Everything());
    }

    [Theory]
    [InlineData("{}", 5 * 65 * (2 + 3) + (4 * 40))]
    [InlineData("""{"decomposition": "separate", "ratios": [0.5]}""", 5 * 65 * (2 + 1) + 40)]
    [InlineData("""{"references": ["net", "other"]}""", 5 * 65 * (2 + 3) + (4 * 40))]
    [InlineData("""{"references": [], "evaluation": {"samples": [1, 2]}}""", 5 * 65 * (1 + 3) + (4 * 2))]
    [InlineData("""{"pruner": null, "ratios": null, "pool": [{"sparsity": 0.1, "model": "net"}, {"sparsity": 0.2, "model": "other"}]}""", 5 * 65 * 2 + (2 * 40))]
    public async Task The_passes_are_those_estimated_and_a_second_sweep_makes_none(string change, long rows)
    {
        var job = await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec(change));
        Assert.Equal(rows, job.Work.Estimate.ForwardPasses);
        var first = await job.Result<PruningSweepResult>();
        Assert.Equal(rows, first.ForwardPasses + first.SavedPasses);

        // Within a job only equal networks at two ratios can save anything, and there are none here but the pool's.
        Assert.Equal(0, first.SavedPasses);
        var second = await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec(change));
        var result = await second.Result<PruningSweepResult>();
        Assert.Equal((0, rows), (result.ForwardPasses, result.SavedPasses));
        Assert.Equal(await job.Artifact("interactions.npz"), await second.Artifact("interactions.npz"));
        Assert.Equal(first.Points.Select(point => (point.Accuracy, point.RhoLow, point.Removed)), result.Points.Select(point => (point.Accuracy, point.RhoLow, point.Removed)));

        // Another pruner plays the unpruned games from the cache.
        if (change == "{}")
        {
            var other = await (await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec("""{"pruner": {"type": "random", "seed": 7}}"""))).Result<PruningSweepResult>();
            Assert.Equal((2 * 5 * 65) + 40, other.SavedPasses);
        }
    }

    [Fact]
    public async Task Partial_results_hold_the_ratios_whose_samples_are_finished()
    {
        var whole = await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec());
        var part = await Job.Plan(_lab, "pruning-sweep", SweepJobTests.Spec());
        Assert.Empty((await part.Result<PruningSweepResult>()).Points);
        Assert.NotEmpty(await part.Everything());

        // Three blocks unpruned; then three blocks and one of evaluation a ratio.
        Assert.Equal(3 + (4 * 4), part.Count);
        for (var cell = 0; cell < 3 + 4 + 3; cell++)
        {
            part[cell] = whole[cell];
        }

        part[15] = whole[15];
        var all = await whole.Result<PruningSweepResult>();
        var some = await part.Result<PruningSweepResult>();
        Assert.Equal([0, 0.3], some.Points.Select(point => point.Ratio));
        Assert.Equal(all.Points[0].Accuracy, some.Points[0].Accuracy);
        Assert.Null(some.Points[1].Accuracy);
        Assert.Equal((all.Points[1].RhoLow, all.Points[1].Removed, all.Points[1].Threshold), (some.Points[1].RhoLow, some.Points[1].Removed, some.Points[1].Threshold));
        Assert.Equal(all.Efficiency[0], Assert.Single(some.Efficiency));
        Assert.Empty(some.Phases);
        Assert.Equal((11, 19), (some.Finished, some.Total));
        Assert.Contains(some.Notes, note => note.StartsWith("Partial: 11 of 19", StringComparison.Ordinal));
        Npz.Read<double>(await part.Artifact("values.npz"), "v_pruned", out var shape);
        long[] expected = [2, 5, 64];
        Assert.Equal(expected, shape);
    }

    [Fact]
    public async Task The_tables_agree_with_the_result()
    {
        var job = await Job.Run(_lab, "pruning-sweep", SweepJobTests.Spec());
        var output = await job.Complete();
        var result = (PruningSweepResult)output.Result;
        ResultTable Table(string name) => output.Tables.Single(table => table.Name == name);
        Assert.All(output.Tables, table => Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count)));
        Assert.Equal(result.Points.Select(point => (object?)point.RhoLow), Table("points").Rows.Select(row => row[5]));
        Assert.Equal(4 * 6, Table("orders").Rows.Count);
        Assert.Equal(4 * 5, Table("samples").Rows.Count);
        Assert.Equal(3, Table("efficiency").Rows.Count);
        Assert.Equal(3, Table("phases").Rows.Count);
        Assert.Equal(result.Samples.Sum(sample => sample.Points.Sum(point => point.Top.Count)), Table("interactions").Rows.Count);

        // What is kept takes about what the estimate says.
        var kept = Enumerable.Range(0, job.Count).Sum(cell => (long)job[cell]!.Length) + (await job.Artifact("values.npz")).Length + (await job.Artifact("interactions.npz")).Length;
        Assert.InRange(kept, 0.7 * job.Work.Estimate.Bytes, 1.1 * job.Work.Estimate.Bytes);
    }
}
