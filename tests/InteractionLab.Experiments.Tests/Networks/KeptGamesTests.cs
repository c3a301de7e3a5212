using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Specs;

namespace InteractionLab.Experiments.Tests.Networks;

/// <summary>Games played before are not played again, and nothing but the count of passes shows it.</summary>
[Trait("speed", "slow")]
public sealed class KeptGamesTests : IDisposable
{
    private const int Rows = 2 * ((1 << 6) + 1);
    private readonly Lab _lab = Lab.Tiny();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_second_job_over_the_same_games_runs_no_network()
    {
        var first = await Run("""{"device": "auto"}""");
        Assert.Equal((Rows, 0), Passes(await first.Result<MaskedSamplesResult>()));
        Assert.Equal(Rows, first.Work.Estimate.ForwardPasses);

        // A file that is gone cannot be run.
        File.Delete((await _lab.FindModelAsync("net", TestContext.Current.CancellationToken))!.Path);
        var second = await Run("""{"salience": {"rule": "top-k", "k": 3}}""");
        var result = await second.Result<MaskedSamplesResult>();
        Assert.Equal((0, Rows), Passes(result));
        Assert.Equal(await first.Artifact("values.npz"), await second.Artifact("values.npz"));
        Assert.Equal(await first.Artifact("interactions.npz"), await second.Artifact("interactions.npz"));
        Assert.Equal((await first.Result<MaskedSamplesResult>()).Notes, result.Notes);
    }

    [Theory]
    [InlineData("""{"model": "other"}""")]
    [InlineData("""{"baseline": {"type": "constant", "value": 0.25}}""")]
    [InlineData("""{"value": {"type": "logit", "target": "label"}}""")]
    [InlineData("""{"players.seed": 4}""")]
    [InlineData("""{"outside": "baseline"}""")]
    [InlineData("""{"batch": 5}""")]
    public async Task Whatever_changes_the_table_makes_another_game(string change)
    {
        _lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.25));
        await Run("{}");
        var (made, saved) = Passes(await (await Run(change)).Result<MaskedSamplesResult>());

        // The unmasked samples may be the same ones; the tables are not.
        Assert.InRange(made, Rows - 2, Rows);
        Assert.Equal(Rows, made + saved);
        Assert.Equal(change.Contains("other", StringComparison.Ordinal) ? Rows : Rows - 2, made);
    }

    [Fact]
    public async Task A_damaged_entry_is_computed_again()
    {
        var first = await Run("{}");
        var keys = _lab.Cache.Keys;
        Assert.Equal(4, keys.Count);
        foreach (var key in keys)
        {
            _lab.Cache[key][^40] ^= 1;
        }

        var second = await Run("{}");
        Assert.Equal((Rows, 0), Passes(await second.Result<MaskedSamplesResult>()));
        Assert.Equal(await first.Artifact("values.npz"), await second.Artifact("values.npz"));
        Assert.Equal((0, Rows), Passes(await (await Run("{}")).Result<MaskedSamplesResult>()));
    }

    [Fact]
    public async Task An_entry_under_a_name_that_is_not_its_own_is_not_believed()
    {
        await Run("{}");
        var entries = _lab.Cache.Keys.Select(key => (Key: key, Bytes: _lab.Cache[key])).ToArray();
        var tables = entries.Where(entry => entry.Bytes.Length > 512).ToArray();
        Assert.Equal(2, tables.Length);
        _lab.Cache.Keep(tables[0].Key, tables[1].Bytes);
        Assert.Equal((1 << 6, Rows - (1 << 6)), Passes(await (await Run("{}")).Result<MaskedSamplesResult>()));
    }

    [Fact]
    public async Task An_attempt_that_goes_on_counts_what_the_one_before_ran_for_the_same_cell()
    {
        var whole = await Run("""{"samples": {"count": 3, "seed": 2, "correctOnly": true}}""");
        var job = await Job.Plan(_lab, "masked-samples", MaskedSamplesSpecTests.Spec("""{"samples": {"count": 3, "seed": 2, "correctOnly": true}}"""));
        _lab.Cache.Clear();
        await job.Run([2, 0]);

        // The cells are lost, as when the server is killed before it commits them; their outputs are kept.
        (job[0], job[2]) = (null, null);
        await job.Run([0, 1, 2]);
        Assert.Equal(await whole.Everything(), await job.Everything());
        Assert.Equal(0, (await job.Result<MaskedSamplesResult>()).SavedPasses);
    }

    private static (long Made, long Saved) Passes(MaskedSamplesResult result) => (result.ForwardPasses, result.SavedPasses);

    private Task<Job> Run(string change) => Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec(change));
}
