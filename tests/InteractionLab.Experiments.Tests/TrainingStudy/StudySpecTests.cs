using System.Text.Json;
using InteractionLab.Experiments.Chains;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.TrainingStudy;

namespace InteractionLab.Experiments.Tests.TrainingStudy;

/// <summary>What a study asks of its jobs. The chain itself is tested with a server (EndToEnd, StudyTests).</summary>
public sealed class StudySpecTests
{
    private const string Kind = "training-study";
    private const string Parts = """ "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 3, "seed": 11}, "analysis": {"players": {"type": "columns"}} """;

    [Fact]
    public async Task Data_are_split_without_overlap_and_every_job_gets_its_part()
    {
        using var lab = Lab.Tiny();
        var job = await PlanAsync(lab, """{"data": {"dataset": "rows", "testShare": 0.25}, "samples": 4, "seed": 7,""" + Parts + "}");
        Assert.Equal(["reference-1", "reference-2", "target", "dynamics"], job.Work.Cells);
        Assert.Equal(["rows"], job.Work.Datasets);

        var spec = job.Work.Spec.Deserialize<TrainingStudySpec>(LabJson.Options)!;
        var splits = (await StudySplits.FindAsync(new StudyData(spec.Data, spec.Train, spec.Test), lab, new(), TestContext.Current.CancellationToken))!;
        Assert.Equal((15, 5), (splits.Train.Indices.Count, splits.Test.Indices.Count));
        Assert.Equal(Enumerable.Range(0, 20), splits.Train.Indices.Concat(splits.Test.Indices).Order());

        var target = StudySteps.TargetSpec(spec, splits);
        var reference = StudySteps.ReferenceSpec(spec, splits, 2);
        Assert.Equal((11, 13), (target.GetProperty("seed").GetInt64(), reference.GetProperty("seed").GetInt64()));
        Assert.Equal(target.GetProperty("train").GetRawText(), reference.GetProperty("test").GetRawText());
        Assert.Equal(target.GetProperty("test").GetRawText(), reference.GetProperty("train").GetRawText());
        Assert.Equal("[3]", reference.GetProperty("snapshots").GetRawText());
        Assert.False(target.TryGetProperty("snapshots", out _));

        var dynamics = StudySteps.DynamicsSpec(spec, splits, "job", ["a", "b"]);
        Assert.Equal("job", dynamics.GetProperty("trainingJob").GetString());
        Assert.Equal(7, dynamics.GetProperty("seed").GetInt64());
        Assert.Equal(["a", "b"], dynamics.GetProperty("references").EnumerateArray().Select(id => id.GetString()));
        Assert.All(Indices(dynamics, "train"), index => Assert.Contains(index, splits.Train.Indices));
        Assert.All(Indices(dynamics, "test"), index => Assert.Contains(index, splits.Test.Indices));
        Assert.Equal((4, 4), (Indices(dynamics, "train").Distinct().Count(), Indices(dynamics, "test").Distinct().Count()));
        Assert.Equal(dynamics.GetRawText(), StudySteps.DynamicsSpec(spec, splits, "job", ["a", "b"]).GetRawText());
    }

    [Fact]
    public async Task Splits_can_be_two_datasets_and_a_range_is_named_as_one()
    {
        using var lab = Lab.Tiny();
        var job = await PlanAsync(lab, """{"train": {"dataset": "rows", "samples": {"from": 0, "to": 12}}, "test": {"dataset": "rows", "samples": [12, 13, 15]}, "references": 1,""" + Parts + "}");
        Assert.Equal(["reference-1", "target", "dynamics"], job.Work.Cells);
        var spec = job.Work.Spec.Deserialize<TrainingStudySpec>(LabJson.Options)!;
        var splits = (await StudySplits.FindAsync(new StudyData(spec.Data, spec.Train, spec.Test), lab, new(), TestContext.Current.CancellationToken))!;
        var target = StudySteps.TargetSpec(spec, splits);
        Assert.Equal("""{"from":0,"to":12}""", target.GetProperty("train").GetProperty("samples").GetRawText());
        Assert.Equal("[12,13,15]", target.GetProperty("test").GetProperty("samples").GetRawText());
        Assert.Equal(3, Indices(StudySteps.DynamicsSpec(spec, splits, "job", ["a"]), "test").Length);
    }

