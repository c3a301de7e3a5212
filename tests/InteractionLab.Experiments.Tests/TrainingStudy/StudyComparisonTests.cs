using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Experiments.Training;
using InteractionLab.Experiments.TrainingStudy;

namespace InteractionLab.Experiments.Tests.TrainingStudy;

/// <summary>A study that trains with and without a penalty; its children run at once.</summary>
[Trait("speed", "slow")]
public sealed class StudyComparisonTests
{
    private const string Kind = "training-study";

    [Fact]
    public async Task The_comparison_holds_the_numbers_of_its_jobs_and_the_penalty_changes_them()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, Kind, Spec(weight: 50));
        Assert.Equal(["reference-1", "target", "dynamics", "penalty", "penalty-dynamics", "pruned", "penalty-pruned"], job.Work.Cells);
        var result = await job.Result<TrainingStudyResult>();
        Assert.Equal([StudyVariant.Plain, StudyVariant.Penalty], result.Comparison.Select(row => row.Variant));
        var (plain, penalty) = (result.Comparison[0], result.Comparison[1]);

        var target = Of<TrainingResult>(result, "target");
        Assert.Equal(target.Epochs[^1].TestAccuracy, plain.TestAccuracy);
        Assert.Equal(target.Epochs[^1].TestLoss - target.Epochs[^1].TrainLoss, plain.LossGap);
        Assert.Equal([0, 1, 2, 3], plain.Course.Select(point => point.Epoch));
        Assert.Equal(result.Dynamics!.Points[^1].Generalization, plain.Generalization.Last);
        Assert.Equal(result.Dynamics.Points.Max(point => point.Generalization), plain.Generalization.Highest);
        Assert.Null(plain.PenaltySeconds);
        Assert.True(penalty.PenaltySeconds > 0);

        // At ratio 0 a pruned network is the last one, on the same samples.
        Assert.Equal([0, 0.5], plain.PrunedAccuracy.Select(point => point.Ratio));
        Assert.Equal(plain.TestAccuracy!.Value, plain.PrunedAccuracy[0].Accuracy!.Value, 1e-12);
        Assert.Equal(penalty.TestAccuracy!.Value, penalty.PrunedAccuracy[0].Accuracy!.Value, 1e-12);

        // Ten samples in steps of 4: two looked at in each of three steps, 2^3 masks, four passes a mask.
        Assert.Equal(3 * 6 * 8 * 4, penalty.Passes - plain.Passes);
        Assert.NotEqual(target.Epochs[^1].TestLoss, Of<TrainingResult>(result, "penalty").Epochs[^1].TestLoss);
        Assert.Equal(["steps", "comparison", "comparison-epochs", "comparison-pruned"], (await job.Complete()).Tables.Select(table => table.Name));
    }

    [Fact]
    public async Task A_penalty_of_weight_0_is_plain_training()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var result = await (await Job.Run(lab, Kind, Spec(weight: 0))).Result<TrainingStudyResult>();
        var (plain, penalty) = (result.Comparison[0], result.Comparison[1]);
        Assert.Null(penalty.PenaltySeconds);
        Assert.Equal(Text(plain), Text(penalty with { Variant = StudyVariant.Plain }));
        Assert.Equal(
            Of<TrainingResult>(result, "target").Snapshots.Select(snapshot => snapshot.Sha256),
            Of<TrainingResult>(result, "penalty").Snapshots.Select(snapshot => snapshot.Sha256));
    }

    [Fact]
    public async Task A_study_stopped_after_every_step_goes_on_and_shows_what_there_is()
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var whole = await (await Job.Run(lab, Kind, Spec(weight: 50))).Result<TrainingStudyResult>();
        var stopped = await Job.Plan(lab, Kind, Spec(weight: 50));
        for (var cell = 0; cell < stopped.Count; cell++)
        {
            var before = (await stopped.Result<TrainingStudyResult>()).Comparison;
            Assert.Equal((cell > 1, cell > 3), (before[0].TestAccuracy is not null, before[1].TestAccuracy is not null));
            Assert.Equal((cell > 5, cell > 6), (before[0].PrunedAccuracy.Count > 0, before[1].PrunedAccuracy.Count > 0));
            await stopped.Run([cell]);
        }

        Assert.Equal(whole.Comparison.Select(Text), (await stopped.Result<TrainingStudyResult>()).Comparison.Select(Text));
    }

    [Theory]
    [InlineData(""" "penalty": {"weight": 1, "players": 7} """, "penalty.players", "is 7, but there are 6 to choose from")]
    [InlineData(""" "penalty": {"weight": 1, "baseline": "net"} """, "penalty.baseline", "is filled in by the study: the first reference")]
    [InlineData(""" "pruned": {"ratios": [0.5, 0.2]} """, "pruned.ratios[1]", "must be above the one before (0.5)")]
    [InlineData(""" "pruned": {"ratios": [0.999], "pruner": {"type": "structured-magnitude"}} """, "pruned.ratios[0]", null)]
    public async Task Faults_of_the_comparison_are_found_before_anything_runs(string part, string field, string? why)
    {
        Libtorch.Require();
        using var lab = Lab.Tiny();
        var errors = await Job.Refused(lab, Kind, Common + part + "}");
        Assert.Contains(field, errors.Keys);
        Assert.True(why is null || errors[field].Contains(why), string.Join(';', errors[field]));
    }

    private const string Common = """
        {"data": {"dataset": "rows"}, "references": 1, "samples": 3, "seed": 7,
         "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 3, "batchSize": 4, "seed": 11, "device": "cpu"},
         "analysis": {"players": {"type": "columns"}, "device": "cpu", "ratio": 0.5},
        """;

    private static string Spec(double weight) => Common + string.Create(System.Globalization.CultureInfo.InvariantCulture, $" \"penalty\": {{\"weight\": {weight}, \"players\": 3}}, \"pruned\": {{\"ratios\": [0, 0.5]}}}}");

    private static T Of<T>(TrainingStudyResult result, string role) => result.Steps.Single(step => step.Role == role).Result.Deserialize<T>(LabJson.Options)!;

    // Everything but times.
    private static string Text(StudyComparison row) => JsonSerializer.Serialize(row with { SecondsPerEpoch = null, PenaltySeconds = null }, LabJson.Options);
}
