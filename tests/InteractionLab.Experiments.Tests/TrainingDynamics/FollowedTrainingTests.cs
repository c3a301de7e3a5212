using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.Tests.TrainingDynamics;

/// <summary>A training job followed at several moments of its life; its cells are as training jobs write them.</summary>
public sealed class FollowedTrainingTests
{
    private const string Spec = """
        {"trainingJob": "run", "references": ["r"], "train": {"dataset": "pictures", "samples": [0, 1]}, "test": {"dataset": "pictures", "samples": [20]},
         "players": {"type": "grid", "rows": 2, "columns": 2, "select": "all"}}
        """;

    [Fact]
    public async Task Points_appear_as_epochs_finish_and_the_whole_equals_the_same_snapshots_given_one_by_one()
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 0);
        var job = await Job.Plan(lab, "training-dynamics", Spec);
        Assert.Equal(["run"], job.Work.Jobs);
        Assert.Equal(["reference-0/block-0", "epoch-0/block-0", "epoch-2/block-0", "epoch-3/block-0"], job.Work.Cells);
        await job.Run([0]);
        var wait = await Assert.ThrowsAsync<NotReadyException>(() => job.Run([1]));
        Assert.Equal((JobWait.Cell, "waits for epoch 0 of 'a run' (job run)"), (wait.Until, wait.Message));

        FollowedRun.Set(lab, CatalogJobState.Unfinished, finished: 2);
        await job.Run([1]);
        await Assert.ThrowsAsync<NotReadyException>(() => job.Run([2]));
        Assert.Equal([0], (await job.Result<TrainingDynamicsResult>()).Points.Select(point => point.Epoch));

        FollowedRun.Set(lab, CatalogJobState.Succeeded, finished: 4);
        await job.Run([2, 3]);
        var followed = await job.Result<TrainingDynamicsResult>();
        var given = await (await Job.Run(lab, "training-dynamics", Spec.Replace("\"trainingJob\": \"run\"", """ "snapshots": [{"epoch": 0, "model": "m0"}, {"epoch": 2, "model": "m2"}, {"epoch": 3, "model": "m3"}] """, StringComparison.Ordinal))).Result<TrainingDynamicsResult>();
        Assert.Equivalent(given.Points, followed.Points, strict: true);
        Assert.Equivalent(given.Phases, followed.Phases, strict: true);
    }

    [Fact]
    public async Task The_last_epoch_is_followed_only_where_the_job_keeps_it()
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, CatalogJobState.Succeeded, finished: 3, kept: [0, 2]);
        var job = await Job.Plan(lab, "training-dynamics", Spec);
        Assert.Equal(["reference-0/block-0", "epoch-0/block-0", "epoch-2/block-0"], job.Work.Cells);
        await job.Run([0, 1, 2]);
        Assert.Equal([0, 2], (await job.Result<TrainingDynamicsResult>()).Points.Select(point => point.Epoch));
    }

    [Theory]
    [InlineData("Failed", "The training job 'a run' (run) failed before epoch 2. Its 1 snapshots are analysed and stand in the partial result; retry it, and then this job, for the rest.")]
    [InlineData("Cancelled", "The training job 'a run' (run) was cancelled before epoch 2. Its 1 snapshots are analysed and stand in the partial result; retry it, and then this job, for the rest.")]
    [InlineData("Succeeded", "The training job 'a run' (run) kept no snapshot of epoch 2.")]
    public async Task A_training_job_that_ended_without_a_snapshot_ends_the_job_with_a_reason(string state, string why)
    {
        using var lab = FollowedRun.NewLab();
        FollowedRun.Set(lab, Enum.Parse<CatalogJobState>(state), finished: 2);
        var job = await Job.Plan(lab, "training-dynamics", Spec);
        await job.Run([0, 1]);
        Assert.Equal(why, (await Assert.ThrowsAsync<ExperimentException>(() => job.Run([2]))).Message);
        Assert.Single((await job.Result<TrainingDynamicsResult>()).Points);
    }

    [Fact]
    public async Task Jobs_that_have_no_snapshots_to_follow_are_refused()
    {
        using var lab = FollowedRun.NewLab();
        lab.SetJob(new CatalogJob("run", "games", "a run", CatalogJobState.Succeeded, JsonElement.Parse("{}"), null, FollowedRun.NoCells));
        Assert.Equal(["job 'run' is of kind games; only a training job has snapshots"], (await Job.Refused(lab, "training-dynamics", Spec))["trainingJob"]);
        FollowedRun.Set(lab, CatalogJobState.Unfinished, 0, new PruneSpec(0.2, 0.5));
        Assert.Equal(["job 'run' trains in rounds of pruning; give the snapshots of one round as snapshots"], (await Job.Refused(lab, "training-dynamics", Spec))["trainingJob"]);
    }
}
