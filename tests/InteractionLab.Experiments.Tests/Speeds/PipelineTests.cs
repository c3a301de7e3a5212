using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.PruningSweep;
using InteractionLab.Experiments.Tests.Specs;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Tests.Speeds;

/// <summary>Cells whose rest goes on beside the next ones are those of one after the other, bit for bit.</summary>
public sealed class PipelineTests
{
    [Theory]
    [InlineData("masked-samples")]
    [InlineData("pruning-sweep")]
    [InlineData("training-dynamics")]
    [InlineData("games")]
    public async Task Overlapping_gives_the_same_cells(string kind)
    {
        var (one, other) = (await RunAsync(kind, ahead: false), await RunAsync(kind, ahead: true));
        Assert.True(one.Count > 1);
        for (var cell = 0; cell < one.Count; cell++)
        {
            Assert.Equal(one[cell], other[cell]);
        }
    }

    [Fact]
    public async Task A_cancelled_rest_ends_and_nothing_is_kept_of_its_cell()
    {
        // A game that takes long: one of six players may be solved before a busy machine gets to cancel it.
        using var lab = NewLab();
        using var source = new CancellationTokenSource();
        var job = await Job.Plan(lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"players.select": 12, "interactions.gap": 1e-12, "interactions.iterations": 10000000}"""));
        await using var run = await job.Work.StartAsync(lab.Context(job), TestContext.Current.CancellationToken);
        var rest = await ((IPipelinedRun)run).BeginCellAsync(0, null, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rest);
    }

    /// <summary>Bounds that any overlap has: never less than either kind of work allows, never more than one after the other.</summary>
    [Theory]
    [InlineData(10, 4, 1, 1, 1, 14)]
    [InlineData(10, 4, 100, 1, 1, 14)]
    [InlineData(10, 4, 1, 1, 8, 14)]
    [InlineData(10, 4, 100, 1, 2, 12.02)]
    [InlineData(0, 10, 100, 1, 2, 5.05)]
    [InlineData(1, 30, 100, 1, 16, 15.16)]
    [InlineData(1, 30, 100, 4, 16, 6.25)]
    [InlineData(10, 0, 5, 1, 4, 10)]
    public void Overlapped_seconds(double first, double rest, long cells, int ahead, int threads, double seconds) =>
        Assert.Equal(seconds, new Pipeline(cells, ahead).Seconds(first, rest, threads), 1e-9);

    [Fact]
    public void As_many_games_are_begun_as_there_are_threads_but_few_large_ones()
    {
        Assert.InRange(CellsAhead.Of(4), 2, Math.Max(2, ProcessorShare.Threads));
        Assert.Equal(2, CellsAhead.Of(24));
        Assert.Equal(2, CellsAhead.Of(16, games: 16));
    }

    private static async Task<Job> RunAsync(string kind, bool ahead)
    {
        using var lab = NewLab();
        var job = await Job.Plan(lab, kind, Spec(kind));
        if (ahead)
        {
            await job.RunAhead();
        }
        else
        {
            await job.Run(Enumerable.Range(0, job.Count));
        }

        return job;
    }

    private static string Spec(string kind) => kind switch
    {
        "masked-samples" => MaskedSamplesSpecTests.Spec("""{"samples": {"from": 0, "to": 6}}"""),
        "pruning-sweep" => SweepJobTests.Spec(),
        "training-dynamics" => """
            {"snapshots": [{"epoch": 0, "model": "net"}, {"epoch": 1, "model": "other"}], "references": ["third"],
             "train": {"dataset": "pictures", "samples": {"from": 0, "to": 18}}, "test": {"dataset": "pictures", "samples": {"from": 20, "to": 23}},
             "players": {"type": "grid", "rows": 4, "columns": 4, "select": 4, "by": "random", "seed": 3}}
            """,
        _ => """{"games": [[0, 1, 2, 4], [0, 2, 1, 5], [1, 0, 0, 3]], "pairs": [[0, 1], [1, 2]]}""",
    };

    private static Lab NewLab()
    {
        var lab = Lab.Tiny();
        lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.25));
        lab.AddModel("third", TinyNetwork.Onnx([3, 8, 8], 4, scale: 0.75));
        return lab;
    }
}