    [Theory]
    [InlineData("""{"data": {"dataset": "rows"}, "train": {"dataset": "rows"},""", "train", "is given beside data, which is split into both")]
    [InlineData("""{""", "data", "is required, or train and test")]
    [InlineData("""{"train": {"dataset": "rows"},""", "test", "is required beside the other split")]
    [InlineData("""{"test": {"dataset": "rows"},""", "train", "is required beside the other split")]
    [InlineData("""{"data": {"dataset": "nowhere"},""", "data.dataset", "there is no dataset 'nowhere'")]
    [InlineData("""{"data": {"dataset": "rows", "samples": [1], "testShare": 0.5},""", "data.testShare", "0.5 of 1 samples leaves a split empty")]
    [InlineData("""{"data": {"dataset": "rows", "samples": {"from": 0, "to": 99}},""", "data.samples.to", "is 99, but the dataset has 20 samples")]
    [InlineData("""{"data": {"dataset": "pictures"},""", "analysis.players.type", "columns need a table; the dataset's samples have shape [3, 8, 8]")]
    public async Task A_study_that_cannot_be_is_refused_with_its_field(string start, string field, string why)
    {
        using var lab = Lab.Tiny();
        var errors = await Job.Refused(lab, Kind, start + Parts + "}");
        Assert.Contains(why, errors[field]);
    }

    [Fact]
    public async Task Splits_of_other_classes_are_refused_before_anything_is_trained()
    {
        // The labels are all among the fewer classes, so that each training job alone could be.
        using var lab = Lab.Tiny();
        lab.AddArrays("more", 20, [6], labels: 4);
        var errors = await Job.Refused(lab, Kind, """{"train": {"dataset": "rows"}, "test": {"dataset": "more", "samples": [0, 1, 2]},""" + Parts + "}");
        Assert.Contains("has 4 classes and that of train 3; the networks trained on them would have as many", errors["test.dataset"]);
    }

    [Theory]
    [InlineData(""" "training": {"epochs": 2, "train": {}}, "analysis": {"players": {"type": "columns"}} """, "training.train", "is filled in by the study")]
    [InlineData(""" "training": {"epochs": 2}, "analysis": {"players": {"type": "columns"}, "references": ["a"]} """, "analysis.references", "is filled in by the study")]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2, "rate": 1}, "analysis": {"players": {"type": "columns"}} """, "training.rate", null)]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2}, "analysis": {"players": {"type": "columns"}, "ratio": -1} """, "analysis.ratio", null)]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2}, "analysis": {} """, "analysis.players", "is required")]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2, "prune": {"rate": 0.2, "target": 0.3}}, "analysis": {"players": {"type": "columns"}} """, "training.prune", "a study follows one run of training, and this trains in rounds of pruning")]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2, "seed": 9007199254740990}, "analysis": {"players": {"type": "columns"}} """, "training.seed", "must be a whole number from 0 to 9007199254740991, not 9007199254740992")]
    [InlineData(""" "training": {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "epochs": 2}, "analysis": {"players": {"type": "columns"}, "value": {"target": 7}} """, "analysis.value.target", "class 7 is outside 0..2, the model's classes")]
    public async Task Faults_of_the_jobs_it_will_queue_are_found_at_once(string parts, string field, string? why)
    {
        using var lab = Lab.Tiny();
        var errors = await Job.Refused(lab, Kind, """{"data": {"dataset": "rows"},""" + parts + "}");
        Assert.Contains(field, errors.Keys);
        Assert.True(why is null || errors[field].Contains(why), string.Join(';', errors[field]));
    }

    private static async Task<Job> PlanAsync(Lab lab, string spec)
    {
        try
        {
            return await Job.Plan(lab, Kind, spec);
        }
        catch (SpecException refused) when (refused.Errors.Values.Any(whys => whys.Any(why => why.Contains("libtorch", StringComparison.Ordinal))))
        {
            Assert.Skip("Training needs libtorch, which is not installed.");
            throw;
        }
    }

    private static int[] Indices(JsonElement spec, string split) => [.. spec.GetProperty(split).GetProperty("samples").EnumerateArray().Select(index => index.GetInt32())];
}
