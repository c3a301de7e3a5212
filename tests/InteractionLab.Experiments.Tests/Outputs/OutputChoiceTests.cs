using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Training;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Outputs;
using static InteractionLab.Experiments.Tests.Common.OnnxWriter;

namespace InteractionLab.Experiments.Tests.Outputs;

/// <summary>Which output is chosen, what is said of it, and what is refused before a job runs.</summary>
public sealed class OutputChoiceTests : IDisposable
{
    private readonly Lab _lab = new();

    public OutputChoiceTests()
    {
        _lab.AddArrays("rows", 12, [OutputForm.Cells], labels: 3);
        _lab.AddArrays("two", 12, [OutputForm.Cells], labels: 2);
        foreach (var behind in new[] { Behind.Logits, Behind.Unit, Behind.Softmax, Behind.Features, Behind.Several, Behind.Trees, Behind.Sigmoids })
        {
            _lab.AddModel(behind.ToString(), new OutputForm("", behind).Onnx([OutputForm.Cells]));
        }
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("Softmax", "", "Softmax")]
    [InlineData("Unit", "", "two classes", "two")]
    [InlineData("Features", "", "its width is the dataset's number of classes, 3")]
    [InlineData("Several", ", \"output\": \"second\"", "as asked for")]
    [InlineData("Trees", "", "log p")]
    public async Task How_the_output_was_taken_stands_at_the_head_of_result_and_estimate(string model, string extra, string said, string data = "rows")
    {
        var job = await Job.Run(_lab, "masked-samples", Spec(model, data, extra));
        Assert.Contains(said, string.Join(' ', (await job.Result<MaskedSamplesResult>()).Notes.Take(2)), StringComparison.Ordinal);
        Assert.Contains(said, job.Work.Estimate.Note!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_plain_logits_nothing_is_said()
    {
        var job = await Job.Run(_lab, "masked-samples", Spec("Logits", "rows", ""));
        Assert.DoesNotContain((await job.Result<MaskedSamplesResult>()).Notes, note => note.Contains("output", StringComparison.OrdinalIgnoreCase));
        Assert.Null(job.Work.Estimate.Note);
        Assert.DoesNotContain("output", job.Work.Spec.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Features", "\"output\": \"logit\"", "output", "'z' float32 [?, 3]")]
    [InlineData("Trees", "\"output\": \"label\"", "output", "int64")]
    [InlineData("Logits", "\"outputAs\": \"odds\"", "outputAs", "log-probabilities")]
    [InlineData("Sigmoids", "\"seed\": 1", "outputAs", "do not sum to 1")]
    [InlineData("Unit", "\"outputAs\": \"log-probabilities\"", "outputAs", "one output unit")]
    public async Task What_cannot_be_taken_is_refused_by_its_field(string model, string extra, string field, string why)
    {
        foreach (var (kind, spec) in new[]
        {
            ("masked-samples", Spec(model, "rows", ", " + extra)),
            ("training", $$"""{"model": "{{model}}", "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 1, {{extra}}}"""),
            ("macro", $$"""{"models": ["{{model}}"], "dataset": "rows", "fit": {"train": {"dataset": "rows"} }, {{extra}}}"""),
            ("bottleneck", $$"""{"model": "{{model}}", "dataset": "rows", "samples": {"from": 0, "to": 2}, "players": {"type": "columns"}, {{extra}}}"""),
        }.Where(asked => model != "Trees" || asked.Item1 != "training"))
        {
            var faults = await Job.Refused(_lab, kind, spec);
            Assert.Contains(why, string.Join(' ', faults[field]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_field_overrules_what_the_graph_ends_in()
    {
        var form = new OutputForm("", Behind.Softmax);
        var job = await Job.Run(_lab, "masked-samples", Spec("Softmax", "rows", ", \"outputAs\": \"logits\""));
        using var data = _lab.OpenDataset("rows");
        var sample = data.Get(0);
        var p = OutputForm.Softmax(form.Logits([.. sample.Values.Select(cell => (double)cell)]));
        var others = Math.Log(p.Where((_, k) => k != sample.Label).Sum(one => Math.Exp(one)));
        var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
        Assert.Equal(p[sample.Label!.Value] - others, v[15], 1e-5);
        Assert.Contains("as the field outputAs says", (await job.Result<MaskedSamplesResult>()).Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logits_of_one_unit_and_of_several_do_not_mix()
    {
        _lab.AddModel("wide", TinyNetwork.Onnx([OutputForm.Cells], 2));
        const string Spec = """{"models": ["Unit", "wide"], "dataset": "two", "samples": {"from": 0, "to": 2}, "players": {"type": "columns"}, "value": {"type": "logit"}}""";
        Assert.Contains("log-odds", (await Job.Refused(_lab, "bottleneck", Spec))["value.type"][0], StringComparison.Ordinal);
        await Job.Plan(_lab, "bottleneck", Spec.Replace("\"logit\"", "\"log-odds\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_that_torch_cannot_train_is_refused_before_it_runs()
    {
        Libtorch.Require();
        var graph = Message(
            Field(1, Node("Reshape", ["x", "square"], "squares")), Field(1, Node("Det", ["squares"], "area")), Field(1, Node("Unsqueeze", ["area", "axes"], "column")), Field(1, Node("MatMul", ["column", "w"], "z")), Field(2, Text("g")),
            Field(5, Tensor("w", [1, 3], i => i)), Field(5, Whole("square", -1, 2, 2)), Field(5, Whole("axes", 1)), Field(11, ValueInfo("x", 1, [null, OutputForm.Cells])), Field(12, ValueInfo("z", 1, [null, 3])));
        _lab.AddModel("areas", Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13)))));
        var faults = await Job.Refused(_lab, "training", """{"model": "areas", "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 1}""");
        Assert.Contains("Det", string.Join(' ', faults["model"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_that_are_no_classes_of_the_network_are_refused_or_said()
    {
        // Labels 1 to 3 of a network with the classes 0 to 2.
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".csv");
        try
        {
            await File.WriteAllLinesAsync(path, Enumerable.Range(0, 12).Select(i => FormattableString.Invariant($"{i % 5},{i % 4},{i % 3},1,{1 + (i % 3)}")).Prepend("a,b,c,d,label"), TestContext.Current.CancellationToken);
            _lab.AddDataset("from-one", "csv", """{"label": "label"}""", path);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Contains("counted from 1", (await Job.Refused(_lab, "masked-samples", Spec("Logits", "from-one", ", \"samples\": [0, 1]")))["dataset"][0], StringComparison.Ordinal);
        Assert.Contains("counted from 1", (await Job.Refused(_lab, "macro", """{"models": ["Logits"], "dataset": "from-one", "samples": [0, 1], "fit": {"train": {"dataset": "rows"} }}"""))["dataset"][0], StringComparison.Ordinal);
        Libtorch.Require();
        Assert.Contains("counted from 1", (await Job.Refused(_lab, "training", """{"model": "Logits", "train": {"dataset": "rows"}, "test": {"dataset": "from-one", "samples": [0, 1]}, "epochs": 1}"""))["test.dataset"][0], StringComparison.Ordinal);

        // A network of the zoo has a class that is never seen, and the test samples are those it was trained on.
        var job = await Job.Run(_lab, "training", """{"architecture": {"name": "mlp", "depth": 2, "width": 4}, "train": {"dataset": "from-one"}, "test": {"dataset": "from-one"}, "epochs": 1}""");
        var notes = (await job.Result<TrainingResult>()).Notes;
        Assert.Equal("12 of the 12 test samples are training samples too.", notes[0]);
        Assert.Contains("No sample of the dataset is of class 0", notes[1], StringComparison.Ordinal);
        Assert.Contains("training samples too", job.Work.Estimate.Note!, StringComparison.Ordinal);

        // Fewer classes than outputs: the numbers are right, and it is said.
        job = await Job.Run(_lab, "masked-samples", Spec("Logits", "two", ""));
        Assert.Contains("3 classes and the dataset 2", (await job.Result<MaskedSamplesResult>()).Notes[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 1, "onnxruntime")]
    [InlineData(9, 1, "torch")]
    [InlineData(18, 11, "onnxruntime")]
    [InlineData(13, 11, "torch")]
    [InlineData(13, 10, "onnxruntime")]
    public async Task One_unit_of_any_operator_set_and_type_is_two_classes(int opset, int type, string executor)
    {
        var form = new OutputForm("", Behind.Unit);
        var graph = Message(
            Field(1, Node("MatMul", ["x", "w"], "h")), Field(1, Node("Cast", ["h"], "z", Integer("to", type))), Field(1, Node("Sigmoid", ["z"], "p")), Field(2, Text("g")),
            Field(5, Tensor("w", [OutputForm.Cells, 1], i => (float)form.Weights[i, 0])), Field(11, ValueInfo("x", 1, [null, OutputForm.Cells])), Field(12, ValueInfo("p", type, [null, 1])));
        _lab.AddModel("typed", Message(Varint(1, 7), Field(7, graph), Field(8, Message(Varint(2, (ulong)opset)))));
        var job = await Job.Run(_lab, "masked-samples", Spec("typed", "two", $", \"executor\": \"{executor}\", \"value\": {{\"target\": 0}}"));
        using var data = _lab.OpenDataset("two");
        var z = data.Get(0).Values.Select((cell, i) => cell * form.Weights[i, 0]).Sum();
        Assert.Equal(-z, Npz.Read<double>(await job.Artifact("values.npz"), "v", out _)[15], type == 10 ? 5e-3 : 1e-5);
    }

    [Theory]
    [InlineData(1, "Sigmoid", "onnxruntime")]
    [InlineData(1, "Identity", "torch")]
    [InlineData(2, "Softmax", "onnxruntime")]
    [InlineData(2, "LogSoftmax", "torch")]
    public async Task A_cut_gives_the_values_of_masking_there(int units, string end, string executor)
    {
        static float First(int i) => (float)Math.Sin(1 + (i * 0.9));
        static float Second(int i) => (float)Math.Cos(i * 1.7);
        var graph = Message(
            Field(1, Node("MatMul", ["x", "w"], "h")), Field(1, Node("Relu", ["h"], "r")), Field(1, Node("MatMul", ["r", "v"], "z")), Field(1, Node(end, ["z"], "p")), Field(2, Text("g")),
            Field(5, Tensor("w", [OutputForm.Cells, 3], First)), Field(5, Tensor("v", [3, units], Second)), Field(11, ValueInfo("x", 1, [null, OutputForm.Cells])), Field(12, ValueInfo("p", 1, [null, units])));
        _lab.AddModel("deep", Message(Varint(1, 7), Field(7, graph), Field(8, Message(Varint(2, 13)))));
        foreach (var type in new[] { "log-odds", "logit", "probability" })
        {
            var job = await Job.Run(_lab, "masked-samples", Spec("deep", "two", $", \"cut\": \"r\", \"executor\": \"{executor}\", \"value\": {{\"type\": \"{type}\", \"target\": 0}}"));
            var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
            using var data = _lab.OpenDataset("two");
            var x = data.Get(0).Values;
            for (var mask = 0; mask < 8; mask++)
            {
                var hidden = Enumerable.Range(0, 3).Select(k => (mask >> k & 1) * Math.Max(0, Enumerable.Range(0, OutputForm.Cells).Sum(i => x[i] * First((i * 3) + k)))).ToArray();
                var z = Enumerable.Range(0, units).Select(c => Enumerable.Range(0, 3).Sum(k => hidden[k] * Second((k * units) + c))).ToArray();
                double[] logits = units == 1 ? [0, z[0]] : [z[0], z[1]];
                var odds = logits[0] - logits[1];
                Assert.Equal(type switch { "probability" => 1 / (1 + Math.Exp(-odds)), "logit" when units > 1 => logits[0], _ => odds }, v[mask], 1e-5);
            }
        }
    }

    [Fact]
    public void Names_choose_where_widths_do_not()
    {
        Assert.Equal("my_logits", Chosen(null, ("embedding", 8), ("my_logits", 8)));
        Assert.Equal("probs", Chosen(5, ("embedding", 8), ("probs", 8)));
        Assert.Equal("b", Chosen(7, ("output", 8), ("b", 7)));
        Assert.Equal("a", Chosen(null, ("a", 8), ("b", 7)));
        Assert.Equal("unit", Chosen(2, ("value", 3), ("unit", 1)));

        static string Chosen(int? classes, params (string Name, int Width)[] outputs)
        {
            var graph = Message(
                [.. outputs.Select(output => Field(1, Node("MatMul", ["x", "w" + output.Name], output.Name))), Field(2, Text("g")), .. outputs.Select(output => Field(5, Tensor("w" + output.Name, [2, output.Width], i => i))), Field(11, ValueInfo("x", 1, [null, 2])), .. outputs.Select(output => Field(12, ValueInfo(output.Name, 1, [null, output.Width])))]);
            var model = OnnxModel.Load(Message(Varint(1, 8), Field(7, graph), Field(8, Message(Varint(2, 13)))));
            return ModelOutput.Read(model, new OutputAsk(Classes: classes)).Output;
        }
    }

    [Fact]
    public void Plain_logits_are_run_as_they_are_and_kept_under_their_old_name()
    {
        var model = OnnxModel.Load(new OutputForm("", Behind.Logits).Onnx([OutputForm.Cells]));
        var reading = ModelOutput.Read(model, new OutputAsk(Classes: 3, SampleShape: [OutputForm.Cells]));
        Assert.True(reading.IsPlain);
        Assert.Same(model, ModelOutput.Apply(model, reading));
        Assert.Equal("AB", reading.KeyOf("AB"));
        var other = ModelOutput.Read(OnnxModel.Load(new OutputForm("", Behind.Softmax).Onnx([OutputForm.Cells])), new OutputAsk());
        Assert.False(other.IsPlain);
        Assert.NotEqual("AB", other.KeyOf("AB"));
    }

    private static string Spec(string model, string dataset, string extra) =>
        $$"""{"model": "{{model}}", "dataset": "{{dataset}}", "players": {"type": "columns"}, "baseline": {"type": "zero"}, "device": "cpu"{{(extra.Contains("samples", StringComparison.Ordinal) ? "" : ", \"samples\": {\"from\": 0, \"to\": 2}")}}{{extra}}}""";
}
