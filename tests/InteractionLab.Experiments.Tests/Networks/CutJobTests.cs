using System.Text.Json;
using InteractionLab.Experiments.Bottleneck;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.TrainingDynamics;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Networks;

/// <summary>Jobs whose players own the cells of a tensor between, on networks as users bring them.</summary>
[Trait("speed", "slow")]
public sealed class CutJobTests : IDisposable
{
    private const string CifarOptions = """{"mean": [0.4914, 0.4822, 0.4465], "std": [0.2470, 0.2435, 0.2616]}""";
    private const int Pictures = 60;
    private readonly Lab _lab = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-cuts-").FullName;

    public void Dispose()
    {
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("cifar_resnet8_e12", "/Relu_output_0", "dataset-mean")]
    [InlineData("cifar_resnet8_e12", "/l2/Relu_1_output_0", "zero")]
    [InlineData("cifar_resnet8_e12", "/l1/Relu_output_0", "dataset-mean")]
    [InlineData("cifar_vit", "/p/Conv_output_0", "sample-mean")]
    public async Task Tables_are_those_of_patches_of_the_tensor_masked_by_hand(string model, string cut, string baseline)
    {
        AddCifar(model);
        var job = await Job.Run(_lab, "masked-samples", Spec(model, $$$"""{"cut": "{{{cut}}}", "samples": [1, 4], "baseline": {"type": "{{{baseline}}}"}, "players": {"type": "grid", "rows": 4, "columns": 4, "select": 5, "by": "random"}}"""));
        var result = await job.Result<MaskedSamplesResult>();
        var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
        using var dataset = _lab.OpenDataset("cifar");
        using var masked = Open(model, cut);
        var (channels, height, width) = (masked.MaskedShape[0], masked.MaskedShape[1], masked.MaskedShape[2]);
        for (var row = 0; row < 2; row++)
        {
            var sample = result.Samples[row];
            var feature = masked.Feature(dataset.Get(sample.Index).Values);
            var owners = Enumerable.Range(0, feature.Length).Select(cell =>
            {
                var (y, x) = (cell / width % height, cell % width);
                return sample.Players.Index().Where(player => player.Item == (y * 4 / height * 4) + (x * 4 / width)).Select(player => player.Index).DefaultIfEmpty(PlayerLayout.Keep).First();
            }).ToArray();
            float[] absent = baseline switch
            {
                "zero" => new float[feature.Length],
                "sample-mean" => [.. Enumerable.Range(0, feature.Length).Select(cell => feature.Where((_, i) => i / (height * width) == cell / (height * width)).Average())],
                _ => Mean(masked, dataset),
            };
            var expected = new double[32];
            masked.Evaluate(dataset.Get(sample.Index).Values, absent, new PlayerLayout(5, owners), sample.Label!.Value, [.. Enumerable.Range(0, 32).Select(mask => (uint)mask)], expected);
            Assert.All(expected.Zip(v.Skip(32 * row).Take(32)), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
            Assert.True(expected.Max() - expected.Min() > 0.01);
        }

        Assert.Equal(2, channels > 0 ? 2 : 0);
        Assert.Equal(cut == "/l1/Relu_output_0", result.Notes.Any(note => note.Contains("round the cut", StringComparison.Ordinal)));
        Assert.Equal(baseline == "dataset-mean" ? Pictures + 2 : 2, job.Work.Estimate.HeadPasses);
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses);
    }

