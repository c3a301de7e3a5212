using System.Text.Json;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Zoo;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.PruningSweep;

/// <summary>pruning-sweep on texts: words are players, and accuracy is that of texts.</summary>
public sealed class SweepTextTests : IDisposable
{
    private readonly Lab _lab = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-text-").FullName;
    private readonly byte[] _network = Network();

    public SweepTextTests()
    {
        var words = Write("vocab.txt", "[PAD]\n[UNK]\n[MASK]\nthe\nfilm\nis\nnot\ngood\nbad\nat\nall\n");
        var rows = Write("rows.tsv", "text\tlabel\nthe film is not good\t0\nbad\t0\nthe film is good at all costs\t1\nThe Film\t1\ngood film not bad\t1\n");
        _lab.AddDataset("texts", "tsv-text", """{"text": "text", "label": "label", "length": 8}""", rows, words);
        _lab.AddGames("games", [[0, 1, 2, 3]]);
        _lab.AddModel("net", _network);
    }

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("magnitude-global")]
    [InlineData("structured-magnitude")]
    public async Task A_transformer_of_texts_is_swept(string pruner)
    {
        var job = await Job.Run(_lab, "pruning-sweep", Spec(pruner, "texts"));
        var result = await job.Result<PruningSweepResult>();
        Assert.Equal([0, 0.2], result.Points.Select(point => point.Ratio));
        Assert.Equal((1.0, 0.0), (result.Points[0].RhoLow, result.Points[0].Achieved));
        Assert.InRange(result.Points[1].Achieved, 0.1, 0.3);

        var (accuracy, loss) = ByHand();
        Assert.Equal(accuracy, result.Points[0].Accuracy);
        Assert.Equal(loss, result.Points[0].Loss!.Value, 1e-5);
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses + result.SavedPasses);
    }

    [Fact]
    public async Task Tables_of_outputs_have_no_accuracy()
    {
        var faults = await Job.Refused(_lab, "pruning-sweep", Spec("random", "games"));
        Assert.Equal(["evaluation.dataset"], faults.Keys);
        Assert.Contains("holds tables of outputs", faults["evaluation.dataset"][0], StringComparison.Ordinal);
    }

    /// <summary>Accuracy and mean cross-entropy of the unpruned network, one text at a time.</summary>
    private (double Accuracy, double Loss) ByHand()
    {
        using var session = new InferenceSession(_network);
        using var texts = _lab.OpenDataset("texts");
        var (correct, loss, count) = (0, 0.0, texts.Summary.Count);
        for (var i = 0; i < count; i++)
        {
            var text = texts.Get(i);
            var ids = Array.ConvertAll(text.Values, id => (long)id);
            using var run = session.Run([NamedOnnxValue.CreateFromTensor("input_ids", new DenseTensor<long>(ids, [1, ids.Length]))]);
            var logits = run[0].AsTensor<float>();
            var margin = (double)logits[0, text.Label!.Value] - logits[0, 1 - text.Label.Value];
            correct += margin > 0 ? 1 : 0;
            loss += Math.Log(1 + Math.Exp(-margin));
        }

        return ((double)correct / count, loss / count);
    }

    private static string Spec(string pruner, string evaluation) => $$"""
        {"model": "net", "dataset": "texts", "samples": [0, 2], "players": {"type": "tokens", "select": 4, "seed": 1}, "device": "cpu",
         "pruner": {"type": "{{pruner}}"}, "ratios": [0, 0.2], "evaluation": {"dataset": "{{evaluation}}"} }
        """;

    private static byte[] Network()
    {
        var architecture = ModelZoo.Read(JsonElement.Parse("""{"name": "text-transformer", "width": 8, "depth": 1, "heads": 2}"""), (field, why) => Assert.Fail($"{field} {why}"))!;
        return ModelZoo.Build(architecture, new ZooInput(SampleKind.Text, [8], 2, 11), 3).ToBytes();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
