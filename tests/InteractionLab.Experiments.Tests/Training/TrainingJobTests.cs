using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Tests.Training;

/// <summary>Training jobs on small data: results, snapshots, and attempts that are dropped and taken up again.</summary>
public sealed class TrainingJobTests
{
    private const string Spec = """
        {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "train": {"dataset": "rows", "samples": {"from": 0, "to": 15}},
         "test": {"dataset": "rows", "samples": {"from": 15, "to": 20}}, "epochs": 4, "batchSize": 4, "seed": 3, "device": "cpu",
         "optimizer": {"type": "adam", "learningRate": 0.05}, "schedule": {"type": "one-cycle"}SNAPSHOTS}
        """;

    private static readonly string Every = Spec.Replace("SNAPSHOTS", "", StringComparison.Ordinal);

    public TrainingJobTests() => Libtorch.Require();

    [Fact]
    public async Task A_job_reports_every_epoch_and_registers_the_snapshots_asked_for()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, "training", Spec.Replace("SNAPSHOTS", ", \"snapshots\": [4, 0]", StringComparison.Ordinal));
        var result = await job.Result<TrainingResult>();
        Assert.Equal(Enumerable.Range(0, 5), result.Epochs.Select(epoch => epoch.Epoch));
        Assert.All(result.Epochs, epoch => Assert.InRange(epoch.TestAccuracy, 0, 1));
        Assert.Null(result.Epochs[0].LearningRate);
        Assert.Equal(0.05 / 25 / 1e4, result.Epochs[4].LearningRate!.Value, 1e-12);
        Assert.True(result.Epochs[4].TrainLoss < result.Epochs[0].TrainLoss);
        Assert.Equal([0, 4], result.Snapshots.Select(snapshot => snapshot.Epoch));
        Assert.Equal(["job epoch 0", "job epoch 4"], result.Snapshots.Select(snapshot => snapshot.Name[..11]));
        Assert.All(result.Snapshots, snapshot => Assert.Null(snapshot.Sparsity));
        Assert.Empty(result.Rounds);
        Assert.Empty(result.Notes);
        Assert.Equal((5, 5, 16), (result.Finished, result.Total, (int)result.Timings.Steps));
        var model = await lab.FindModelAsync(result.Snapshots[1].Model, TestContext.Current.CancellationToken);
        Assert.Equal(result.Snapshots[1].Sha256, model!.Sha256);
        Assert.Equal(3, OnnxModel.Load(await File.ReadAllBytesAsync(model.Path, TestContext.Current.CancellationToken)).Summary.Outputs[0].Shape[1]);
    }

    [Fact]
    public async Task The_same_spec_gives_the_same_models()
    {
        using var lab = Lab.Tiny();
        Assert.Equal(Timeless(await Job.Run(lab, "training", Every)), Timeless(await Job.Run(lab, "training", Every)));
    }

    [Fact]
    public async Task Dropped_after_every_epoch_a_job_ends_as_if_it_were_not()
    {
        using var lab = Lab.Tiny();
        var whole = await Job.Run(lab, "training", Every);
        var parts = await Job.Plan(lab, "training", Every);
        for (var cell = 0; cell < parts.Count; cell++)
        {
            await parts.Run([cell]);
        }

        Assert.Equal(Timeless(whole), Timeless(parts));
        Assert.Empty((await parts.Result<TrainingResult>()).Notes);
    }

    [Fact]
    public async Task An_epoch_that_was_computed_but_not_committed_is_computed_again_and_the_same()
    {
        using var lab = Lab.Tiny();
        var whole = await Job.Run(lab, "training", Every);
        var job = await Job.Plan(lab, "training", Every);
        await job.Run([0, 1, 2]);
        job[2] = null;
        await job.Run([2, 3, 4]);
        Assert.Equal(Timeless(whole), Timeless(job));
        Assert.Empty((await job.Result<TrainingResult>()).Notes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_or_damaged_checkpoints_cost_time_and_nothing_else(bool damage)
    {
        using var lab = Lab.Tiny();
        var whole = await Job.Run(lab, "training", Every);
        var job = await Job.Plan(lab, "training", Every);
        await job.Run([0, 1, 2, 3]);
        foreach (var file in Directory.GetFiles(lab.Context(job).Folder))
        {
            if (damage)
            {
                var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
                bytes.AsSpan(bytes.Length / 3, bytes.Length / 3).Reverse();
                await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            }
            else
            {
                File.Delete(file);
            }
        }

        await job.Run([4]);
        Assert.Equal(Timeless(whole), Timeless(job));
        var notes = (await job.Result<TrainingResult>()).Notes;
        Assert.Contains(notes, note => note.Contains("Epochs 1 to 3 were computed again", StringComparison.Ordinal));
        Assert.Equal(damage ? 3 : 1, notes.Count);
    }

    [Fact]
    public async Task One_damaged_checkpoint_is_passed_over_for_the_one_before()
    {
        using var lab = Lab.Tiny();
        var whole = await Job.Run(lab, "training", Every);
        var job = await Job.Plan(lab, "training", Every);
        await job.Run([0, 1, 2, 3]);
        var newest = Directory.GetFiles(lab.Context(job).Folder).Order(StringComparer.Ordinal).Last();
        await File.WriteAllBytesAsync(newest, (await File.ReadAllBytesAsync(newest, TestContext.Current.CancellationToken))[..200], TestContext.Current.CancellationToken);
        await job.Run([4]);
        Assert.Equal(Timeless(whole), Timeless(job));
        Assert.Contains("Epochs 3 to 3 were computed again: no sound checkpoint was left after epoch 2.", (await job.Result<TrainingResult>()).Notes);
    }

    [Fact]
    public async Task Part_of_a_job_gives_part_of_the_result()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Plan(lab, "training", Every);
        await job.Run([0, 1]);
        var result = await job.Result<TrainingResult>();
        Assert.Equal([0, 1], result.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal([0, 1], result.Snapshots.Select(snapshot => snapshot.Epoch));
        Assert.Equal((2, 5), (result.Finished, result.Total));
    }

    [Fact]
    public async Task Rounds_of_pruning_leave_a_model_each()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, "training", Spec.Replace("SNAPSHOTS", ", \"snapshots\": [0], \"prune\": {\"rate\": 0.5, \"target\": 0.75}", StringComparison.Ordinal));
        var result = await job.Result<TrainingResult>();
        Assert.Equal([0, 4, 8, 12], result.Snapshots.Select(snapshot => snapshot.Epoch));
        Assert.Equal([0, 0, 1, 2], result.Snapshots.Select(snapshot => snapshot.Round));
        Assert.Equal([0, 0.5, 0.75], result.Rounds.Select(round => round.Sparsity));
        Assert.Equal(result.Snapshots.Skip(1).Select(snapshot => snapshot.Model), result.Rounds.Select(round => round.Model));
        Assert.Equal([4, 8, 12], result.Epochs.Where(epoch => epoch.LearningRate < 1e-6).Select(epoch => epoch.Epoch));
    }

    [Fact]
    public async Task A_registered_model_is_trained_further()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, "training", """{"model": "rows-net", "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 3, "batchSize": 5, "device": "cpu", "optimizer": {"learningRate": 0.1}}""");
        var result = await job.Result<TrainingResult>();
        Assert.True(result.Epochs[3].TestLoss < result.Epochs[0].TestLoss);
        Assert.Equal(result.Epochs[0].TestLoss, result.Epochs[0].TrainLoss, 1e-9);
        Assert.Equal(["20 of the 20 test samples are training samples too."], result.Notes);
    }

    [Fact]
    public async Task A_transformer_learns_which_of_two_words_a_text_holds()
    {
        using var lab = new Lab();
        string[] texts = ["a good film\t1", "a bad film\t0", "good film\t1", "film bad\t0", "a film a good film\t1", "a film a bad film\t0"];
        lab.AddTexts("texts", 6, [.. Enumerable.Repeat(texts, 8).SelectMany(rows => rows)]);
        var job = await Job.Run(lab, "training", """
            {"architecture": {"name": "text-transformer", "width": 16, "depth": 1, "heads": 2}, "train": {"dataset": "texts"}, "test": {"dataset": "texts"},
             "epochs": 6, "batchSize": 8, "optimizer": {"type": "adam", "learningRate": 0.01}, "snapshots": [6], "device": "cpu"}
            """);
        var result = await job.Result<TrainingResult>();
        Assert.Equal(1, result.Epochs[^1].TestAccuracy);
        Assert.InRange(result.Epochs[^1].TestLoss, 0, 0.3);
    }

    [Fact]
    public async Task Samples_are_those_asked_for_and_label_smoothing_counts_in_training_only()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Run(lab, "training", """{"model": "rows-net", "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 1, "labelSmoothing": 0.2, "device": "cpu"}""");
        var result = await job.Result<TrainingResult>();
        Assert.NotEqual(result.Epochs[0].TestLoss, result.Epochs[0].TrainLoss, 1e-6);
    }

    /// <summary>The result without what differs between equal runs: times and notes of recovery.</summary>
    private static string Timeless(Job job)
    {
        var result = job.Result<TrainingResult>().GetAwaiter().GetResult();
        return JsonSerializer.Serialize(
            result with { Epochs = [.. result.Epochs.Select(epoch => epoch with { Seconds = 0 })], Timings = new TrainingTimings(0, 0, null, 0), Notes = [] },
            LabJson.Options);
    }

    [Theory]
    [InlineData(1, 16, "batchSize", "take 2 or more")]
    [InlineData(4, 1, "train.samples", "take 2 or more")]
    public async Task One_row_under_batch_normalisation_is_refused_at_its_field(int batch, int samples, string field, string why)
    {
        using var lab = Lab.Tiny();
        lab.AddModel("normalised", TinyNetwork.Normalised());
        var fault = await Assert.ThrowsAsync<SpecException>(() => Job.Plan(lab, "training", OnNormalised(batch, samples)));
        Assert.Contains(why, Assert.Single(fault.Errors[field]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_row_under_batch_normalisation_is_joined_and_the_result_says_so()
    {
        using var lab = Lab.Tiny();
        lab.AddModel("normalised", TinyNetwork.Normalised());
        var result = await (await Job.Run(lab, "training", OnNormalised(4, 9))).Result<TrainingResult>();
        Assert.All(result.Epochs, epoch => Assert.True(double.IsFinite(epoch.TestLoss)));
        Assert.Contains(result.Notes, note => note.Contains("joined to the batch before", StringComparison.Ordinal));
        Assert.Equal(4, result.Timings.Steps);
    }

    private static string OnNormalised(int batch, int samples) => $$$"""
        {"model": "normalised", "train": {"dataset": "rows", "samples": {"from": 0, "to": {{{samples}}} }},
         "test": {"dataset": "rows", "samples": {"from": 15, "to": 20}}, "epochs": 2, "batchSize": {{{batch}}}, "device": "cpu"}
        """;
}