    [Fact]
    public async Task A_second_job_runs_nothing_and_a_resumed_one_gives_the_same()
    {
        AddCifar("cifar_resnet8_e12");
        var spec = Spec("cifar_resnet8_e12", """{"cut": "/l1/Relu_1_output_0", "samples": [1, 4, 7], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 4, "by": "random"}}""");
        _lab.Speed = _lab.Rates;
        var before = await Estimated();
        Assert.Equal(0, before.SavedPasses);
        var first = await Job.Run(_lab, "masked-samples", spec);
        var after = await Estimated();
        Assert.Equal(after.ForwardPasses, after.SavedPasses);
        Assert.True(after.Seconds < before.Seconds, $"{before.Seconds} s, then {after.Seconds} s");
        var again = await Job.Run(_lab, "masked-samples", spec);
        Assert.Equal(0, (await again.Result<MaskedSamplesResult>()).ForwardPasses);
        Assert.Equal((await first.Result<MaskedSamplesResult>()).ForwardPasses, (await again.Result<MaskedSamplesResult>()).SavedPasses);

        _lab.Cache.Clear();
        var resumed = await Job.Plan(_lab, "masked-samples", spec);
        await resumed.Run([2]);
        _lab.Cache.Clear();
        await resumed.Run([0, 1]);
        Assert.Equal(await first.Everything(), await resumed.Everything());

        async Task<ExperimentEstimate> Estimated() => await (await Job.Plan(_lab, "masked-samples", spec)).Work.EstimateAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Neither_another_cut_nor_another_baseline_takes_the_outputs_of_the_first()
    {
        AddCifar("cifar_resnet8_e12");
        var tables = new List<string>();
        foreach (var part in new[] { "null", "\"/Relu_output_0\"", "\"/l1/Relu_1_output_0\"" })
        {
            foreach (var baseline in new[] { """{"type": "dataset-mean"}""", """{"type": "zero"}""", """{"type": "constant", "value": 0.5}""", """{"type": "sample-mean"}""" }.Take(part == "null" ? 3 : 4))
            {
                var job = await Job.Run(_lab, "masked-samples", Spec("cifar_resnet8_e12", $$$"""{"cut": {{{part}}}, "baseline": {{{baseline}}}, "samples": [1], "players": {"type": "grid", "rows": 2, "columns": 2}}"""));
                Assert.Equal(16, (await job.Result<MaskedSamplesResult>()).ForwardPasses - (tables.Count == 0 ? 1 : 0));
                tables.Add(string.Join(' ', Npz.Read<double>(await job.Artifact("values.npz"), "v", out _).Select(value => value.ToString("R", null))));
            }
        }

        Assert.Equal(tables.Count, tables.Distinct().Count());
    }

    [Theory]
    [InlineData("{}", "baseline.type")]
    [InlineData("7", "baseline")]
    [InlineData("""{"type": "mean"}""", "baseline.type")]
    public async Task A_wrong_baseline_at_a_cut_is_named_with_what_else_is_wrong(string baseline, string field)
    {
        AddCifar("cifar_resnet8_e12");
        var errors = await Job.Refused(_lab, "masked-samples", Spec("cifar_resnet8_e12", $$$"""{"cut": "/Relu_output_0", "samples": [1], "baseline": {{{baseline}}}, "batch": 0, "players": {"type": "grid", "rows": 2, "columns": 2}}"""));
        Assert.Equal([field, "batch"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cut_that_names_the_input_is_no_cut()
    {
        AddCifar("cifar_resnet8_e12");
        const string Part = """ "samples": [1, 4], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 4, "by": "random"}}""";
        var plain = await Job.Run(_lab, "masked-samples", Spec("cifar_resnet8_e12", "{" + Part));
        var kept = _lab.Cache.Keys.Count;
        var cut = await Job.Run(_lab, "masked-samples", Spec("cifar_resnet8_e12", """{"cut": "input",""" + Part));
        Assert.Equal(kept, _lab.Cache.Keys.Count);
        Assert.Equal(Npz.Read<double>(await plain.Artifact("values.npz"), "v", out _), Npz.Read<double>(await cut.Artifact("values.npz"), "v", out _));
        Assert.Equal(0, cut.Work.Estimate.HeadPasses);
    }

    [Fact]
    public async Task Patches_are_the_same_before_and_after_they_become_positions()
    {
        // [64, 8, 8] becomes [64 positions, 64] without any arithmetic.
        AddCifar("cifar_vit");
        const string Part = """ "samples": [1, 4], "baseline": {"type": "dataset-mean"}, "players": {"type": "grid", "rows": 4, "columns": 4, "cells": [0, 5, 6, 9, 10]}}""";
        var before = await Job.Run(_lab, "masked-samples", Spec("cifar_vit", """{"cut": "/p/Conv_output_0",""" + Part));
        var after = await Job.Run(_lab, "masked-samples", Spec("cifar_vit", """{"cut": "/Transpose_output_0",""" + Part));
        var tokens = await Job.Run(_lab, "masked-samples", Spec("cifar_vit", """{"cut": "/Transpose_output_0", "samples": [1, 4], "players": {"type": "tokens", "groups": [[0, 1, 8, 9], [18, 19, 26, 27], [20, 21, 28, 29], [34, 35, 42, 43], [36, 37, 44, 45]]}}"""));
        var expected = Npz.Read<double>(await before.Artifact("values.npz"), "v", out _);
        foreach (var job in (Job[])[after, tokens])
        {
            Assert.All(expected.Zip(Npz.Read<double>(await job.Artifact("values.npz"), "v", out _)), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        var drawn = await Job.Run(_lab, "masked-samples", Spec("cifar_vit", """{"cut": "/e.0/Add_2_output_0", "samples": [1, 4], "baseline": {"type": "constant", "value": 0.1}, "players": {"type": "tokens", "select": 5, "seed": 2}}"""));
        Assert.All((await drawn.Result<MaskedSamplesResult>()).Samples, sample => Assert.All(sample.Players, position => Assert.InRange(position, 0, 63)));
    }

    [Fact]
    public async Task Words_masked_behind_their_embedding_are_words_masked_before_it()
    {
        AddTexts();
        const string Part = """ "players": {"type": "tokens", "select": 5, "seed": 1}}""";
        var plain = await Job.Run(_lab, "masked-samples", Spec("sst2", "{" + Part, "texts"));
        var cut = await Job.Run(_lab, "masked-samples", Spec("sst2", """{"cut": "/emb/Gather_output_0",""" + Part, "texts"));
        Assert.Equal("token", cut.Work.Spec.GetProperty("baseline").GetProperty("type").GetString());
        var (expected, found) = (await plain.Result<MaskedSamplesResult>(), await cut.Result<MaskedSamplesResult>());
        Assert.Equal(expected.Samples.Select(sample => string.Join(' ', sample.PlayerNames!)), found.Samples.Select(sample => string.Join(' ', sample.PlayerNames!)));
        Assert.All(
            Npz.Read<double>(await plain.Artifact("values.npz"), "v", out _).Zip(Npz.Read<double>(await cut.Artifact("values.npz"), "v", out _)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Contains(found.Notes, note => note.Contains("padding", StringComparison.Ordinal));
        Assert.Equal(2 * expected.Total, cut.Work.Estimate.HeadPasses);
    }

    [Theory]
    [InlineData("sample-mean")]
    [InlineData("constant")]
    [InlineData("zero")]
    [InlineData("dataset-mean")]
    public async Task Baselines_of_embeddings(string type)
    {
        AddTexts();
        var vector = Enumerable.Range(0, 64).Select(i => Math.Round(Math.Sin(i), 3)).ToArray();
        var value = type == "constant" ? $$""", "value": {{JsonSerializer.Serialize(vector)}}""" : "";
        var job = await Job.Run(_lab, "masked-samples", Spec("sst2", $$$"""{"cut": "/emb/Gather_output_0", "baseline": {"type": "{{{type}}}"{{{value}}}}, "players": {"type": "tokens", "select": 4, "seed": 1}}""", "texts"));
        var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
        using var dataset = _lab.OpenDataset("texts");
        using var masked = Open("sst2_transformer", "/emb/Gather_output_0");
        foreach (var (row, sample) in (await job.Result<MaskedSamplesResult>()).Samples.Index())
        {
            var ids = dataset.Get(sample.Index).Values;
            var feature = masked.Feature(ids);
            var words = Enumerable.Range(0, 48).Where(position => ids[position] != 0).ToArray();
            float[] absent = type switch
            {
                "sample-mean" => [.. Enumerable.Range(0, feature.Length).Select(cell => words.Average(position => feature[(position * 64) + (cell % 64)]))],
                "constant" => [.. Enumerable.Range(0, feature.Length).Select(cell => (float)vector[cell % 64])],
                "dataset-mean" => Mean(masked, dataset),
                _ => new float[feature.Length],
            };
            var owners = Enumerable.Range(0, feature.Length).Select(cell => sample.Players.ToList().IndexOf(cell / 64) is >= 0 and var player ? player : PlayerLayout.Keep).ToArray();
            var expected = new double[16];
            masked.Evaluate(ids, absent, new PlayerLayout(4, owners), sample.Label!.Value, [.. Enumerable.Range(0, 16).Select(mask => (uint)mask)], expected);
            Assert.All(expected.Zip(v.Skip(16 * row).Take(16)), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Fact]
    public async Task Attribution_chooses_the_places_that_matter_at_the_cut()
    {
        Assert.SkipUnless(NetworkDevice.Missing(NetworkExecutor.Torch) is null, NetworkDevice.Missing(NetworkExecutor.Torch) ?? "");
        AddCifar("cifar_resnet8_e12");
        const string Cut = "/l1/Relu_1_output_0";
        var job = await Job.Run(_lab, "masked-samples", Spec("cifar_resnet8_e12", $$$"""{"cut": "{{{Cut}}}", "samples": [1, 4], "players": {"type": "grid", "rows": 4, "columns": 4, "select": 4, "by": "attribution"}}"""));
        using var dataset = _lab.OpenDataset("cifar");
        using var masked = Open("cifar_resnet8_e12", Cut);
        using var gradients = DifferentiableModel.Open(OnnxModel.Load(Bytes("cifar_resnet8_e12")), [3, 32, 32], DeviceKind.Cpu);
        double[] mean = [.. Mean(masked, dataset).Select(cell => (double)cell)];
        foreach (var sample in (await job.Result<MaskedSamplesResult>()).Samples)
        {
            double[] cells = [.. dataset.Get(sample.Index).Values.Select(cell => (double)cell)];
            var found = gradients.IntegratedGradientsFrom(cells, mean, sample.Label!.Value, ValueKind.LogOdds, Cut);
            var strongest = Enumerable.Range(0, 16)
                .OrderByDescending(patch => found.Values.Where((_, cell) => (cell / 32 % 32 / 8 * 4) + (cell % 32 / 8) == patch).Sum(Math.Abs))
                .Take(4).Order();
            Assert.Equal(strongest, sample.Players);
            Assert.InRange(Math.Abs(sample.AttributionDelta!.Value), 0, 0.1 * Math.Abs(sample.VFull));
        }
    }

    [Fact]
    public async Task Networks_are_cut_each_at_its_own_tensor()
    {
        AddCifar("cifar_resnet8_e12", "cifar_resnet8_e02", "cifar_vit");
        const string Part = """ "dataset": "cifar", "samples": [1, 4], "players": {"type": "grid", "rows": 2, "columns": 2}, "device": "cpu", """;
        var both = await Job.Run(_lab, "bottleneck", "{" + Part + """ "models": ["cifar_resnet8_e12", "cifar_resnet8_e02"], "cut": "/l1/Relu_1_output_0"}""");
        var result = await both.Result<BottleneckResult>();
        Assert.Equal(2 * (Pictures + 2), both.Work.Estimate.HeadPasses);
        foreach (var (k, model) in new[] { "cifar_resnet8_e12", "cifar_resnet8_e02" }.Index())
        {
            _lab.Cache.Clear();
            var alone = await (await Job.Run(_lab, "bottleneck", "{" + Part + $$""" "models": ["{{model}}"], "cut": "/l1/Relu_1_output_0"}""")).Result<BottleneckResult>();
            Assert.Equal(alone.Models[0].Strength, result.Models[k].Strength);
        }

        var errors = await Job.Refused(_lab, "bottleneck", "{" + Part + """ "models": ["cifar_resnet8_e12", "cifar_vit"], "cut": "/l1/Relu_1_output_0"}""");
        Assert.Contains("the model at 'models[1]': The model has no tensor", Assert.Single(errors["cut"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshots_are_cut_each_at_its_own_tensor()
    {
        AddCifar("cifar_resnet8_e02", "cifar_resnet8_e12", "cifar_resnet8_reference");
        var job = await Job.Run(_lab, "training-dynamics", """
            {"snapshots": [{"epoch": 2, "model": "cifar_resnet8_e02"}, {"epoch": 12, "model": "cifar_resnet8_e12"}], "references": ["cifar_resnet8_reference"], "cut": "/l1/Relu_1_output_0",
             "train": {"dataset": "cifar", "samples": [1]}, "test": {"dataset": "cifar", "samples": [4]}, "players": {"type": "grid", "rows": 2, "columns": 2}, "interactions": {"solver": "half"}, "device": "cpu"}
            """);
        Assert.Equal(3 * (Pictures + 2), job.Work.Estimate.HeadPasses);
        var result = await job.Result<TrainingDynamicsResult>();
        Assert.Equal([2, 12], result.Points.Select(point => point.Epoch));

        // The same games as masked-samples has.
        var alone = await Job.Run(_lab, "masked-samples", Spec("cifar_resnet8_e12", """{"cut": "/l1/Relu_1_output_0", "samples": [1]}"""));
        Assert.Equal(0, (await alone.Result<MaskedSamplesResult>()).ForwardPasses);
    }

    [Fact]
    public async Task A_pruned_network_is_cut_at_a_tensor_of_fewer_channels()
    {
        AddCifar("cifar_resnet8_e12", "cifar_resnet8_reference");
        var job = await Job.Run(_lab, "pruning-sweep", """
            {"model": "cifar_resnet8_e12", "references": ["cifar_resnet8_reference"], "dataset": "cifar", "samples": [1], "ratios": [0, 0.4], "pruner": {"type": "structured-magnitude"}, "cut": "/l1/Relu_1_output_0",
             "evaluation": {"dataset": "cifar", "samples": {"from": 0, "to": 20}}, "players": {"type": "grid", "rows": 2, "columns": 2}, "interactions": {"solver": "half"}, "decomposition": "separate", "device": "cpu"}
            """);
        var result = await job.Result<PruningSweepResult>();

        // The model, which is also the network of ratio 0, the reference and the pruned one.
        Assert.Equal(3 * (Pictures + 1), job.Work.Estimate.HeadPasses);
        Assert.Equal(2, result.Points.Count);
        Assert.InRange(result.Points[1].Achieved, 0.3, 0.5);
        Assert.True(result.Points[1].Removed + result.Points[1].Emerged > 0);
    }

    [Theory]
    [InlineData("""{"cut": "/Relu_output_9"}""", "cut", "Close ones are '/Relu_output_0'")]
    [InlineData("""{"cut": "logits"}""", "cut", "the output itself")]
    [InlineData("""{"cut": "fc.weight"}""", "cut", "is a weight")]
    [InlineData("""{"cut": 7}""", "cut", "must be a string")]
    [InlineData("""{"cut": "/l3/Relu_output_0", "players": {"type": "grid", "rows": 9, "columns": 4}}""", "players.rows", "9 rows of a cut tensor 8 places high")]
    [InlineData("""{"cut": "/ReduceMean_output_0"}""", "players.type", "a grid needs a cut tensor [channels, height, width]")]
    [InlineData("""{"cut": "/ReduceMean_output_0", "players": {"type": "columns"}}""", "players", "64 players")]
    [InlineData("""{"cut": "/Relu_output_0", "players": {"type": "columns"}}""", "players.type", "columns need a cut tensor [columns]; the cut tensor has shape [16, 32, 32]")]
    [InlineData("""{"cut": "/Relu_output_0", "players": {"type": "tokens", "select": 3}}""", "players.type", "tokens need a cut tensor [positions, width]")]
    [InlineData("""{"cut": "/ReduceMean_output_0", "players": {"type": "groups", "groups": [[0, 64]]}}""", "players.groups[0][1]", "outside 0..63")]
    [InlineData("""{"cut": "/Relu_output_0", "baseline": {"type": "constant", "value": [1, 2, 3]}}""", "baseline.value", "give one, or 16")]
    [InlineData("""{"cut": "/Relu_output_0", "baseline": {"type": "token"}}""", "baseline.type", "needs a dataset of texts")]
    [InlineData("""{"baseline": {"type": "sample-mean"}}""", "baseline.type", "needs a cut")]
    public async Task What_does_not_fit_the_cut_is_named_by_its_field(string part, string field, string why)
    {
        AddCifar("cifar_resnet8_e12");
        var errors = await Job.Refused(_lab, "masked-samples", Spec("cifar_resnet8_e12", part));
        Assert.Contains(why, string.Join(' ', errors[field]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"cut": "/e.0/Transpose_1_output_0"}""", "cut", "a row for each of the 48 positions")]
    [InlineData("""{"cut": "/Equal_output_0"}""", "cut", "only floating-point")]
    [InlineData("""{"cut": "/emb/Gather_output_0", "baseline": {"type": "constant", "value": [1, 2]}}""", "baseline.value", "give one, or 64")]
    public async Task Cuts_of_texts_are_checked_too(string part, string field, string why)
    {
        AddTexts();
        var errors = await Job.Refused(_lab, "masked-samples", Spec("sst2", part, "texts"));
        Assert.Contains(why, string.Join(' ', errors[field]), StringComparison.Ordinal);
    }

    private static MaskedModel Open(string model, string cut)
    {
        var onnx = OnnxModel.Load(Bytes(model));
        return MaskedModel.Build(onnx, [.. onnx.Summary.Inputs[0].Shape.Skip(1).Select(side => (int)side!.Value)], new MaskedModelOptions(ValueKind.LogOdds, cut, DeviceKind.Cpu));
    }

    private static float[] Mean(MaskedModel masked, IDataset dataset)
    {
        var sums = new double[masked.MaskedShape.Aggregate(1, (a, b) => a * b)];
        for (var index = 0; index < dataset.Summary.Count; index++)
        {
            foreach (var (cell, number) in masked.Feature(dataset.Get(index).Values).Index())
            {
                sums[cell] += number;
            }
        }

        return [.. sums.Select(sum => (float)(sum / dataset.Summary.Count))];
    }

    private static byte[] Bytes(string model) => File.ReadAllBytes(SharedData.Path("models", model + ".onnx"));

    private static string Spec(string model, string part, string dataset = "cifar")
    {
        var spec = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(part)!;
        spec["model"] = JsonSerializer.SerializeToElement(model);
        spec["dataset"] = JsonSerializer.SerializeToElement(dataset);
        spec["device"] = JsonSerializer.SerializeToElement("cpu");
        spec.TryAdd("samples", JsonElement.Parse(dataset == "texts" ? "[0, 2]" : "[1]"));
        spec.TryAdd("interactions", JsonElement.Parse("""{"solver": "half"}"""));
        spec.TryAdd("players", JsonElement.Parse(dataset == "texts" ? """{"type": "tokens", "select": 3}""" : """{"type": "grid", "rows": 2, "columns": 2}"""));
        return JsonSerializer.Serialize(spec);
    }

    /// <summary>The first pictures of a batch, so that a mean over all of them is quick.</summary>
    private void AddCifar(params IReadOnlyList<string> models)
    {
        const int Record = 1 + (3 * 1024);
        var bytes = new byte[Pictures * Record];
        using (var file = File.OpenRead(SharedData.Path("data", "cifar10", "test_batch.bin")))
        {
            file.ReadExactly(bytes);
        }

        var path = Path.Combine(_folder, "few.bin");
        File.WriteAllBytes(path, bytes);
        _lab.AddDataset("cifar", "cifar10", CifarOptions, path);
        foreach (var model in models)
        {
            _lab.AddModel(model, Bytes(model));
        }
    }

    private void AddTexts()
    {
        var lines = File.ReadLines(SharedData.Path("data", "sst2", "dev.tsv")).Take(20).ToArray();
        var path = Path.Combine(_folder, "few.tsv");
        File.WriteAllLines(path, lines);
        var columns = lines[0].Split('\t');
        _lab.AddDataset("texts", "tsv-text", $$"""{"text": "{{columns.First(name => name.StartsWith('s') || name.StartsWith('t'))}}", "label": "{{columns.First(name => name.StartsWith('l'))}}", "length": 48}""", path, SharedData.Path("models", "sst2_vocab.txt"));
        _lab.AddModel("sst2", Bytes("sst2_transformer"));
    }
}
