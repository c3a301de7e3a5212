using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Arrays;
using InteractionLab.Testing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.Bottleneck;

/// <summary>Profiles of games with many players: the words of texts, the columns of a wide table.</summary>
public sealed class LargeGamesTests : IDisposable
{
    private const int Columns = 300;
    private const int Group = 30;
    private const int Words = 48;
    private const long Mask = 2;
    private readonly Lab _lab = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-large-").FullName;

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// Groups of 30 columns, each with max(0, present - c): Δv of a pair of one group is 1 where just c - 1 others of it are
    /// present and 0 else, so I^(m) is a hypergeometric probability; of a pair of two groups it is 0.
    /// </summary>
    [Fact]
    public async Task Three_hundred_columns_have_the_interactions_of_their_closed_form()
    {
        int[] thresholds = [1, 4, 8, 15, 22, 26, 29, 8, 15, 22];
        _lab.AddModel("groups", TinyNetwork.Groups(thresholds, Group));
        AddOnes("table");
        const int contexts = 200;
        var job = await Job.Run(_lab, "bottleneck", $$$"""
            {"model": "groups", "dataset": "table", "samples": [0, 1], "players": {"type": "columns"}, "baseline": {"type": "zero"}, "value": {"type": "logit", "target": 1},
             "orders": [0, 0.1, 0.3, 0.5, 0.8, 1], "pairs": {"count": 150, "radius": 4}, "contexts": {{{contexts}}}, "device": "cpu"}
            """);
        var result = await job.Result<BottleneckResult>();
        var profile = Assert.Single(result.Models);
        Assert.Equal(Columns, profile.N);
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses + result.SavedPasses);
        var arrays = await job.Artifact("pairs.npz");
        var pairs = Npz.Read<long>(arrays, "pairs", out _);
        var interactions = Npz.Read<double>(arrays, "interactions", out var shape);
        Assert.Equal([1L, 2, 150, 6], shape);
        for (var k = 0; k < profile.Orders.Count; k++)
        {
            var expected = new double[150];
            for (var p = 0; p < 150; p++)
            {
                var (i, j) = ((int)pairs[2 * p], (int)pairs[(2 * p) + 1]);
                expected[p] = i / Group == j / Group ? Hypergeometric(thresholds[i / Group] - 1, profile.Orders[k]) : 0;
                if (i / Group != j / Group || profile.Orders[k] is 0 or Columns - 2)
                {
                    Assert.Equal(expected[p], interactions[(p * 6) + k], 1e-4);
                }
                else
                {
                    // Five standard deviations of a share of 200 draws, and one draw.
                    Assert.Equal(expected[p], interactions[(p * 6) + k], (5 * Math.Sqrt(expected[p] * (1 - expected[p]) / contexts)) + (1.0 / contexts));
                }
            }

            Assert.Equal(expected.Average(), profile.Magnitude[k], 0.02);
            Assert.Equal(expected.Average(), profile.MeanInteraction[k], 0.02);
        }
    }

    /// <summary>At the lowest and the highest order there is one context: four masked texts, run by ONNX Runtime itself.</summary>
    [Fact]
    public async Task Forty_eight_words_have_the_interactions_of_texts_masked_by_hand()
    {
        var onnx = File.ReadAllBytes(SharedData.Path("models", "sst2_transformer.onnx"));
        _lab.AddModel("sst2", onnx);
        var lines = File.ReadLines(SharedData.Path("data", "sst2", "train.tsv")).Skip(1).ToArray();
        var chosen = lines.Where(line => line.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length >= Words).Take(1).Append(lines.First(line => line.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length is > 5 and < 20));
        var file = Path.Combine(_folder, "rows.tsv");
        await File.WriteAllLinesAsync(file, chosen.Prepend("sentence\tlabel"), TestContext.Current.CancellationToken);
        _lab.AddDataset("reviews", "tsv-text", """{"text": "sentence", "label": "label"}""", file, SharedData.Path("models", "sst2_vocab.txt"));
        var job = await Job.Run(_lab, "bottleneck", """
            {"model": "sst2", "dataset": "reviews", "samples": [0, 1], "players": {"type": "tokens", "select": 48, "pad": true}, "value": {"type": "logit", "target": 1},
             "orders": [0, 0.5, 1], "pairs": {"count": 60, "seed": 3}, "contexts": 10, "device": "cpu"}
            """);
        var profile = Assert.Single((await job.Result<BottleneckResult>()).Models);
        Assert.Equal((Words, 2), (profile.N, profile.Samples));
        var arrays = await job.Artifact("pairs.npz");
        var pairs = Npz.Read<long>(arrays, "pairs", out _);
        var interactions = Npz.Read<double>(arrays, "interactions", out var shape);
        Assert.Equal([1L, 2, 60, 3], shape);
        using var session = new InferenceSession(onnx);
        using var texts = _lab.OpenDataset("reviews");
        var padded = 0;
        for (var sample = 0; sample < 2; sample++)
        {
            var ids = Array.ConvertAll(texts.Get(sample).Values, id => (long)id);
            var words = ids.Count(id => id != 0);
            for (var p = 0; p < 60; p++)
            {
                var (i, j) = ((int)pairs[2 * p], (int)pairs[(2 * p) + 1]);
                var low = V([i, j]) - V([i]) - V([j]) + V([]);
                var everyone = Enumerable.Range(0, Words).ToArray();
                var high = V(everyone) - V([.. everyone.Where(q => q != j)]) - V([.. everyone.Where(q => q != i)]) + V([.. everyone.Where(q => q != i && q != j)]);
                Assert.Equal(low, interactions[(((sample * 60) + p) * 3) + 0], 1e-3);
                Assert.Equal(high, interactions[(((sample * 60) + p) * 3) + 2], 1e-3);
                if (j >= words)
                {
                    // A [PAD] changes nothing at any order.
                    padded++;
                    Assert.Equal(0, interactions[(((sample * 60) + p) * 3) + 1], 1e-4);
                }
            }

            // Players are the words in order, then [PAD].
            double V(int[] present)
            {
                var masked = ids.Select((id, position) => id != 0 && !present.Contains(position) ? Mask : id).ToArray();
                using var run = session.Run([NamedOnnxValue.CreateFromTensor("input_ids", new DenseTensor<long>(masked, [1, masked.Length]))]);
                return run[0].AsTensor<float>()[0, 1];
            }
        }

        Assert.InRange(padded, 20, 60);
    }

    [Theory]
    [InlineData("""{"type": "tokens", "pad": true}""", "players.pad")]
    [InlineData("""{"type": "tokens", "groups": [[0]], "pad": true}""", "players.pad")]
    public async Task Filling_up_needs_a_number(string players, string field)
    {
        using var lab = Lab.Tiny();
        Assert.Contains(field, (await Job.Refused(lab, "bottleneck", $$"""{"model": "net", "dataset": "pictures", "samples": [0], "players": {{players}}}""")).Keys);
    }

    // P(just k others of the pair's group are among m of the 298 others).
    private static double Hypergeometric(int k, int m)
    {
        double Log(int n, int r) => Enumerable.Range(1, r).Sum(q => Math.Log(n - r + q) - Math.Log(q));
        return k < 0 || k > Group - 2 || k > m || m - k > Columns - Group ? 0 : Math.Exp(Log(Group - 2, k) + Log(Columns - Group, m - k) - Log(Columns - 2, m));
    }

    private void AddOnes(string id)
    {
        var path = Path.Combine(_folder, "ones.npz");
        using (var file = File.Create(path))
        {
            using var npz = new NpzWriter(file);
            npz.Write<float>("x", [.. Enumerable.Repeat(1f, 2 * Columns)], 2, Columns);
            npz.Write<long>("y", [0, 1], 2);
            npz.Complete();
        }

        _lab.AddDataset(id, "npz", "{}", path);
    }
}
