using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Tests.Training;

/// <summary>Specs of the kind training: defaults, faults by field, and the estimate.</summary>
public sealed class TrainingSpecTests
{
    private const string Kind = "training";
    private const string Good = """
        {"architecture": {"name": "mlp", "depth": 2, "width": 4}, "train": {"dataset": "rows", "samples": {"from": 0, "to": 15}},
         "test": {"dataset": "rows", "samples": {"from": 15, "to": 20}}, "epochs": 3, "batchSize": 4, "device": "cpu"}
        """;

    public TrainingSpecTests() => Libtorch.Require();

    [Fact]
    public async Task A_short_spec_is_filled_in()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Plan(lab, Kind, """{"architecture": {"name": "mlp"}, "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 2, "device": "cpu"}""");
        var spec = job.Work.Spec;
        Assert.Equal(["epoch/0", "epoch/1", "epoch/2"], job.Work.Cells);
        Assert.Equal("epochs", job.Work.Unit);
        Assert.Equal(["rows"], job.Work.Datasets);
        Assert.Equal("""{"from":0,"to":20}""", spec.GetProperty("train").GetProperty("samples").GetRawText());
        Assert.Equal("every", spec.GetProperty("snapshots").GetString());
        Assert.Equal("sgd", spec.GetProperty("optimizer").GetProperty("type").GetString());
        Assert.Equal(128, spec.GetProperty("batchSize").GetInt32());
        Assert.False(spec.TryGetProperty("prune", out _));

