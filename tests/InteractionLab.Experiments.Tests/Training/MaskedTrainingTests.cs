using System.Text.Json.Nodes;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;

namespace InteractionLab.Experiments.Tests.Training;

/// <summary>Training that masks: modulation of orders and the penalty on interactions that do not generalize.</summary>
public sealed class MaskedTrainingTests : IDisposable
{
    private const string Plain = """
        {"architecture": {"name": "mlp", "depth": 2, "width": 8}, "train": {"dataset": "rows", "samples": {"from": 0, "to": 15}},
         "test": {"dataset": "rows", "samples": {"from": 15, "to": 20}}, "epochs": 2, "batchSize": 4, "seed": 3, "device": "cpu"}
        """;

    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("\"modulation\": [{\"type\": \"suppress\", \"from\": 0, \"to\": 0.5, \"weight\": 0}]")]
    [InlineData("\"penalty\": {\"baseline\": \"rows-net\", \"weight\": 0, \"players\": 4}")]
    [InlineData("\"modulation\": \"normal\"")]
    public async Task A_weight_of_zero_is_plain_training_bit_for_bit(string field)
    {
        var plain = await Snapshots(Plain);
        Assert.Equal(plain, await Snapshots(With(field)));
        Assert.NotEqual(plain, await Snapshots(With("\"modulation\": \"high\"")));
        Assert.NotEqual(plain, await Snapshots(With("\"penalty\": {\"baseline\": \"rows-net\", \"weight\": 0.1, \"players\": 4}")));
    }

    [Fact]
    public async Task Terms_are_reported_and_counted()
    {
        var spec = With("\"modulation\": [{\"type\": \"encourage\", \"from\": 0.3, \"to\": 0.7, \"weight\": 0.5, \"pairs\": 2}], \"penalty\": {\"baseline\": \"rows-net\", \"weight\": 0.01, \"players\": 3, \"samples\": 3}");
        var job = await Job.Run(_lab, "training", spec);
        var result = await job.Result<TrainingResult>();
        Assert.All(result.Epochs.Skip(1), epoch => Assert.Equal(["encourage 0.3-0.7", "penalty"], epoch.Terms!.Select(term => term.Name)));
        Assert.Equal([0.5, 0.01], result.Epochs[1].Terms!.Select(term => term.Weight));
        Assert.All(result.Epochs[1].Terms!, term => Assert.True(term.Value > 0 && term.Seconds > 0));
        Assert.Contains("rows-net", job.Work.Models);

        // 15 samples in batches of 4, 4, 4, 3: modulation 4 copies of a sample, penalty 3 samples of each batch in 8 masks, 4 each.
        var passes = 15 + 5 + (2 * ((3 * 15) + 5 + (3 * 4 * 15) + (4 * 12 * 8)));
        Assert.Equal(passes, job.Work.Estimate.ForwardPasses);
    }

    [Fact]
    public async Task A_dropped_job_goes_on_as_if_it_were_not()
    {
        var spec = With("\"modulation\": \"mid\", \"penalty\": {\"baseline\": \"rows-net\", \"weight\": 0.01, \"players\": 3}");
        var whole = await Snapshots(spec);
        var job = await Job.Plan(_lab, "training", spec);
        for (var cell = 0; cell < job.Count; cell++)
        {
            await job.Run([cell]);
        }

        Assert.Equal(whole, (await job.Result<TrainingResult>()).Snapshots.Select(snapshot => snapshot.Sha256));
    }

    [Fact]
    public async Task Pictures_are_masked_by_patches()
    {
        var spec = Plain.Replace("\"rows\"", "\"pictures\"", StringComparison.Ordinal);
        var job = await Job.Plan(_lab, "training", spec[..spec.LastIndexOf('}')] + ", \"modulation\": \"low\", \"players\": {\"type\": \"grid\", \"rows\": 4, \"columns\": 4}, \"baseline\": {\"type\": \"zero\"}}");
        await job.Run([0, 1]);
        Assert.Equal("suppress 0.7-1", Assert.Single((await job.Result<TrainingResult>()).Epochs[1].Terms!).Name);
    }

    [Theory]
    [InlineData("\"modulation\": \"lowest\"", "modulation")]
    [InlineData("\"modulation\": [{\"type\": \"suppress\", \"from\": 0.5, \"to\": 0.5}]", "modulation[0].to")]
    [InlineData("\"modulation\": [{\"type\": \"suppress\", \"from\": 0.5, \"to\": 0.55}]", "modulation[0].to")]
    [InlineData("\"modulation\": [{\"type\": \"suppress\", \"from\": 0, \"to\": 0.5, \"pairs\": 0}]", "modulation[0].pairs")]
    [InlineData("\"modulation\": [{\"type\": \"push\", \"from\": 0, \"to\": 1}]", "modulation[0].type")]
    [InlineData("\"modulation\": [{\"type\": \"suppress\", \"from\": 0, \"to\": 2}]", "modulation[0].to")]
    [InlineData("\"modulation\": \"low\", \"players\": {\"type\": \"grid\", \"rows\": 2, \"columns\": 2}", "players.type")]
    [InlineData("\"players\": {\"type\": \"columns\"}", "players")]
    [InlineData("\"baseline\": {\"type\": \"zero\"}", "baseline")]
    [InlineData("\"penalty\": {\"baseline\": \"missing\", \"weight\": 1}", "penalty.baseline")]
    [InlineData("\"penalty\": {\"baseline\": \"net\", \"weight\": 1}", "penalty.baseline")]
    [InlineData("\"penalty\": {\"baseline\": \"rows-net\"}", "penalty.weight")]
    [InlineData("\"penalty\": {\"baseline\": \"rows-net\", \"weight\": 1, \"players\": 7}", "penalty.players")]
    [InlineData("\"penalty\": {\"baseline\": \"rows-net\", \"weight\": 1, \"solver\": \"paper\"}", "penalty.solver")]
    public async Task Wrong_fields_are_named(string field, string path)
    {
        var faults = await Job.Refused(_lab, "training", With(field));
        Assert.Contains(path, faults.Keys);
    }

    private static string With(string field) => JsonNode.Parse(Plain[..Plain.LastIndexOf('}')] + ", " + field + "}")!.ToJsonString();

    private async Task<IReadOnlyList<string>> Snapshots(string spec) =>
        [.. (await (await Job.Run(_lab, "training", spec)).Result<TrainingResult>()).Snapshots.Select(snapshot => snapshot.Sha256)];
}
