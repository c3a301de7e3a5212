using System.Text.Json;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Inputs;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Inputs;

/// <summary>Models of texts with several inputs: what is not the ids is made of the whole text's ids, whatever is masked.</summary>
public sealed class TextInputTests : IDisposable
{
    private const int Length = 8;
    private readonly Lab _lab = new();

    public TextInputTests() => _lab.AddTexts("texts", Length, "a good film a\t1", "bad film a bad bad\t0", "good good film bad a film good bad\t1", "a bad film a\t0");

    public void Dispose() => _lab.Dispose();

    /// <summary>Inputs as exporters name, type and order them.</summary>
    public static TheoryData<string, string> Forms => new()
    {
        { "ids:input_ids mask:attention_mask types:token_type_ids", "" },
        { "ids:input_ids mask:attention_mask types:token_type_ids positions:position_ids", "" },
        { "positions:position_ids types:token_type_ids mask:attention_mask ids:input_ids", "" },
        { "mask:attention_mask ids:input_ids", "" },
        { "ids:input_ids positions:position_ids", "" },
        { "ids:input_ids:0 mask:input_mask:0 types:segment_ids:0", "" },
        { "ids:serving_default_input_word_ids:0 mask:serving_default_input_mask:0 types:serving_default_input_type_ids:0", "" },
        { "ids:input.1 mask:attention_mask.1", "" },
        { "ids:input_ids/6 mask:attention_mask/6 types:token_type_ids/6", "" },
        { "ids:input_ids/6 mask:attention_mask/1 types:token_type_ids", "" },
        { "ids:input_ids mask:attention_mask/9", "" },
        { "ids:input_ids mask:attention_mask/10", "" },
        { "ids:x mask:m types:t", ", \"inputs\": {\"x\": \"ids\", \"m\": \"mask\", \"t\": \"types\"}" },
        { "ids:x mask:m types:t", ", \"inputs\": {\"m\": \"mask\", \"t\": \"types\"}" },
        { "mask:input_ids ids:attention_mask", ", \"inputs\": {\"input_ids\": \"mask\", \"attention_mask\": \"ids\"}" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_value_is_that_of_the_formula(string form, string extra)
    {
        var inputs = Inputs(form);
        _lab.AddModel("net", TextNetwork.Onnx(inputs));
        await Check(inputs, extra, "{\"type\": \"token\"}", 2);
    }

    /// <summary>A word that is absent as [PAD] stays a token that is attended to: the mask is the whole text's.</summary>
    [Theory]
    [InlineData("onnxruntime", "{\"type\": \"zero\"}", 0)]
    [InlineData("onnxruntime", "{\"type\": \"token\", \"value\": 0}", 0)]
    [InlineData("onnxruntime", "{\"type\": \"token\", \"value\": 4}", 4)]
    [InlineData("torch", "{\"type\": \"zero\"}", 0)]
    [InlineData("torch", "{\"type\": \"token\"}", 2)]
    public async Task Mask_and_positions_never_follow_the_players(string executor, string baseline, int token)
    {
        if (executor == "torch")
        {
            Libtorch.Require();
        }

        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four));
        await Check(TextNetwork.Four, $", \"executor\": \"{executor}\"", baseline, token);
    }

