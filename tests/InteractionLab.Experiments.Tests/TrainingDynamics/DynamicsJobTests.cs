using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.TrainingDynamics;

namespace InteractionLab.Experiments.Tests.TrainingDynamics;

/// <summary>Whole jobs on tiny networks that stand for the snapshots of a training run.</summary>
public sealed class DynamicsJobTests
{
    private const string Kind = "training-dynamics";
    private const string Games = """ "train": {"dataset": "pictures", "samples": {"from": 0, "to": 5}}, "test": {"dataset": "pictures", "samples": [20, 22, 21]}, "players": {"type": "grid", "rows": 4, "columns": 4, "select": 6, "by": "random", "seed": 3} """;
    private const string Whole = $$"""{"snapshots": [{"epoch": 4, "model": "e4"}, {"epoch": 0, "model": "e0"}, {"epoch": 9, "model": "e9"}], "references": ["r0", "r1", "r2"], {{Games}}}""";

    [Fact]
    public async Task Every_number_can_be_computed_again_from_the_two_artifacts()
    {
        using var lab = Snapshots();
        var job = await Job.Run(lab, Kind, Whole);
        var result = await job.Result<TrainingDynamicsResult>();
        var again = new Recomputed(await job.Artifact("values.npz"), await job.Artifact("interactions.npz"));

        again.Check(result, 1e-9);
        Assert.InRange(again.WorstMatch(), 0, 1e-9);
        Assert.All(result.Points, point => Assert.InRange(point.WorstMatchError, 0, 1e-9));
        Assert.All(result.Points, point => Assert.InRange(point.WorstGap, 0, 1e-3));
        Assert.Equal([0, 4, 9], result.Points.Select(point => point.Epoch));
        Assert.Equal(["e0", "e4", "e9"], result.Points.Select(point => point.Model));
        Assert.Equal(6 * 8 * (64 + 1), result.ForwardPasses + result.SavedPasses);
        Assert.Contains(result.Points, point => point.Generalization is > 0 and < 1);
        Assert.Contains(result.Points, point => point.ByReferences[0] < point.ByReferences[2]);
    }

    [Fact]
    public async Task A_resumed_job_equals_an_uninterrupted_one_whatever_the_order_of_its_cells()
    {
        using var lab = Snapshots();
        var whole = await Job.Run(lab, Kind, Whole);
        var parts = await Job.Plan(lab, Kind, Whole);
        await parts.Run(Enumerable.Range(0, parts.Count).Where(cell => cell % 2 == 1).Reverse());
        await parts.Run(Enumerable.Range(0, parts.Count).Where(cell => cell % 2 == 0));
        var (expected, actual) = (await whole.Result<TrainingDynamicsResult>(), await parts.Result<TrainingDynamicsResult>());
        Assert.Equivalent(expected.Points, actual.Points, strict: true);
        Assert.Equal(await whole.Artifact("interactions.npz"), await parts.Artifact("interactions.npz"));
    }

