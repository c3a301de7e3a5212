using System.Text.Json;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Inputs;

/// <summary>Networks that take pictures channels last, beside a twin written by hand that takes them channels first.</summary>
public sealed class PictureInputTests : IDisposable
{
    private const int Hidden = 5;
    private const int Classes = 3;
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(3, 4, 6)]
    [InlineData(4, 6, 6)]
    [InlineData(2, 3, 5)]
    public async Task Patches_are_spatial_over_all_channels(int channels, int height, int width)
    {
        _lab.AddArrays("pictures", 6, [channels, height, width], Classes);
        foreach (var (id, onnx) in Networks(channels, height, width))
        {
            _lab.AddModel(id, onnx);
            var baseline = $"{{\"type\": \"constant\", \"value\": [{string.Join(", ", Enumerable.Range(1, channels).Select(c => FormattableString.Invariant($"{0.25 * c}")))}]}}";
            var job = await Job.Run(_lab, "masked-samples", Spec(id, "{\"type\": \"grid\", \"rows\": 2, \"columns\": 2, \"select\": \"all\"}", baseline: baseline));
            using var data = _lab.OpenDataset("pictures");
            for (var cell = 0; cell < job.Count; cell++)
            {
                var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
                var sample = data.Get(game.Index);
                for (var mask = 0; mask < game.V.Length; mask++)
                {
                    // By hand: the patch of a pixel is that of its place, whatever its channel.
                    double At(int c, int y, int x) => (mask >> (((y * 2 / height) * 2) + (x * 2 / width)) & 1) == 1 ? sample.Values[(((c * height) + y) * width) + x] : 0.25 * (c + 1);
                    Assert.Equal(LogOdds(Logits(channels, height, width, At), sample.Label!.Value), game.V[mask], 1e-4);
                }
            }

            var notes = (await job.Result<MaskedSamplesResult>()).Notes;
            Assert.Equal(id != "first", notes.Any(note => note.Contains("channels last", StringComparison.Ordinal)));
        }
    }

    public static TheoryData<string> Uses =>
    [
        "\"players\": {\"type\": \"grid\", \"rows\": 4, \"columns\": 4, \"select\": 5, \"by\": \"random\", \"seed\": 2}, \"outside\": \"baseline\"",
        "\"players\": {\"type\": \"groups\", \"groups\": [[0, 17, 34], [3], [40, 41]]}",
        "\"players\": {\"type\": \"grid\", \"rows\": 2, \"columns\": 2, \"select\": \"all\"}, \"baseline\": {\"type\": \"dataset-mean\"}",
        "\"players\": {\"type\": \"grid\", \"rows\": 2, \"columns\": 2, \"select\": \"all\"}, \"executor\": \"torch\"",
        "\"players\": {\"type\": \"grid\", \"rows\": 4, \"columns\": 4, \"select\": 4, \"by\": \"attribution\"}",
        "\"players\": {\"type\": \"grid\", \"rows\": 2, \"columns\": 2, \"select\": \"all\"}, \"cut\": \"image\"",
    ];

    [Theory]
    [MemberData(nameof(Uses))]
    public async Task Every_use_gives_what_the_twin_gives(string use)
    {
        if (use.Contains("torch", StringComparison.Ordinal) || use.Contains("attribution", StringComparison.Ordinal))
        {
            Libtorch.Require();
        }

        _lab.AddArrays("pictures", 6, [3, 4, 4], Classes);
        double[]? expected = null;
        foreach (var (id, onnx) in Networks(3, 4, 4))
        {
            _lab.AddModel(id, onnx);
            var job = await Job.Run(_lab, "masked-samples", $$"""{"model": "{{id}}", "dataset": "pictures", "samples": {"from": 0, "to": 3}, "device": "cpu", "interactions": {"solver": "half"}, {{use}}}""");
            var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
            expected ??= v;
            Assert.All(expected.Zip(v), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public async Task Accuracy_under_masks_and_attacks_is_that_of_the_twin()
    {
        Libtorch.Require();
        _lab.AddArrays("pictures", 12, [3, 4, 4], Classes);
        foreach (var (id, onnx) in Networks(3, 4, 4))
        {
            _lab.AddModel(id, onnx);
        }

        var result = await (await Job.Run(_lab, "macro", """
            {"models": ["first", "turned", "last"], "dataset": "pictures", "structure": {"rows": 2, "columns": 2}, "fit": {"train": {"dataset": "pictures"} },
             "robustness": {"epsilon": 0.3, "steps": 3, "stepSize": 0.1}, "device": "cpu"}
            """)).Result<MacroResult>();
        string[] found = [.. result.Models.Select(model => JsonSerializer.Serialize(new { model.Structure, model.Robustness }, LabJson.Options))];
        Assert.Equal([found[0], found[0]], found[1..]);
    }

    [Fact]
    public async Task A_trained_network_has_the_weights_of_the_twin_and_takes_pictures_as_before()
    {
        Libtorch.Require();
        _lab.AddArrays("pictures", 12, [3, 4, 4], Classes);
        List<TrainingResult> results = [];
        foreach (var (id, onnx) in Networks(3, 4, 4))
        {
            _lab.AddModel(id, onnx);
            var job = await Job.Run(_lab, "training", $$"""
                {"model": "{{id}}", "train": {"dataset": "pictures"}, "test": {"dataset": "pictures"}, "epochs": 2, "batchSize": 4, "snapshots": "every", "device": "cpu", "seed": 3,
                 "augment": {"crop": 1, "flip": true}, "modulation": [{"type": "encourage", "from": 0.25, "to": 0.75, "weight": 1}],
                 "players": {"type": "grid", "rows": 2, "columns": 2, "select": "all"}, "optimizer": {"type": "sgd", "learningRate": 0.05} }
                """);
            results.Add(await job.Result<TrainingResult>());
            var snapshot = (await _lab.FindModelAsync(results[^1].Snapshots[^1].Model, TestContext.Current.CancellationToken))!;
            Assert.Equal(JsonSerializer.Serialize(OnnxModel.Load(onnx).Summary), JsonSerializer.Serialize(snapshot.Summary));
        }

        foreach (var result in results.Skip(1))
        {
            Assert.All(results[0].Epochs.Zip(result.Epochs), pair => Assert.Equal(pair.First.TestLoss, pair.Second.TestLoss, 1e-5));
        }
    }

    /// <summary>A tensor between whose channels lie last is divided into patches by its places too.</summary>
    [Theory]
    [InlineData("first")]
    [InlineData("turned")]
    [InlineData("last")]
    public async Task A_cut_behind_a_transpose_has_spatial_patches(string id)
    {
        _lab.AddArrays("pictures", 6, [3, 4, 6], Classes);
        _lab.AddModel(id, Convolution(id));
        var players = "{\"type\": \"grid\", \"rows\": 2, \"columns\": 2, \"select\": \"all\"}";
        var before = Npz.Read<double>(await (await Job.Run(_lab, "masked-samples", CutSpec("c"))).Artifact("values.npz"), "v", out _);
        var behind = Npz.Read<double>(await (await Job.Run(_lab, "masked-samples", CutSpec("channels_last"))).Artifact("values.npz"), "v", out _);
        Assert.All(before.Zip(behind), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.True(before.Max() - before.Min() > 0.1);

        var faults = await Job.Refused(_lab, "masked-samples", CutSpec("channels_last", "{\"type\": \"constant\", \"value\": [1, 2]}"));
        Assert.Contains("channels last", faults["baseline.value"][0], StringComparison.Ordinal);

        string CutSpec(string cut, string baseline = "{\"type\": \"zero\"}") =>
            $$"""{"model": "{{id}}", "dataset": "pictures", "samples": {"from": 0, "to": 2}, "players": {{players}}, "cut": "{{cut}}", "baseline": {{baseline}}, "device": "cpu", "interactions": {"solver": "half"} }""";
    }

    /// <summary>Where neither shape nor nodes say how a picture lies, the field does.</summary>
    [Fact]
    public async Task What_the_graph_leaves_open_is_asked_for()
    {
        _lab.AddArrays("cubes", 6, [3, 3, 3], Classes, "{\"layout\": \"chw\"}");
        _lab.AddModel("last", Network(3, 3, 3, [3, 3, 3], turned: false, last: true));
        _lab.AddModel("first", Network(3, 3, 3, [3, 3, 3], turned: false, last: false));
        var grid = "{\"type\": \"grid\", \"rows\": 1, \"columns\": 3, \"select\": \"all\"}";
        var faults = await Job.Refused(_lab, "masked-samples", Spec("last", grid, "cubes"));
        Assert.Contains("channels-last", faults["inputs"].Single(), StringComparison.Ordinal);
        Assert.Equal(["inputs"], faults.Keys);

        double[][] v = await Task.WhenAll(new[] { "last", "first" }.Select(async id =>
            Npz.Read<double>(await (await Job.Run(_lab, "masked-samples", Spec(id, grid, "cubes", $", \"inputs\": {{\"image\": \"channels-{id}\"}}"))).Artifact("values.npz"), "v", out _)));
        Assert.All(v[0].Zip(v[1]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        faults = await Job.Refused(_lab, "masked-samples", Spec("last", grid, "cubes", ", \"inputs\": {\"image\": \"mask\"}"));
        Assert.Contains("only input", faults["inputs"].Single(), StringComparison.Ordinal);
        faults = await Job.Refused(_lab, "masked-samples", Spec("last", grid, "cubes", ", \"inputs\": {\"picture\": \"channels-last\"}"));
        Assert.Contains("there is no input 'picture'", faults["inputs"].Single(), StringComparison.Ordinal);
    }

    /// <summary>Open sides are settled by the nodes: a Transpose, a convolution, a mean over the picture's sides.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nodes_tell_the_layout_where_sides_are_open(bool last)
    {
        var model = OnnxModel.Load(Convolution(last ? "turned" : "first", open: true));
        var reading = ModelInputs.TryRead(model, new InputAsk(Kind: SampleKind.Image, SampleShape: [3, 8, 8]), out var fault);
        Assert.Null(fault);
        Assert.Equal(last ? InputRole.ChannelsLast : null, reading!.Inputs.Single().Role);
        Assert.Equal(last, ModelOutput.Read(model, new OutputAsk { Inputs = new InputAsk(Kind: SampleKind.Image, SampleShape: [3, 8, 8]) }).KeyOf("aa") != "aa");
    }

    private static (string Id, byte[] Onnx)[] Networks(int channels, int height, int width) =>
    [
        ("first", Network(channels, height, width, [channels, height, width], turned: false, last: false)),
        ("turned", Network(channels, height, width, [height, width, channels], turned: true, last: false)),
        ("last", Network(channels, height, width, [height, width, channels], turned: false, last: true)),
    ];

    /// <summary>A hidden layer over all pixels, whose weights are a function of the pixel's channel and place; in the file they lie as the cells come.</summary>
    private static byte[] Network(int channels, int height, int width, int[] shape, bool turned, bool last)
    {
        var cells = channels * height * width;
        (int C, int Y, int X) At(int cell) => last
            ? (cell % channels, cell / channels / width, cell / channels % width)
            : (cell / (height * width), cell / width % height, cell % width);
        var graph = Message(
        [
            .. turned ? new[] { Field(1, Node("Transpose", ["image"], "t", Integers("perm", 0, 3, 1, 2))) } : [],
            Field(1, Node("Flatten", [turned ? "t" : "image"], "flat")),
            Field(1, Node("MatMul", ["flat", "w1"], "h")),
            Field(1, Node("Relu", ["h"], "r")),
            Field(1, Node("MatMul", ["r", "w2"], "logits")),
            Field(2, Text("pictures")),
            Field(5, Tensor("w1", [cells, Hidden], i => (float)First(At(i / Hidden), i % Hidden))),
            Field(5, Tensor("w2", [Hidden, Classes], i => (float)Second(i))),
            Field(11, ValueInfo("image", 1, [null, .. shape])),
            Field(12, ValueInfo("logits", 1, [null, Classes])),
        ]);
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }

    /// <summary>A convolution of three channels, turned to channels last behind it and back before the mean over its places.</summary>
    private static byte[] Convolution(string id, bool open = false)
    {
        var last = id != "first";
        int?[] shape = open ? [null, null, null, null] : last ? [null, 4, 6, 3] : [null, 3, 4, 6];
        var graph = Message(
        [
            .. last ? new[] { Field(1, Node("Transpose", ["image"], "t", Integers("perm", 0, 3, 1, 2))) } : [],
            Field(1, Node("Conv", [last ? "t" : "image", "k"], "c", Integers("pads", 1, 1, 1, 1))),
            Field(1, Node("Transpose", ["c"], "channels_last", Integers("perm", 0, 2, 3, 1))),
            Field(1, Node("Relu", ["channels_last"], "r")),
            Field(1, Node("ReduceMean", ["r"], "mean", Integers("axes", 1, 2), Integer("keepdims", 0))),
            Field(1, Node("MatMul", ["mean", "w"], "logits")),
            Field(2, Text("convolution")),
            Field(5, Tensor("k", [2, 3, 3, 3], i => (float)Math.Sin((i * 1.1) + 0.2))),
            Field(5, Tensor("w", [2, Classes], i => (float)(2 * Second(i)))),
            Field(11, ValueInfo("image", 1, shape)),
            Field(12, ValueInfo("logits", 1, [null, Classes])),
        ]);
        return Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13))));
    }

    private static double[] Logits(int channels, int height, int width, Func<int, int, int, double> at)
    {
        var hidden = Enumerable.Range(0, Hidden).Select(j => Math.Max(0, (
            from c in Enumerable.Range(0, channels)
            from y in Enumerable.Range(0, height)
            from x in Enumerable.Range(0, width)
            select at(c, y, x) * (float)First((c, y, x), j)).Sum())).ToArray();
        return [.. Enumerable.Range(0, Classes).Select(k => Enumerable.Range(0, Hidden).Sum(j => hidden[j] * (float)Second((j * Classes) + k)))];
    }

    private static double First((int C, int Y, int X) at, int unit) => 0.4 * Math.Sin((at.C * 2.3) + (at.Y * 1.1) + (at.X * 0.7) + (unit * 1.9));

    private static double Second(int i) => Math.Cos((i * 1.3) + 0.5);

    private static double LogOdds(double[] logits, int y) => logits[y] - Math.Log(logits.Where((_, k) => k != y).Sum(Math.Exp));

    private static string Spec(string model, string players, string dataset = "pictures", string extra = "", string baseline = "{\"type\": \"zero\"}") =>
        $$"""{"model": "{{model}}", "dataset": "{{dataset}}", "samples": {"from": 0, "to": 3}, "players": {{players}}, "baseline": {{baseline}}, "device": "cpu", "interactions": {"solver": "half"}{{extra}}}""";
}
