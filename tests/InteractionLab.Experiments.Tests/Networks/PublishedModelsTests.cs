using System.Reflection;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Arrays;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.Networks;

/// <summary>Networks as others publish them, from their packages, against ONNX Runtime run by hand.</summary>
[Trait("speed", "slow")]
public sealed class PublishedModelsTests : IDisposable
{
    private const int Side = 224;
    private const int Unit = 5;
    private readonly Lab _lab = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-published-").FullName;

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>ResNet-18 of ImageNet as ML.NET has it: its batch of 1 is written into the graph, and it ends in features [1, 512, 1, 1].</summary>
    [Fact]
    public async Task ResNet18_of_ImageNet_is_masked_as_by_hand()
    {
        var onnx = await File.ReadAllBytesAsync(Locate("ResNet18"), TestContext.Current.CancellationToken);
        _lab.AddModel("resnet18", onnx);
        var random = new Random(3);
        var picture = Enumerable.Range(0, 3 * Side * Side).Select(_ => (float)(random.NextDouble() * 4) - 2).ToArray();
        var file = Path.Combine(_folder, "pictures.npz");
        using (var stream = File.Create(file))
        {
            using var npz = new NpzWriter(stream);
            npz.Write<float>("x", picture, 1, 3, Side, Side);
            npz.Write<long>("y", [Unit], 1);
            npz.Complete();
        }

        _lab.AddDataset("pictures", "npz", """{"layout": "chw"}""", file);
        var job = await Job.Run(_lab, "masked-samples", $$$"""
            {"model": "resnet18", "dataset": "pictures", "samples": [0], "players": {"type": "grid", "rows": 2, "columns": 2}, "baseline": {"type": "zero"}, "value": {"type": "logit", "target": {{{Unit}}}}, "device": "cpu"}
            """);
        var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
        Assert.Equal(16, v.Length);
        using var session = new InferenceSession(onnx);
        var input = session.InputMetadata.Single().Key;
        for (var mask = 0; mask < 16; mask++)
        {
            var masked = picture.Select((value, at) => (mask >> Patch(at) & 1) == 1 ? value : 0).ToArray();
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(input, new DenseTensor<float>(masked, [1, 3, Side, Side]))]);
            Assert.Equal(outputs.Single().AsTensor<float>().ToArray()[Unit], v[mask], 1e-4);
        }

        Assert.Contains((await job.Result<MaskedSamplesResult>()).Notes, note => note.Contains("batch", StringComparison.Ordinal) || note.Contains("output", StringComparison.Ordinal));
        static int Patch(int at) => (2 * (at / Side % Side * 2 / Side)) + (at % Side * 2 / Side);
    }

    /// <summary>The encoder of all-MiniLM-L6-v2 as its package embeds it: three inputs, and outputs for every token and pooled.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(", \"outputAs\": \"mean-of-tokens\"")]
    public async Task MiniLM_is_masked_as_by_hand(string extra)
    {
        var onnx = Embedded(await File.ReadAllBytesAsync(Locate("MiniLM"), TestContext.Current.CancellationToken));
        _lab.AddModel("minilm", onnx);
        _lab.AddTexts("texts", 6, "a good film\t1", "bad film a bad\t0");
        var job = await Job.Run(_lab, "masked-samples", $$$"""
            {"model": "minilm", "dataset": "texts", "samples": {"from": 0, "to": 2}, "players": {"type": "tokens", "select": 2, "seed": 1}, "baseline": {"type": "zero"}, "value": {"type": "logit", "target": {{{Unit}}}}, "device": "cpu", "interactions": {"solver": "half"}{{{extra}}}}
            """);
        using var session = new InferenceSession(onnx);
        using var texts = _lab.OpenDataset("texts");
        for (var cell = 0; cell < job.Count; cell++)
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            var whole = Array.ConvertAll(texts.Get(game.Index).Values, id => (long)id);
            var attention = Array.ConvertAll(whole, id => id == 0 ? 0L : 1L);
            for (var mask = 0; mask < game.V.Length; mask++)
            {
                long[] ids = [.. whole.Select((id, place) => game.Players.ToList().IndexOf(place) is >= 0 and var player && (mask >> player & 1) == 0 ? 0 : id)];
                NamedOnnxValue Feed(string name, long[] values) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(values, [1, ids.Length]));
                using var outputs = session.Run([Feed("input_ids", ids), Feed("attention_mask", attention), Feed("token_type_ids", new long[ids.Length])]);
                var tokens = outputs.Single(output => output.Name == "last_hidden_state").AsTensor<float>();
                var expected = extra.Length == 0
                    ? outputs.Single(output => output.Name != "last_hidden_state").AsTensor<float>()[0, Unit]
                    : Enumerable.Range(0, ids.Length).Where(place => attention[place] == 1).Average(place => (double)tokens[0, place, Unit]);
                Assert.Equal(expected, game.V[mask], 1e-4);
            }
        }
    }

    /// <summary>The model in a library's resources: its length stands before its bytes, which begin as those of an exported ONNX file do.</summary>
    private static byte[] Embedded(byte[] library)
    {
        ReadOnlySpan<byte> start = [0x12, 0x07, .. "pytorch"u8];
        var at = library.AsSpan().IndexOf(start) - 2;
        return library[at..(at + BitConverter.ToInt32(library, at - sizeof(int)))];
    }

    private static string Locate(string name) =>
        typeof(PublishedModelsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == name).Value!;
}
