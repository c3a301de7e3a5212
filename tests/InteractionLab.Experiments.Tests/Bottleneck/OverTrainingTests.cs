using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Bottleneck;

/// <summary>Profiles of the snapshots of a training run, given one by one or by its job.</summary>
[Trait("speed", "slow")]
public sealed class OverTrainingTests
{
    private const string Rest = """
        "dataset": "pictures", "samples": [3, 5], "players": {"type": "grid", "rows": 2, "columns": 3}, "device": "cpu"}
        """;

    private const string Options = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";
    private const string Followed = """{"trainingJob": "run", """ + Rest;
    private const string Given = """{"snapshots": [{"epoch": 3, "model": "m3"}, {"epoch": 0, "model": "m0"}, {"epoch": 2, "model": "m2"}], """ + Rest;

    [Fact]
    public async Task Profiles_appear_as_epochs_finish_and_equal_those_of_the_same_models()
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 0);
        var job = await Job.Plan(lab, "bottleneck", Followed);
        Assert.Equal(["run"], job.Work.Jobs);
        Assert.Equal(["epoch/0/sample/3", "epoch/0/sample/5", "epoch/2/sample/3", "epoch/2/sample/5", "epoch/3/sample/3", "epoch/3/sample/5"], job.Work.Cells);
        var wait = await Assert.ThrowsAsync<NotReadyException>(() => job.Run([0]));
        Assert.Equal((JobWait.Cell, "waits for epoch 0 of 'a run' (job run)"), (wait.Until, wait.Message));

        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 2);
        await job.Run([0, 1]);
        await Assert.ThrowsAsync<NotReadyException>(() => job.Run([2]));
        var partial = Assert.Single((await job.Result<BottleneckResult>()).Models);
        Assert.Equal((0, "m0"), (partial.Epoch, partial.Model));

        FollowedRun.Set(lab, CatalogJobState.Succeeded, finished: 4);
        await job.Run([2, 3, 4, 5]);
        var followed = (await job.Result<BottleneckResult>()).Models;
        Assert.Equal([0, 2, 3], followed.Select(profile => profile.Epoch));
        Assert.Equivalent(followed, (await (await Job.Run(lab, "bottleneck", Given)).Result<BottleneckResult>()).Models, strict: true);

        var models = (await (await Job.Run(lab, "bottleneck", """{"models": ["m0", "m2", "m3"], """ + Rest)).Result<BottleneckResult>()).Models;
        Assert.Equivalent(models, followed.Select(profile => profile with { Epoch = null }), strict: true);
        var table = (await job.Complete()).Tables.Single(table => table.Name == "epochs");
        Assert.Equal(3 * 5, table.Rows.Count);
        Assert.Equal([1, 0.25, 2, "m2", followed[1].Strength![1], followed[1].Reduced![1], 0.0, followed[1].Magnitude[1]], table.Rows[4]);
    }

    [Fact]
    public async Task A_sampled_job_over_snapshots_resumes_and_stops_at_the_wanted_error_as_one_over_models()
    {
        const string Sampled = """ "method": "sampled", "orders": "all", "contexts": 16, "standardError": 1e-9, """;
        using var lab = FollowedRun.NewLab();
        var whole = await Job.Run(lab, "bottleneck", Given.Replace("\"dataset\"", Sampled + "\"dataset\"", StringComparison.Ordinal));
        using var other = FollowedRun.NewLab();
        var parts = await Job.Plan(other, "bottleneck", Given.Replace("\"dataset\"", Sampled + "\"dataset\"", StringComparison.Ordinal));
        Assert.Equal("round/0/epoch/0/sample/3", parts.Work.Cells[0]);
        for (var cell = 0; cell < parts.Count; cell += 5)
        {
            await parts.Run(Enumerable.Range(cell, Math.Min(5, parts.Count - cell)));
        }

        Assert.Equal(await whole.Everything(), await parts.Everything());
        using var models = FollowedRun.NewLab();
        var listed = await Job.Run(models, "bottleneck", """{"models": ["m0", "m2", "m3"], """ + Sampled + Rest);
        Assert.Equivalent((await listed.Result<BottleneckResult>()).Models, (await whole.Result<BottleneckResult>()).Models.Select(profile => profile with { Epoch = null }), strict: true);
    }

    [Theory]
    [InlineData(Followed)]
    [InlineData(Given)]
    public async Task The_spec_of_a_job_is_read_again_as_it_is_kept(string spec)
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 0);
        var job = await Job.Plan(lab, "bottleneck", spec);
        Assert.Equal(job.Work.Cells, (await Job.Plan(lab, "bottleneck", job.Work.Spec.GetRawText())).Work.Cells);
    }

    [Theory]
    [InlineData("""{"trainingJob": "nothing", """, "trainingJob", "there is no job 'nothing'")]
    [InlineData("""{"models": ["net"], "trainingJob": "run", """, "models", "give either models or trainingJob")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "m0"}, {"epoch": 1, "model": "m2"}], """, "snapshots[1].epoch", "epoch 1 is already given by snapshots[0]")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "m0"}, {"epoch": 2, "model": "rows-net"}], """, "snapshots[1].model", null)]
    [InlineData("""{"trainingJob": "run", "value": {"type": "logit", "target": "predicted"}, """, "value.target", "the networks predict different classes; use label or a class")]
    [InlineData("""{"trainingJob": "run", "nEff": 9, """, "nEff", "is 9, but there are 6 players")]
    public async Task Faults_are_named(string start, string field, string? why)
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 0);
        var errors = await Job.Refused(lab, "bottleneck", start + Rest);
        Assert.Contains(field, errors.Keys);
        Assert.True(why is null || errors[field].Contains(why), string.Join(';', errors[field]));
    }

    [Fact]
    public async Task The_strength_of_a_real_network_over_training_is_that_of_each_snapshot_alone()
    {
        int[] epochs = [0, 1, 4, 12];
        using var lab = new Lab();
        lab.AddDataset("cifar", "cifar10", Options, SharedData.Path("data", "cifar10", "test_batch.bin"));
        foreach (var epoch in epochs)
        {
            lab.AddModel($"e{epoch}", File.ReadAllBytes(SharedData.Path("models", $"cifar_resnet8_e{epoch:00}.onnx")));
        }

        const string Games = """
            "dataset": "cifar", "samples": [0, 1], "players": {"type": "grid", "rows": 3, "columns": 3}, "device": "cpu"}
            """;
        var snapshots = string.Join(", ", epochs.Select(epoch => $$"""{"epoch": {{epoch}}, "model": "e{{epoch}}"}"""));
        var result = await (await Job.Run(lab, "bottleneck", $$"""{"snapshots": [{{snapshots}}], """ + Games)).Result<BottleneckResult>();
        Assert.Equal(epochs.Select(epoch => (int?)epoch), result.Models.Select(profile => profile.Epoch));
        foreach (var profile in result.Models)
        {
            using var alone = new Lab();
            alone.AddDataset("cifar", "cifar10", Options, SharedData.Path("data", "cifar10", "test_batch.bin"));
            alone.AddModel("one", File.ReadAllBytes(SharedData.Path("models", $"cifar_resnet8_e{profile.Epoch:00}.onnx")));
            var own = Assert.Single((await (await Job.Run(alone, "bottleneck", """{"model": "one", """ + Games)).Result<BottleneckResult>()).Models);
            Assert.Equal(own.Strength, profile.Strength);
            Assert.InRange(profile.EfficiencyError!.Value, 0, 1e-6);
        }

        // Training changes what the network does: no two epochs look alike.
        Assert.Equal(epochs.Length, result.Models.Select(profile => profile.Magnitude[0]).Distinct().Count());
    }
}