    [Fact]
    public async Task A_snapshots_point_appears_when_its_games_and_the_references_are_finished_and_does_not_change_again()
    {
        using var lab = Snapshots();
        var whole = await (await Job.Run(lab, Kind, Whole)).Result<TrainingDynamicsResult>();
        var job = await Job.Plan(lab, Kind, Whole);
        Assert.Equal(6, job.Count);
        var empty = await job.Result<TrainingDynamicsResult>();
        Assert.Empty(empty.Points);
        Assert.Equal("No snapshot is finished yet.", empty.Phases.Note);
        for (var cell = 0; cell < job.Count; cell++)
        {
            await job.Run([cell]);
            var part = await job.Result<TrainingDynamicsResult>();
            Assert.Equal(Math.Max(0, cell - 2), part.Points.Count);
            Assert.Equivalent(whole.Points.Take(part.Points.Count), part.Points, strict: true);
            Assert.Equal(cell + 1 < job.Count, part.Notes.Any(note => note.StartsWith("Partial", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task One_snapshot_has_a_point_and_no_phases()
    {
        using var lab = Snapshots();
        var result = await (await Job.Run(lab, Kind, $$"""{"snapshots": [{"epoch": 3, "model": "e4"}], "references": ["r0"], {{Games}}}""")).Result<TrainingDynamicsResult>();
        var point = Assert.Single(result.Points);
        Assert.Null(point.NewGeneralizable);
        Assert.Equal((3, null), (result.Phases.T1, result.Phases.T2));
        Assert.Equal("There is one snapshot: no phase can be told from another.", result.Phases.Note);
        Assert.Empty(result.Phases.Ranges);
        Assert.Empty(result.Agreement);
    }

    [Fact]
    public async Task A_network_without_salient_interactions_has_no_generalization()
    {
        using var lab = Snapshots();
        lab.AddModel("flat", TinyNetwork.Onnx([3, 8, 8], 4, scale: 0));
        var result = await (await Job.Run(lab, Kind, $$"""{"snapshots": [{"epoch": 0, "model": "flat"}], "references": ["r0", "flat"], {{Games}}}""")).Result<TrainingDynamicsResult>();
        var point = Assert.Single(result.Points);
        Assert.Equal((null, null, null, null), (point.Generalization, point.GeneralizationLow, point.GeneralizationContinuous, point.GeneralizationOfSamples));
        Assert.Equal((0.0, 0.0), (point.Salient, point.Count));
        Assert.Equal(point.TrainLoss, point.TrainLossRemoved);
        Assert.Equal((null, null), (result.Phases.T1, result.Phases.T2));
        Assert.Equal("No snapshot has a salient interaction: H̄ and the phases are undefined.", result.Phases.Note);
        Assert.Null(Assert.Single(result.Agreement).Jaccard);
    }

    [Fact]
    public async Task A_network_generalizes_wholly_to_itself_and_not_at_all_to_one_that_is_constant()
    {
        using var lab = Snapshots();
        lab.AddModel("flat", TinyNetwork.Onnx([3, 8, 8], 4, scale: 0));
        var result = await (await Job.Run(lab, Kind, $$"""{"snapshots": [{"epoch": 1, "model": "e9"}, {"epoch": 2, "model": "e4"}], "references": ["flat", "e9"], {{Games}}}""")).Result<TrainingDynamicsResult>();
        var own = result.Points[0];
        Assert.Equal([0.0, 1.0], own.ByReferences.Select(power => power!.Value));
        Assert.Equal(1, own.Generalization);
        Assert.Equal(own.TrainLoss!.Value, own.TrainLossRemoved!.Value, 1e-12);
        Assert.Equal(0, Assert.Single(result.Agreement).Jaccard);
        Assert.Equal(1, result.Phases.T1);
        Assert.StartsWith("H̄ is highest at the first snapshot", result.Phases.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task H_highest_at_the_last_snapshot_is_said()
    {
        using var lab = Snapshots();
        var result = await (await Job.Run(lab, Kind, $$"""{"snapshots": [{"epoch": 1, "model": "e4"}, {"epoch": 2, "model": "e9"}], "references": ["e9"], {{Games}}}""")).Result<TrainingDynamicsResult>();
        Assert.Equal((2, null), (result.Phases.T1, result.Phases.T2));
        Assert.Equal([new PhaseRange(1, 1, 2)], result.Phases.Ranges);
        Assert.Equal("H̄ is highest at the last snapshot: phases 2 and 3 were not reached.", result.Phases.Note);
    }

    [Fact]
    public async Task Losses_are_left_out_unless_v_is_the_log_odds_of_the_label()
    {
        using var lab = Snapshots();
        var result = await (await Job.Run(lab, Kind, $$"""{"snapshots": [{"epoch": 0, "model": "e4"}], "references": ["r0"], "value": {"type": "logit"}, {{Games}}}""")).Result<TrainingDynamicsResult>();
        Assert.Null(result.Points[0].TrainLoss);
        Assert.Null(result.Points[0].TestLossRemoved);
        Assert.Contains("Losses need v to be the log-odds of the label, and are left out.", result.Notes);
    }

    [Theory]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}, {"epoch": 1, "model": "e4"}], "references": ["r0"],""", "snapshots[1].epoch", "epoch 1 is already given by snapshots[0]")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}, {"epoch": 2, "model": "small"}], "references": ["r0"],""", "snapshots[1].model", "'small' takes samples of shape [3, 4, 4]; the snapshot at 'snapshots[0].model', 'e0', takes [3, 8, 8]")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["r0", "r0"],""", "references[1]", "model 'r0' is already references[0]")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}, {"epoch": 2, "model": "wide"}], "references": ["r0"],""", "snapshots[1].model", "has 5 classes; the model at 'snapshots[0].model' has 4")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}, {"epoch": 2, "model": "e4"}], "references": ["wide", "r0"],""", "references[0]", "has 5 classes; the model at 'snapshots[0].model' has 4")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["small"],""", "references[0]", "its input 'x' takes [3, 4, 4] after the batch dimension, the dataset's samples have shape [3, 8, 8]")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "none"}], "references": ["r0"],""", "snapshots[0].model", "there is no model 'none'")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "trainingJob": "j", "references": ["r0"],""", "snapshots", "give either snapshots or trainingJob")]
    [InlineData("""{"references": ["r0"],""", "snapshots", "give either snapshots or trainingJob")]
    [InlineData("""{"trainingJob": "j", "references": ["r0"],""", "trainingJob", "there is no job 'j'")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "references": [],""", "references", "must not be empty")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["r0"], "value": {"target": "predicted"},""", "value.target", "the networks predict different classes; use label or a class")]
    [InlineData("""{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["r0"], "limits": {"lowOrders": [3, 1]},""", "limits.lowOrders", "must be [lowest, highest] order, not an array")]
    public async Task A_spec_that_cannot_be_is_refused_with_its_field(string start, string field, string why)
    {
        using var lab = Snapshots();
        lab.AddModel("small", TinyNetwork.Onnx([3, 4, 4], 4));
        lab.AddModel("wide", TinyNetwork.Onnx([3, 8, 8], 5));
        var errors = await Job.Refused(lab, Kind, start + Games + "}");
        Assert.Contains(why, errors[field]);
        Assert.True(errors.Count == 1 || !field.StartsWith("references", StringComparison.Ordinal), string.Join(", ", errors.Keys));
    }

    [Fact]
    public async Task Faults_of_a_split_are_named_under_it()
    {
        using var lab = Snapshots();
        var errors = await Job.Refused(lab, Kind, """{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["r0"], "train": {"dataset": "nowhere", "samples": [0]}, "test": {"dataset": "pictures", "samples": {"from": 30, "to": 50}}, "players": {"type": "grid", "rows": 2, "columns": 2, "select": "all"}}""");
        Assert.Equal(["there is no dataset 'nowhere'"], errors["train.dataset"]);
        Assert.Equal(["is 50, but the dataset has 40 samples"], errors["test.samples.to"]);
        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public async Task Fields_of_a_split_that_stand_beside_it_are_named_where_they_stand()
    {
        using var lab = Snapshots();
        var errors = await Job.Refused(lab, Kind, """{"snapshots": [{"epoch": 1, "model": "e0"}], "references": ["r0"], "dataset": "pictures", "samples": [0],""" + Games + "}");
        Assert.Equal(["dataset", "samples"], errors.Keys.Order());
    }

    /// <summary>Networks whose weights grow: their games differ more and more.</summary>
    private static Lab Snapshots()
    {
        var lab = Lab.Tiny();
        foreach (var (id, scale) in new[] { ("e0", 0.3), ("e4", 1.5), ("e9", 4), ("r0", 2.5), ("r1", 6), ("r2", 1.7) })
        {
            lab.AddModel(id, TinyNetwork.Onnx([3, 8, 8], 4, scale: scale));
        }

        return lab;
    }
}