        // What is stored can be planned again, and is the same again.
        var again = await Job.Plan(lab, Kind, spec.GetRawText());
        Assert.Equal(spec.GetRawText(), again.Work.Spec.GetRawText());
    }

    [Fact]
    public async Task The_estimate_counts_three_passes_a_training_sample_and_one_a_test_sample()
    {
        using var lab = Lab.Tiny();
        var job = await Job.Plan(lab, Kind, Good);
        Assert.Equal(15 + 5 + (3 * ((3 * 15) + 5)), job.Work.Estimate.ForwardPasses);
        var rounds = await Job.Plan(lab, Kind, With("prune", """{"rate": 0.2, "target": 0.5}"""));
        Assert.Equal(15 + 5 + (15 * ((3 * 15) + 5)), rounds.Work.Estimate.ForwardPasses);
        Assert.Equal(16, rounds.Work.Cells.Count);
    }

    [Theory]
    [InlineData(0.2, 0.2, 1)]
    [InlineData(0.2, 0.36, 2)]
    [InlineData(0.2, 0.488, 3)]
    [InlineData(0.2, 0.5, 4)]
    [InlineData(0.2, 0.6723, 5)]
    [InlineData(0.5, 0.9, 4)]
    [InlineData(0.9, 0.1, 1)]
    public void Rounds_go_up_the_ladder_to_the_first_rung_at_or_above_the_target(double rate, double target, int rounds) =>
        Assert.Equal(rounds, new PruneSpec(rate, target).Rounds);

    [Theory]
    [InlineData("epochs", "0", "epochs")]
    [InlineData("epochs", "10001", "epochs")]
    [InlineData("batchSize", "0", "batchSize")]
    [InlineData("architecture", """{"name": "perceptron"}""", "architecture.name")]
    [InlineData("architecture", """{"name": "mlp", "depth": 0}""", "architecture.depth")]
    [InlineData("architecture", """{"name": "resnet"}""", "architecture.name")]
    [InlineData("architecture", "null", "architecture")]
    [InlineData("model", "\"rows-net\"", "architecture")]
    [InlineData("train", """{"dataset": "nowhere"}""", "train.dataset")]
    [InlineData("train", """{"samples": [1]}""", "train.dataset")]
    [InlineData("train", "3", "train")]
    [InlineData("test", """{"dataset": "wide"}""", "test.dataset")]
    [InlineData("test", """{"dataset": "bare"}""", "test.dataset")]
    [InlineData("test", """{"dataset": "rows", "samples": [20]}""", "test.samples[0]")]
    [InlineData("test", """{"dataset": "rows", "samples": {"from": 3, "to": 21}}""", "test.samples.to")]
    [InlineData("test", """{"dataset": "rows", "samples": {"count": 3, "correctOnly": true}}""", "test.samples.correctOnly")]
    [InlineData("test", """{"dataset": "rows", "samples": {"count": 30}}""", "test.samples.count")]
    [InlineData("optimizer", """{"type": "lion"}""", "optimizer.type")]
    [InlineData("optimizer", """{"learningRate": 0}""", "optimizer.learningRate")]
    [InlineData("optimizer", """{"momentum": 1}""", "optimizer.momentum")]
    [InlineData("optimizer", """{"nesterov": true}""", "optimizer.nesterov")]
    [InlineData("optimizer", """{"type": "adam", "momentum": 0.9}""", "optimizer.momentum")]
    [InlineData("optimizer", """{"beta1": 0.9}""", "optimizer.beta1")]
    [InlineData("optimizer", """{"clipNorm": 0}""", "optimizer.clipNorm")]
    [InlineData("optimizer", """{"rate": 1}""", "optimizer.rate")]
    [InlineData("schedule", """{"type": "step"}""", "schedule.every")]
    [InlineData("schedule", """{"type": "cosine", "every": 2}""", "schedule.every")]
    [InlineData("schedule", """{"type": "one-cycle", "rise": 0}""", "schedule.rise")]
    [InlineData("augment", """{"flip": true}""", "augment")]
    [InlineData("augment", """{"crop": -1}""", "augment.crop")]
    [InlineData("labelSmoothing", "1", "labelSmoothing")]
    [InlineData("snapshots", "[0, 4]", "snapshots")]
    [InlineData("snapshots", "\"all\"", "snapshots")]
    [InlineData("prune", """{"rate": 0.2}""", "prune.target")]
    [InlineData("prune", """{"rate": 1, "target": 0.5}""", "prune.rate")]
    [InlineData("prune", """{"rate": 0.001, "target": 0.99}""", "prune")]
    [InlineData("prune", """{"rate": 0.0001, "target": 0.9}""", "prune.rate")]
    [InlineData("prune", """{"rate": 1e-12, "target": 0.9}""", "prune.rate")]
    [InlineData("prune", """{"rate": 1e-300, "target": 0.9}""", "prune.rate")]
    [InlineData("device", "\"tpu\"", "device")]
    [InlineData("momentum", "0.9", "momentum")]
    public async Task Every_fault_is_named_by_its_field(string field, string value, string path)
    {
        using var lab = Lab.Tiny();
        var faults = await Job.Refused(lab, Kind, With(field, value));
        Assert.Equal([path], faults.Keys);
    }

    [Fact]
    public async Task Faults_of_all_fields_come_together()
    {
        using var lab = Lab.Tiny();
        var faults = await Job.Refused(lab, Kind, """{"model": "nothing", "train": {"dataset": "bare"}, "test": {}, "epochs": "many", "labelSmoothing": 2}""");
        Assert.Equal(["epochs", "labelSmoothing", "model", "test.dataset", "train.dataset"], faults.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_job_that_is_too_large_is_refused()
    {
        using var lab = Lab.Tiny(maxForwardPasses: 100);
        var faults = await Job.Refused(lab, Kind, Good);
        Assert.Contains("170 forward passes", faults["epochs"][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registered_model_is_checked_against_the_samples()
    {
        using var lab = Lab.Tiny();
        string Spec(string model, string dataset) => $$"""{"model": "{{model}}", "train": {"dataset": "{{dataset}}"}, "test": {"dataset": "{{dataset}}"}, "epochs": 1, "device": "cpu"}""";
        Assert.Equal(["rows-net"], (await Job.Plan(lab, Kind, Spec("rows-net", "rows"))).Work.Models);
        Assert.Contains("train.dataset", (await Job.Refused(lab, Kind, Spec("net", "rows"))).Keys);
        Assert.Contains("train.dataset", (await Job.Refused(lab, Kind, Spec("ints", "pictures"))).Keys);
        Assert.Contains("outside 0..3", (await Job.Refused(lab, Kind, Spec("net", "many-classes")))["train.samples"][0], StringComparison.Ordinal);
    }

    /// <summary>The good spec with one field changed.</summary>
    private static string With(string field, string value)
    {
        using var document = JsonDocument.Parse(Good);
        var fields = document.RootElement.EnumerateObject().Where(property => property.Name != field).Select(property => $"\"{property.Name}\": {property.Value.GetRawText()}");
        return "{" + string.Join(", ", fields.Append($"\"{field}\": {value}")) + "}";
    }
}
