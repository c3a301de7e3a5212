using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Zoo;
using InteractionLab.Testing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>masked-samples on texts: words are players, absent words become a token.</summary>
[Trait("speed", "slow")]
public sealed class TextTests : IDisposable
{
    private const int Length = 8;
    private readonly Lab _lab = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-text-").FullName;

    public TextTests()
    {
        var words = Write("vocab.txt", "[PAD]\n[UNK]\n[MASK]\nthe\nfilm\nis\nnot\ngood\nbad\nat\nall\n");
        var plain = Write("plain.txt", "[PAD]\n[UNK]\nthe\nfilm\n");
        var rows = Write("rows.tsv", "text\tlabel\nthe film is not good\t0\nbad\t0\nthe film is good at all costs\t1\nThe Film\t1\n\t1\ngood film not bad\t1\n");
        const string Options = """{"text": "text", "label": "label", "length": 8}""";
        _lab.AddDataset("texts", "tsv-text", Options, rows, words);
        _lab.AddDataset("without-mask", "tsv-text", Options, rows, plain);
        _lab.AddModel("net", Network(11));
        _lab.AddModel("pictures-net", TinyNetwork.Onnx([3, 8, 8], 2));
    }

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("""{"samples": [0, 2], "players": {"type": "tokens", "select": 4, "seed": 3}}""", 2)]
    [InlineData("""{"samples": [0], "players": {"type": "tokens"}}""", 2)]
    [InlineData("""{"samples": [0, 2], "players": {"type": "tokens", "groups": [[1, 0], [3], [4]]}, "baseline": {"type": "zero"}}""", 0)]
    [InlineData("""{"samples": [2], "players": {"type": "tokens", "select": 2}, "outside": "baseline", "baseline": {"type": "token", "value": 7}}""", 7)]
    [InlineData("""{"samples": [2], "players": {"type": "tokens", "stopWords": ["The", "is"]}, "batch": 3}""", 2)]
    public async Task Tables_are_those_of_tokens_masked_by_hand(string spec, int token)
    {
        var job = await Job.Run(_lab, "masked-samples", With(spec));
        await CheckByHand(job, Network(11), "texts", token);
    }

    [Fact]
    public async Task Players_are_called_by_their_words_and_are_never_padding_or_stop_words()
    {
        var job = await Job.Run(_lab, "masked-samples", With("""{"samples": [2], "players": {"type": "tokens", "stopWords": ["IS", "costs"]}}"""));
        var sample = Assert.Single((await job.Result<MaskedSamplesResult>()).Samples);
        Assert.Equal([0, 1, 3, 4, 5, 6], sample.Players);
        Assert.Equal(["the", "film", "good", "at", "all", "[UNK]"], sample.PlayerNames!);
        Assert.Equal("""{"type":"token","value":2}""", job.Work.Spec.GetProperty("baseline").GetRawText());

        job = await Job.Run(_lab, "masked-samples", With("""{"samples": [0], "players": {"type": "tokens", "groups": [[3, 4], [0]]}}"""));
        Assert.Equal(["not good", "the"], Assert.Single((await job.Result<MaskedSamplesResult>()).Samples).PlayerNames!);
    }

    [Fact]
    public async Task Random_samples_are_those_with_enough_words()
    {
        var job = await Job.Plan(_lab, "masked-samples", With("""{"samples": {"count": 3, "seed": 1}, "players": {"type": "tokens", "select": 4}}"""));
        Assert.Equal(["sample/0", "sample/2", "sample/5"], job.Work.Cells.Order());
        var errors = await Job.Refused(_lab, "masked-samples", With("""{"samples": {"count": 4, "seed": 1}, "players": {"type": "tokens", "select": 4}}"""));
        Assert.Contains("the dataset has 3 samples with the players asked for", Assert.Single(errors["samples.count"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"samples": [0, 1], "players": {"type": "tokens", "select": 4}}""", "samples[1]", "sample 1 has 1 tokens that can be players; 4 are asked for")]
    [InlineData("""{"samples": {"from": 0, "to": 3}, "players": {"type": "tokens"}}""", "samples", "sample 1 has 1 tokens that can be players, the first one 5")]
    [InlineData("""{"samples": [1], "players": {"type": "tokens", "groups": [[0], [1]]}}""", "samples[0]", "sample 1 has no token at position 1")]
    [InlineData("""{"samples": [4], "players": {"type": "tokens"}}""", "players.select", "sample 4 has no token that can be a player")]
    [InlineData("""{"samples": {"count": 1, "seed": 1}, "players": {"type": "tokens"}}""", "players.select", "how many tokens is required")]
    [InlineData("""{"players": {"type": "tokens", "select": 9}}""", "players.select", "9 tokens of texts that have 8 at most")]
    [InlineData("""{"players": {"type": "tokens", "select": 17}}""", "players.select", "17 players: at most 16")]
    [InlineData("""{"players": {"type": "tokens", "select": 0}}""", "players.select", "must be \"all\" or a whole number from 1")]
    [InlineData("""{"players": {"type": "tokens", "groups": [[0], [8]]}}""", "players.groups[1][0]", "position 8 is outside 0..7")]
    [InlineData("""{"players": {"type": "tokens", "groups": [[0], [0]]}}""", "players.groups[1][0]", "is given twice")]
    [InlineData("""{"players": {"type": "tokens", "groups": [[0]], "select": 1}}""", "players.select", "the groups say which tokens are players")]
    [InlineData("""{"players": {"type": "tokens", "select": 1, "stopWords": [3]}}""", "players.stopWords[0]", "must be a string")]
    [InlineData("""{"players": {"type": "tokens", "select": 1, "rows": 3}}""", "players.rows", "is not known here")]
    [InlineData("""{"players": {"type": "grid", "rows": 1, "columns": 4}}""", "players.type", "texts have tokens as players")]
    [InlineData("""{"players": {"type": "columns"}}""", "players.type", "texts have tokens as players")]
    [InlineData("""{"baseline": {"type": "dataset-mean"}}""", "baseline.type", "words have no mean")]
    [InlineData("""{"baseline": {"type": "constant", "value": 1}}""", "baseline.type", "words have no mean")]
    [InlineData("""{"baseline": {"type": "token", "value": 11}}""", "baseline.value", "token 11 is outside 0..10")]
    [InlineData("""{"baseline": {"type": "token", "value": 1.5}}""", "baseline.value", "must be a whole number")]
    [InlineData("""{"dataset": "without-mask"}""", "baseline", "the vocabulary has no [MASK]")]
    [InlineData("""{"dataset": "without-mask", "baseline": {"type": "token"}}""", "baseline.value", "the vocabulary has no [MASK]")]
    [InlineData("""{"model": "pictures-net"}""", "dataset", "holds texts, and the model's input 'x' is float32")]
    public async Task A_fault_names_its_field(string spec, string field, string why)
    {
        var errors = await Job.Refused(_lab, "masked-samples", With(spec));
        Assert.True(errors.ContainsKey(field), string.Join("; ", errors.Select(error => $"{error.Key}: {error.Value[0]}")));
        Assert.Contains(why, errors[field][0], StringComparison.Ordinal);
        Assert.Single(errors);
    }

    [Fact]
    public async Task Ten_words_of_reviews_equal_masking_done_outside()
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", "sst2_transformer.onnx"));
        _lab.AddModel("sst2", onnx);
        _lab.AddDataset("reviews", "tsv-text", """{"text": "sentence", "label": "label"}""", SharedData.Path("data", "sst2", "dev.tsv"), SharedData.Path("models", "sst2_vocab.txt"));
        var job = await Job.Run(_lab, "masked-samples", """{"model": "sst2", "dataset": "reviews", "samples": {"count": 2, "seed": 1, "correctOnly": true}, "players": {"type": "tokens", "select": 10, "seed": 1}, "device": "cpu"}""");
        await CheckByHand(job, onnx, "reviews", 2);
        Assert.All((await job.Result<MaskedSamplesResult>()).Samples, sample =>
        {
            Assert.Equal(sample.Label, sample.Prediction);
            Assert.InRange(sample.Gap, 0, 1e-3);
            Assert.InRange(sample.MatchError, 0, 1e-9);
            Assert.Equal(10, sample.PlayerNames!.Count);
        });
    }

    /// <summary>Every v of every cell against plain ONNX Runtime on ids masked by a loop.</summary>
    private async Task CheckByHand(Job job, byte[] onnx, string dataset, int token)
    {
        using var session = new InferenceSession(onnx);
        using var texts = _lab.OpenDataset(dataset);
        var result = await job.Result<MaskedSamplesResult>();
        Assert.Equal(job.Count, result.Samples.Count);
        var (groups, absent) = (Groups(job.Work.Spec), job.Work.Spec.GetProperty("outside").GetString() == "baseline");
        for (var cell = 0; cell < job.Count; cell++)
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            var ids = Array.ConvertAll(texts.Get(game.Index).Values, id => (long)id);
            for (var mask = 0; mask < game.V.Length; mask++)
            {
                var masked = (long[])ids.Clone();
                for (var position = 0; position < ids.Length; position++)
                {
                    var player = groups is null ? game.Players.ToList().IndexOf(position) : Array.FindIndex(groups, group => group.Contains(position));
                    var gone = player >= 0 ? (mask >> player & 1) == 0 : absent && ids[position] != 0;
                    masked[position] = gone ? token : ids[position];
                }

                using var run = session.Run([NamedOnnxValue.CreateFromTensor("input_ids", new DenseTensor<long>(masked, [1, ids.Length]))]);
                var logits = run[0].AsTensor<float>();
                var y = game.Target!.Value;
                Assert.Equal((double)logits[0, y] - logits[0, 1 - y], game.V[mask], 1e-4);
            }
        }
    }

    private static int[][]? Groups(JsonElement spec) =>
        spec.GetProperty("players").TryGetProperty("groups", out var groups) ? groups.Deserialize<int[][]>() : null;

    private static string With(string changes)
    {
        var spec = JsonNode.Parse("""{"model": "net", "dataset": "texts", "samples": [0], "players": {"type": "tokens", "select": 2, "seed": 1}, "device": "cpu"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        return spec.ToJsonString();
    }

    /// <summary>A transformer whose classes differ visibly: its words are far apart.</summary>
    private static byte[] Network(int vocabulary)
    {
        var architecture = ModelZoo.Read(JsonElement.Parse("""{"name": "text-transformer", "width": 8, "depth": 1, "heads": 2}"""), (field, why) => Assert.Fail($"{field} {why}"))!;
        return ModelZoo.Build(architecture, new ZooInput(SampleKind.Text, [Length], 2, vocabulary), 3).ToBytes();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
