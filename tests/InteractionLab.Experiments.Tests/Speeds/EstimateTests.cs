using System.Text.Json.Nodes;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Specs;

namespace InteractionLab.Experiments.Tests.Speeds;

/// <summary>What an estimate says before anything has run, and what it remembers afterwards.</summary>
[Trait("speed", "slow")]
public sealed class EstimateTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_first_estimate_measures_and_later_ones_remember()
    {
        var first = await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal(EstimateBasis.Measured, first.Basis);
        Assert.InRange(first.Seconds!.Value, 1e-6, 1e4);
        Assert.Null(first.Note);

        var again = await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal(EstimateBasis.Remembered, again.Basis);
        Assert.Equal(first.Seconds, again.Seconds);
    }

    [Fact]
    public async Task What_is_remembered_does_not_wait_for_a_measurement_of_something_else()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var goOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gauge = new Gauge(run =>
        {
            begun.SetResult();
            goOn.Wait(cancellation);
            run.Note("slow", 1, TimeSpan.FromSeconds(3));
        });
        var measuring = Estimator.EstimateAsync(new ExperimentEstimate(1, 1), () => new Workload().Add("slow", 2, gauge), _lab, cancellation);
        try
        {
            await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
            var known = await Estimator.EstimateAsync(new ExperimentEstimate(1, 1), () => new Workload().Assume("known", 4, 0.5), _lab, cancellation).WaitAsync(TimeSpan.FromMinutes(1), cancellation);
            Assert.Equal((2.0, EstimateBasis.Remembered), (known.Seconds, known.Basis));
            Assert.False(measuring.IsCompleted);
        }
        finally
        {
            goOn.Set();
        }

        var measured = await measuring;
        Assert.Equal((6.0, EstimateBasis.Measured), (measured.Seconds, measured.Basis));
    }

    [Fact]
    public async Task A_network_of_the_same_structure_needs_no_measurement_of_its_own()
    {
        _lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.25));
        await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal(EstimateBasis.Remembered, (await Estimate("masked-samples", MaskedSamplesSpecTests.Spec("""{"model": "other"}"""))).Basis);
    }

    [Fact]
    public async Task What_a_job_took_replaces_what_was_measured_for_an_estimate()
    {
        await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.All(_lab.Rates.Snapshot().Where(rate => !rate.Key.StartsWith("batch ", StringComparison.Ordinal)), rate => Assert.Equal(RateSource.Calibrated, rate.Value.Source));
        await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Contains(_lab.Rates.Snapshot(), rate => rate.Key.StartsWith("rows ", StringComparison.Ordinal) && rate.Value.Source == RateSource.Worked);
        Assert.Equal(RateSource.Worked, Assert.Single(_lab.Rates.Snapshot(), rate => rate.Key.StartsWith("solve ", StringComparison.Ordinal)).Value.Source);
        Assert.Equal(EstimateBasis.Remembered, (await Estimate("masked-samples", MaskedSamplesSpecTests.Spec())).Basis);
    }

    [Fact]
    public async Task What_is_measured_beside_jobs_says_so_and_is_measured_again_without_them()
    {
        _lab.RunningJobs = 1;
        var busy = await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal(EstimateBasis.Measured, busy.Basis);
        Assert.Contains("a job runs", busy.Note, StringComparison.Ordinal);
        Assert.Equal(EstimateBasis.Remembered, (await Estimate("masked-samples", MaskedSamplesSpecTests.Spec())).Basis);

        _lab.RunningJobs = 0;
        var quiet = await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal(EstimateBasis.Measured, quiet.Basis);
        Assert.Null(quiet.Note);
    }

    [Fact]
    public async Task A_network_that_cannot_be_run_gives_no_seconds_and_the_reason()
    {
        File.WriteAllBytes((await _lab.FindModelAsync("net", TestContext.Current.CancellationToken))!.Path, [1, 2, 3]);
        var estimate = await Estimate("masked-samples", MaskedSamplesSpecTests.Spec());
        Assert.Equal((EstimateBasis.Unknown, (double?)null), (estimate.Basis, estimate.Seconds));
        Assert.False(string.IsNullOrWhiteSpace(estimate.Note));
        Assert.True(estimate.ForwardPasses > 0);
    }

    [Fact]
    public async Task A_cancelled_estimate_ends()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var job = await Job.Plan(_lab, "masked-samples", MaskedSamplesSpecTests.Spec());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.Work.EstimateAsync(source.Token));
    }

    [Fact]
    public async Task Passes_of_a_search_for_correct_samples_bound_those_of_the_job()
    {
        var spec = MaskedSamplesSpecTests.Spec("""{"samples": {"count": 3, "seed": 5, "correctOnly": true}}""");
        var estimate = await Estimate("masked-samples", spec);
        var result = await (await Job.Run(_lab, "masked-samples", spec)).Result<MaskedSamplesResult>();
        Assert.InRange(result.ForwardPasses, 1, estimate.ForwardPasses);
        Assert.NotNull(estimate.Seconds);
    }

    [Fact]
    public async Task Games_and_pairs_have_seconds_before_any_run()
    {
        var spec = new JsonObject
        {
            ["games"] = new JsonArray(new JsonArray(0, 1, 2, 4), new JsonArray(0, 2, 1, 5)),
            ["pairs"] = new JsonArray(new JsonArray(0, 1)),
        };
        var estimate = await Estimate("games", spec.ToJsonString());
        Assert.Equal(EstimateBasis.Measured, estimate.Basis);
        Assert.True(estimate.Seconds > 0);
    }

    [Theory]
    [InlineData("""{"players": {"type": "grid", "rows": 4, "columns": 4, "select": 6, "by": "attribution"}}""")]
    [InlineData("{}")]
    public async Task Passes_are_those_of_the_job_and_the_second_job_finds_them_all(string changes)
    {
        _lab.Speed = _lab.Rates;
        var spec = MaskedSamplesSpecTests.Spec(changes);
        var before = await Estimate("masked-samples", spec);
        Assert.Equal(0, before.SavedPasses);
        Assert.Equal(EstimateBasis.Measured, before.Basis);
        var first = await (await Job.Run(_lab, "masked-samples", spec)).Result<MaskedSamplesResult>();
        Assert.Equal((before.ForwardPasses, 0), (first.ForwardPasses, first.SavedPasses));

        var after = await Estimate("masked-samples", spec);
        Assert.Equal(after.ForwardPasses, after.SavedPasses);
        Assert.True(after.Seconds < before.Seconds);
        var second = await (await Job.Run(_lab, "masked-samples", spec)).Result<MaskedSamplesResult>();
        Assert.Equal((0, before.ForwardPasses), (second.ForwardPasses, second.SavedPasses));
    }

    [Fact]
    public async Task A_bottleneck_counts_attribution_and_what_the_cache_saves()
    {
        _lab.Speed = _lab.Rates;
        const string Spec = """
            {"models": ["net"], "dataset": "pictures", "samples": [0, 1], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 6, "by": "attribution"},
             "method": "sampled", "orders": [0, 0.5, 1], "pairs": {"count": 5}, "contexts": 4, "device": "cpu"}
            """;
        var before = await Estimate("bottleneck", Spec);
        Assert.Equal((0, EstimateBasis.Measured), (before.SavedPasses, before.Basis));
        var first = await (await Job.Run(_lab, "bottleneck", Spec)).Result<BottleneckResult>();
        Assert.Equal((before.ForwardPasses, 0), (first.ForwardPasses, first.SavedPasses));
        Assert.Equal(before.ForwardPasses, (await Estimate("bottleneck", Spec)).SavedPasses);
        var second = await (await Job.Run(_lab, "bottleneck", Spec)).Result<BottleneckResult>();
        Assert.Equal((0, before.ForwardPasses), (second.ForwardPasses, second.SavedPasses));
    }

    [Fact]
    public async Task Macro_tests_have_seconds_before_any_run_and_are_not_run_twice()
    {
        const string Spec = """
            {"models": ["net"], "dataset": "pictures", "samples": {"from": 0, "to": 12}, "device": "cpu", "structure": {"rows": 4, "columns": 4},
             "fit": {"train": {"dataset": "pictures", "samples": {"from": 12, "to": 40}}}, "robustness": {"epsilon": 0.2, "steps": 5, "stepSize": 0.1}}
            """;
        var estimate = await Estimate("macro", Spec);
        Assert.Equal(EstimateBasis.Measured, estimate.Basis);
        Assert.True(estimate.Seconds > 0);
        var first = await (await Job.Run(_lab, "macro", Spec)).Result<MacroResult>();
        var second = await (await Job.Run(_lab, "macro", Spec)).Result<MacroResult>();
        Assert.Equal((estimate.ForwardPasses, 0), (first.ForwardPasses, first.SavedPasses));
        Assert.Equal((0, estimate.ForwardPasses), (second.ForwardPasses, second.SavedPasses));
        Assert.Equivalent(first.Models, second.Models, strict: true);
    }

    [Fact]
    public async Task Training_has_seconds_before_any_run()
    {
        var estimate = await Estimate("training", """
            {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "train": {"dataset": "rows", "samples": {"from": 0, "to": 15}}, "test": {"dataset": "rows", "samples": {"from": 15, "to": 20}},
             "epochs": 2, "batchSize": 4, "optimizer": {"type": "sgd", "learningRate": 0.1}, "device": "cpu"}
            """);
        Assert.Equal(EstimateBasis.Measured, estimate.Basis);
        Assert.True(estimate.Seconds > 0);
    }

    [Fact]
    public async Task A_study_is_the_sum_of_its_jobs()
    {
        var estimate = await Estimate("training-study", """
            {"data": {"dataset": "pictures", "testShare": 0.5}, "references": 2, "samples": 3,
             "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2, "batchSize": 8, "optimizer": {"type": "sgd", "learningRate": 0.1}, "device": "cpu"},
             "analysis": {"players": {"type": "grid", "rows": 4, "columns": 4, "select": 5, "by": "random", "seed": 1}, "device": "cpu"}}
            """);
        Assert.Equal(EstimateBasis.Measured, estimate.Basis);
        Assert.True(estimate.Seconds > 0);
    }

    private async Task<ExperimentEstimate> Estimate(string kind, string spec) =>
        await (await Job.Plan(_lab, kind, spec)).Work.EstimateAsync(TestContext.Current.CancellationToken);
}