    [Fact]
    public async Task A_batch_that_is_written_into_the_graph_is_freed()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four, rows: 1));
        var result = await Check(TextNetwork.Four, "", "{\"type\": \"token\"}", 2);
        Assert.Contains(result.Notes, note => note.Contains("its batch dimension was freed", StringComparison.Ordinal));
    }

    /// <summary>The word embeddings of a masked token id are the embeddings of that token, at the cut as in the ids.</summary>
    [Fact]
    public async Task Embeddings_as_the_cut_give_the_values_of_masked_ids()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four));
        await Check(TextNetwork.Four, ", \"cut\": \"of_ids\"", "{\"type\": \"token\", \"value\": 4}", 4);
    }

    [Fact]
    public async Task The_same_values_as_plain_onnx_runtime_with_explicit_inputs()
    {
        var onnx = TextNetwork.Onnx(TextNetwork.Four);
        _lab.AddModel("net", onnx);
        var job = await Job.Run(_lab, "masked-samples", Spec("", "{\"type\": \"zero\"}"));
        using var session = new InferenceSession(onnx);
        using var texts = _lab.OpenDataset("texts");
        for (var cell = 0; cell < job.Count; cell++)
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            var whole = Array.ConvertAll(texts.Get(game.Index).Values, id => (long)id);
            for (var mask = 0; mask < game.V.Length; mask++)
            {
                long[] masked = [.. whole.Select((id, place) => game.Players.ToList().IndexOf(place) is >= 0 and var player && (mask >> player & 1) == 0 ? 0 : id)];
                long[][] fed = [masked, [.. whole.Select(id => id == 0 ? 0L : 1L)], new long[Length], [.. Enumerable.Range(0, Length).Select(place => (long)place)]];
                using var run = session.Run([.. TextNetwork.Four.Select((input, i) => NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(fed[i], [1, Length])))]);
                var logits = run[0].AsTensor<float>();
                Assert.Equal((double)logits[0, game.Target!.Value] - logits[0, 1 - game.Target.Value], game.V[mask], 1e-5);
            }
        }
    }

    [Fact]
    public async Task What_the_inputs_got_is_said_and_plain_models_say_nothing()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Bert));
        var job = await Job.Run(_lab, "masked-samples", Spec("", "{\"type\": \"token\"}"));
        var note = (await job.Result<MaskedSamplesResult>()).Notes[0];
        Assert.Contains("'attention_mask' gets 1 where the id is not [PAD] (0) and else 0", note, StringComparison.Ordinal);
        Assert.Contains("'token_type_ids' gets 0 everywhere", note, StringComparison.Ordinal);
        Assert.Contains("'input_ids' gets the token ids", job.Work.Estimate.Note!, StringComparison.Ordinal);

        _lab.AddModel("one", TextNetwork.Onnx([new("ids", "whatever")]));
        var plain = await Job.Run(_lab, "masked-samples", Spec("", "{\"type\": \"token\"}", "one"));
        Assert.DoesNotContain((await plain.Result<MaskedSamplesResult>()).Notes, one => one.Contains("input", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("masked-samples")]
    [InlineData("training")]
    [InlineData("bottleneck")]
    [InlineData("pruning-sweep")]
    public async Task What_cannot_be_fed_is_refused_by_name_before_the_job(string kind)
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Bert, [Field(11, ValueInfo("temperature", TextNetwork.Float, [1]))]));
        var faults = await Job.Refused(_lab, kind, Of(kind, ""));
        Assert.Contains("'temperature' (float32 [1]) has no default", string.Join(' ', faults[kind == "bottleneck" ? faults.Keys.Single(key => key.StartsWith("model", StringComparison.Ordinal)) : "model"]), StringComparison.Ordinal);

        _lab.AddModel("net", TextNetwork.Onnx([new("ids", "x"), new("mask", "m"), new("types", "t")]));
        faults = await Job.Refused(_lab, kind, Of(kind, ""));
        Assert.Contains("'x' (int64 [?, ?]) and 'm'", string.Join(' ', faults.Values.SelectMany(why => why)), StringComparison.Ordinal);

        foreach (var (roles, why) in new[]
        {
            ("{\"y\": \"mask\"}", "there is no input 'y'"),
            ("{\"m\": \"ids\", \"x\": \"ids\"}", "would both get the token ids"),
            ("{\"m\": \"channels-last\", \"x\": \"ids\", \"t\": \"types\"}", "several inputs, which only texts go into"),
        })
        {
            faults = await Job.Refused(_lab, kind, Of(kind, $", \"inputs\": {roles}"));
            Assert.Contains(why, string.Join(' ', faults["inputs"]), StringComparison.Ordinal);
        }

        faults = await Job.Refused(_lab, kind, Of(kind, ", \"inputs\": {\"m\": \"masks\"}"));
        Assert.Equal(["inputs.m"], faults.Keys);
        faults = await Job.Refused(_lab, kind, Of(kind, ", \"inputs\": {}"));
        Assert.Equal(["inputs"], faults.Keys);
    }

    [Fact]
    public async Task An_input_with_a_default_keeps_it()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Bert, [Field(11, ValueInfo("temperature", TextNetwork.Float, [1])), Field(5, Tensor("temperature", [1], _ => 1))]));
        Assert.DoesNotContain((await Check(TextNetwork.Bert, "", "{\"type\": \"token\"}", 2)).Notes, note => note.Contains("default", StringComparison.Ordinal));
    }

    /// <summary>A default that a graph has for positions is kept and said; the field can only name what lies as the ids do.</summary>
    [Fact]
    public async Task A_default_of_positions_is_said()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four, [Field(5, Whole("position_ids", 0, 0, 0, 0, 0, 0, 0, 0))], positionsAre: 1));
        var places = (int[] ids, int[] whole, int y) => LogOdds(TextNetwork.Logits(TextNetwork.Four, ids, whole, place => 0), y);
        var job = await Job.Run(_lab, "masked-samples", Spec("", "{\"type\": \"token\"}"));
        await EachMask(job, 2, places);
        Assert.Contains((await job.Result<MaskedSamplesResult>()).Notes, note => note.Contains("'position_ids' keeps the default", StringComparison.Ordinal));
        var faults = await Job.Refused(_lab, "masked-samples", Spec(", \"inputs\": {\"position_ids\": \"positions\"}", "{\"type\": \"token\"}"));
        Assert.Contains("has the shape [batch, length]", faults["inputs"].Single(), StringComparison.Ordinal);
    }

    /// <summary>An encoder's embeddings: refused in words that say what to do, then the first token's or their mean.</summary>
    [Theory]
    [InlineData("first-token")]
    [InlineData("mean-of-tokens")]
    public async Task Numbers_for_every_token_are_pooled_where_a_person_says_how(string how)
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four, ofTokens: true));
        var faults = await Job.Refused(_lab, "masked-samples", Spec("", "{\"type\": \"token\"}"));
        Assert.Contains("mean-of-tokens", faults["model"][0], StringComparison.Ordinal);

        var job = await Job.Run(_lab, "masked-samples", Spec($", \"outputAs\": \"{how}\"", "{\"type\": \"zero\"}", value: "{\"type\": \"logit\", \"target\": 3}"));
        using var texts = _lab.OpenDataset("texts");
        await EachMask(job, 0, (ids, whole, _) =>
        {
            var hidden = TextNetwork.Hidden(TextNetwork.Four, ids);
            return (how == "first-token" ? hidden[0] : TextNetwork.Mean(hidden, [.. whole.Select(id => id != 0)]))[3];
        });
    }

    /// <summary>One step of training on all texts against the gradients of the formula, and a snapshot that has the inputs it had.</summary>
    [Theory]
    [InlineData(TextNetwork.Int64)]
    [InlineData(TextNetwork.Int32)]
    public async Task Trained_models_keep_their_inputs(int type)
    {
        Libtorch.Require();
        IReadOnlyList<TextInput> inputs = [.. TextNetwork.Four.Reverse().Select(input => input with { Type = type })];
        var onnx = TextNetwork.Onnx(inputs);
        _lab.AddModel("net", onnx);
        var job = await Job.Run(_lab, "training", Of("training", ""));
        var result = await job.Result<TrainingResult>();
        using var texts = _lab.OpenDataset("texts");
        var loss = Enumerable.Range(0, 4).Select(texts.Get).Average(sample =>
        {
            int[] ids = [.. sample.Values.Select(id => (int)id)];
            var z = TextNetwork.Logits(inputs, ids, ids);
            return Math.Log(1 + Math.Exp(z[1 - sample.Label!.Value] - z[sample.Label.Value]));
        });
        Assert.Equal(loss, result.Epochs[0].TestLoss, 1e-5);
        Assert.True(result.Epochs[^1].TrainLoss < result.Epochs[0].TrainLoss);

        var before = OnnxModel.Load(onnx).Summary;
        foreach (var id in new[] { result.Snapshots[0].Model, result.Snapshots[^1].Model })
        {
            var snapshot = (await _lab.FindModelAsync(id, TestContext.Current.CancellationToken))!;
            Assert.Equal(JsonSerializer.Serialize(before.Inputs), JsonSerializer.Serialize(snapshot.Summary.Inputs));
            Assert.Equal(JsonSerializer.Serialize(before.Outputs), JsonSerializer.Serialize(snapshot.Summary.Outputs));
            Assert.Equal(before.Parameters, snapshot.Summary.Parameters);
        }

        // Trained further from there, and masked: the snapshot's file is like any other.
        var masked = await Job.Run(_lab, "masked-samples", Spec("", "{\"type\": \"token\"}", result.Snapshots[0].Model));
        await EachMask(masked, 2, (ids, whole, y) => LogOdds(TextNetwork.Logits(inputs, ids, whole), y));
    }

    [Fact]
    public async Task A_sweep_prunes_the_file_and_masks_what_the_inputs_are_read_as()
    {
        _lab.AddModel("net", TextNetwork.Onnx(TextNetwork.Four));
        var result = await (await Job.Run(_lab, "pruning-sweep", Of("pruning-sweep", ""))).Result<PruningSweepResult>();
        using var texts = _lab.OpenDataset("texts");
        var right = Enumerable.Range(0, 4).Select(texts.Get).Average(sample =>
        {
            int[] ids = [.. sample.Values.Select(id => (int)id)];
            var z = TextNetwork.Logits(TextNetwork.Four, ids, ids);
            return z[sample.Label!.Value] > z[1 - sample.Label.Value] ? 1.0 : 0;
        });
        Assert.Equal(right, result.Points[0].Accuracy!.Value, 1e-9);
        Assert.True(result.Points[1].Achieved > 0.3);
    }

    /// <summary>Values are kept under what was run: other roles, another id of [PAD], another name.</summary>
    [Fact]
    public void What_is_kept_is_named_by_the_reading()
    {
        var model = OnnxModel.Load(TextNetwork.Onnx([new("ids", "x"), new("mask", "m"), new("types", "t")]));
        string Key(int pad, string mask, string types) => ModelOutput.Read(model, new OutputAsk
        {
            Inputs = new InputAsk(new Dictionary<string, InputRole> { ["x"] = InputRole.Ids, [mask] = InputRole.Mask, [types] = InputRole.Types }, Pad: pad),
        }).KeyOf("aa");
        string[] keys = [Key(0, "m", "t"), Key(1, "m", "t"), Key(0, "t", "m")];
        Assert.Equal(3, keys.Distinct().Count());
        Assert.DoesNotContain("aa", keys);

        var plain = OnnxModel.Load(TextNetwork.Onnx([new("ids", "x")]));
        Assert.Equal("aa", ModelOutput.Read(plain, new OutputAsk()).KeyOf("aa"));
    }

    private static IReadOnlyList<TextInput> Inputs(string form) => [.. form.Split(' ').Select(part =>
    {
        var what = part[..part.IndexOf(':', StringComparison.Ordinal)];
        var name = part[(what.Length + 1)..];
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new TextInput(what, name) : new TextInput(what, name[..slash], int.Parse(name[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    })];

    private async Task<MaskedSamplesResult> Check(IReadOnlyList<TextInput> inputs, string extra, string baseline, int token)
    {
        var job = await Job.Run(_lab, "masked-samples", Spec(extra, baseline));
        await EachMask(job, token, (ids, whole, y) => LogOdds(TextNetwork.Logits(inputs, ids, whole), y));
        return await job.Result<MaskedSamplesResult>();
    }

    private async Task EachMask(Job job, int token, Func<int[], int[], int, double> value)
    {
        using var texts = _lab.OpenDataset("texts");
        for (var cell = 0; cell < job.Count; cell++)
        {
            var game = (await ((IGamePlan)job.Work).ReadGameAsync(job, cell, TestContext.Current.CancellationToken))!;
            var whole = Array.ConvertAll(texts.Get(game.Index).Values, id => (int)id);
            for (var mask = 0; mask < game.V.Length; mask++)
            {
                int[] ids = [.. whole.Select((id, place) => game.Players.ToList().IndexOf(place) is >= 0 and var player && (mask >> player & 1) == 0 ? token : id)];
                Assert.Equal(value(ids, whole, game.Target!.Value), game.V[mask], 1e-5);
            }
        }
    }

    private static double LogOdds(double[] logits, int y) => logits[y] - logits[1 - y];

    private static string Spec(string extra, string baseline, string model = "net", string value = "{\"type\": \"log-odds\", \"target\": \"label\"}") =>
        $$"""{"model": "{{model}}", "dataset": "texts", "samples": {"from": 0, "to": 3}, "players": {"type": "tokens", "select": 3, "seed": 1}, "baseline": {{baseline}}, "value": {{value}}, "device": "cpu", "interactions": {"solver": "half"}{{extra}}}""";

    private static string Of(string kind, string extra) => kind switch
    {
        "training" => $$"""{"model": "net", "train": {"dataset": "texts"}, "test": {"dataset": "texts"}, "epochs": 3, "batchSize": 2, "optimizer": {"type": "sgd", "learningRate": 0.1}, "snapshots": "every", "device": "cpu"{{extra}}}""",
        "bottleneck" => $$"""{"models": ["net"], "dataset": "texts", "samples": {"from": 0, "to": 2}, "players": {"type": "tokens", "select": 3, "seed": 1}, "device": "cpu"{{extra}}}""",
        "pruning-sweep" => $$"""{"model": "net", "references": ["net"], "dataset": "texts", "samples": {"from": 0, "to": 2}, "players": {"type": "tokens", "select": 3, "seed": 1}, "ratios": [0, 0.5], "pruner": {"type": "magnitude-global"}, "evaluation": {"dataset": "texts"}, "device": "cpu", "interactions": {"solver": "half"}{{extra}}}""",
        _ => Spec(extra, "{\"type\": \"token\"}"),
    };
}
