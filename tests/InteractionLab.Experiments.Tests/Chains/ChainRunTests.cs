using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Tests.Common;

namespace InteractionLab.Experiments.Tests.Chains;

/// <summary>What a chain does when one of its jobs ends without a result.</summary>
public sealed class ChainRunTests
{
    private static readonly ChainStep[] Steps =
    [
        new("first", "the first", "games", [], [], _ => default),
        new("second", "the second", "games", [], [], _ => default),
        new("third", "the third", "games", [], [], _ => default),
    ];

    [Theory]
    [InlineData("Failed", "the second failed (job job-0-second): it broke.")]
    [InlineData("Cancelled", "the second was cancelled (job job-0-second). A retry of this job retries it.")]
    public async Task No_further_job_is_begun_and_those_that_run_are_stopped(string state, string why)
    {
        using var lab = new Lab();
        Set(lab, "first", CatalogJobState.Unfinished);
        Set(lab, "second", Enum.Parse<CatalogJobState>(state));
        await using var run = new ChainRun(Steps, lab.Context(await NoJob(lab)), lab);
        var error = await Assert.ThrowsAsync<ExperimentException>(() => run.RunCellAsync(0, null, TestContext.Current.CancellationToken));
        Assert.Equal(why, error.Message);
        Assert.Equal(CatalogJobState.Cancelled, (await StateAsync(lab, "first"))!.State);
        Assert.Null(await StateAsync(lab, "third"));
    }

    [Fact]
    public async Task While_all_of_them_run_it_waits()
    {
        using var lab = new Lab();
        foreach (var step in Steps)
        {
            Set(lab, step.Role, CatalogJobState.Unfinished);
        }

        await using var run = new ChainRun(Steps, lab.Context(await NoJob(lab)), lab);
        var wait = await Assert.ThrowsAsync<NotReadyException>(() => run.RunCellAsync(0, null, TestContext.Current.CancellationToken));
        Assert.Equal((JobWait.End, "waits for the first (job job-0-first)"), (wait.Until, wait.Message));
        Assert.Equal(CatalogJobState.Unfinished, (await StateAsync(lab, "second"))!.State);
    }

    [Fact]
    public async Task A_step_whose_network_is_gone_is_named_and_those_that_run_are_stopped()
    {
        using var lab = Lab.Tiny();
        Set(lab, "first", CatalogJobState.Unfinished);
        var macro = JsonElement.Parse("""{"models": ["gone"], "dataset": "pictures", "fit": {"train": {"dataset": "pictures"}}}""");
        await using var run = new ChainRun([Steps[0], new("second", "the second", "macro", [], [], _ => macro)], lab.Context(await NoJob(lab)), lab);
        var error = await Assert.ThrowsAsync<ExperimentException>(() => run.RunCellAsync(0, null, TestContext.Current.CancellationToken));
        Assert.StartsWith("the second cannot be queued: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("there is no model 'gone'", error.Message, StringComparison.Ordinal);
        Assert.Equal(CatalogJobState.Cancelled, (await StateAsync(lab, "first"))!.State);
    }

    // The context needs a job to belong to; which one does not matter.
    private static Task<Job> NoJob(Lab lab) => Job.Plan(lab, "games", """{"games": [[0, 1]]}""");

    private static void Set(Lab lab, string role, CatalogJobState state) =>
        lab.SetJob(new CatalogJob($"job-0-{role}", "games", role, state, JsonElement.Parse("{}"), state == CatalogJobState.Failed ? "it broke." : null, FollowedRun.NoCells));

    private static Task<CatalogJob?> StateAsync(Lab lab, string role) => lab.FindJobAsync($"job-0-{role}", TestContext.Current.CancellationToken);
}
