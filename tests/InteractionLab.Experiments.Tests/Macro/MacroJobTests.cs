using System.Text.Json.Nodes;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.Macro;

/// <summary>Macroscopic tests of tiny networks.</summary>
public sealed class MacroJobTests : IDisposable
{
    private const string Whole = """
        {"models": ["net", "net2"], "dataset": "pictures", "samples": {"from": 0, "to": 12}, "device": "cpu",
         "structure": {"rows": 4, "columns": 4, "ratios": [0, 0.25, 0.75, 1]}, "fit": {"train": {"dataset": "pictures", "samples": {"from": 12, "to": 40}}},
         "robustness": {"epsilon": 0.2, "steps": 5, "stepSize": 0.1}}
        """;

    private readonly Lab _lab = Lab.Tiny();

    public MacroJobTests() => _lab.AddModel("net2", TinyNetwork.Onnx([3, 8, 8], 4, scale: 2));

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Every_number_is_that_of_plain_loops()
    {
        var job = await Job.Run(_lab, "macro", Whole);
        var result = await job.Result<MacroResult>();
        Assert.Equal(["net", "net2"], result.Models.Select(model => model.Model));
        var network = TinyNetwork.Onnx([3, 8, 8], 4);
        using var session = new InferenceSession(network);
        using var data = _lab.OpenDataset("pictures");
        var model = result.Models[0];
        Assert.Equal(Loss(session, data, 12, 40), model.Fit!.TrainLoss, 1e-5);
        Assert.Equal(Loss(session, data, 0, 12), model.Fit.TestLoss, 1e-5);
        Assert.Equal(model.Fit.TestLoss - model.Fit.TrainLoss, model.Fit.Gap, 1e-12);
        Assert.Equal(Accuracy(session, data, []), model.Fit.TestAccuracy);
        Assert.Equal(model.Fit.TestAccuracy, model.Robustness!.CleanAccuracy);
        Assert.True(model.Robustness.AttackedAccuracy <= model.Robustness.CleanAccuracy);

        // A quarter of 16 patches: the corners are farthest from the middle.
        var points = model.Structure!.Points;
        Assert.Equal([0, 4, 12, 16], points.Select(point => point.Masked));
        Assert.Equal(Accuracy(session, data, [0, 3, 12, 15]), points[1].Surrounding);
        Assert.Equal(Accuracy(session, data, [0, 1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15]), points[2].Surrounding);
        Assert.Equal((model.Fit.TestAccuracy, model.Fit.TestAccuracy), (points[0].Random, points[0].Surrounding));
        Assert.Equal(points[3].Random, points[3].Surrounding);
        double Difference(int k) => points[k].Surrounding - points[k].Random;
        Assert.Equal((0.125 * Difference(1)) + (0.25 * (Difference(1) + Difference(2))) + (0.125 * Difference(2)), model.Structure.Area, 1e-12);
        Assert.Equal(job.Work.Estimate.ForwardPasses, result.ForwardPasses);
        Assert.Equal(2 * ((2 * 4 * 12) + 28 + 12 + (12 * (2 + 15))), result.ForwardPasses);
    }

    [Fact]
    public async Task A_stronger_attack_leaves_less()
    {
        var weak = (await (await Job.Run(_lab, "macro", With("robustness", """{"epsilon": 0.001, "steps": 3, "stepSize": 0.001}"""))).Result<MacroResult>()).Models[0].Robustness!;
        var strong = (await (await Job.Run(_lab, "macro", With("robustness", """{"epsilon": 20, "steps": 20, "stepSize": 2, "randomStart": true}"""))).Result<MacroResult>()).Models[0].Robustness!;
        Assert.Equal(weak.CleanAccuracy, strong.CleanAccuracy);
        Assert.True(strong.AttackedAccuracy < weak.CleanAccuracy);
        Assert.True(strong.AttackedAccuracy <= weak.AttackedAccuracy);
    }

    [Fact]
    public async Task A_dropped_job_goes_on_as_if_it_were_not()
    {
        var whole = await Job.Run(_lab, "macro", Whole);
        _lab.Cache.Clear();
        var parts = await Job.Plan(_lab, "macro", Whole);
        foreach (var cell in Enumerable.Range(0, parts.Count).Reverse())
        {
            await parts.Run([cell]);
        }

        Assert.Equal(await whole.Everything(), await parts.Everything());
        var partial = await Job.Plan(_lab, "macro", Whole);
        await partial.Run([0, 1]);
        var result = await partial.Result<MacroResult>();
        Assert.NotNull(result.Models[0].Structure);
        Assert.Null(result.Models[0].Fit);
        Assert.Null(result.Models[1].Structure);
    }

    [Fact]
    public async Task Outputs_that_are_no_numbers_are_wrong_and_are_counted()
    {
        var spec = JsonNode.Parse(Whole)!.AsObject();
        var network = TinyNetwork.Onnx([3, 8, 8], 4, scale: 100);
        _lab.AddModel("steep", network);
        spec["models"] = JsonNode.Parse("[\"steep\"]");
        spec["baseline"] = JsonNode.Parse("{\"type\": \"constant\", \"value\": 3e38}");
        spec.Remove("robustness");
        var job = await Job.Run(_lab, "macro", spec.ToJsonString());
        var result = await job.Result<MacroResult>();
        var model = Assert.Single(result.Models);
        using var session = new InferenceSession(network);
        using var data = _lab.OpenDataset("pictures");
        Assert.Equal(Accuracy(session, data, []), model.Structure!.Points[0].Random);
        Assert.Equal((0, 0), (model.Structure.Points[3].Random, model.Structure.Points[3].Surrounding));
        Assert.True(double.IsFinite(model.Fit!.TestLoss));
        Assert.Equal(["steep, masked samples: 72 of 96 outputs are no finite numbers; they count as wrong."], result.Notes);

        // A second job finds the counts with what they counted.
        var again = await (await Job.Run(_lab, "macro", spec.ToJsonString())).Result<MacroResult>();
        Assert.Equal((0, result.ForwardPasses), (again.ForwardPasses, again.SavedPasses));
        Assert.Equal(result.Notes, again.Notes);
    }

    [Theory]
    [InlineData(new[] { 1f, 2f }, true)]
    [InlineData(new[] { 1f, float.NegativeInfinity }, true)]
    [InlineData(new[] { float.NaN, 2f }, false)]
    [InlineData(new[] { 1f, float.NaN }, false)]
    [InlineData(new[] { 1f, float.PositiveInfinity }, false)]
    [InlineData(new[] { float.NegativeInfinity, float.NegativeInfinity }, false)]
    public void Logits_are_defined_where_every_class_has_a_probability(float[] logits, bool isDefined) =>
        Assert.Equal(isDefined, InteractionLab.Experiments.Networks.Logits.IsDefined(logits));

    [Fact]
    public async Task A_device_that_is_not_there_is_named_at_once()
    {
        Assert.SkipWhen(OnnxRuntimeInfo.Read().Devices.Any(device => device.Kind == DeviceKind.Cuda), "there is a CUDA device");
        var spec = JsonNode.Parse(With("device", "\"cuda\""))!.AsObject();
        spec.Remove("robustness");
        var faults = await Job.Refused(_lab, "macro", spec.ToJsonString());
        Assert.Equal(["there is no CUDA device here; use auto or cpu"], Assert.Single(faults, fault => fault.Key == "device").Value);
    }

    [Fact]
    public async Task Of_texts_the_model_is_said_to_take_none()
    {
        _lab.AddTexts("texts", 6, "a good film\t1", "a bad film\t0");
        var faults = await Job.Refused(_lab, "macro", With("dataset", "\"texts\""));
        Assert.Equal(["its input 'x' is float32, no token ids, and the dataset holds texts"], faults["models[0]"]);
        Assert.Equal(["must hold pictures or tables"], faults["dataset"]);
    }

    [Theory]
    [InlineData("models", "[\"net\", \"rows-net\"]", "models[1]")]
    [InlineData("models", "[\"missing\"]", "models[0]")]
    [InlineData("dataset", "\"bare\"", "dataset")]
    [InlineData("samples", "{\"from\": 0, \"to\": 4000}", "samples.to")]
    [InlineData("structure", "{\"rows\": 9}", "structure.rows")]
    [InlineData("structure", "{\"ratios\": [0.5, 0.2]}", "structure.ratios[1]")]
    [InlineData("structure", "{\"rows\": 2, \"columns\": 2, \"ratios\": [0, 0.2, 0.3]}", "structure.ratios[2]")]
    [InlineData("fit", "{\"train\": {\"dataset\": \"rows\"}}", "fit.train.dataset")]
    [InlineData("robustness", "{\"steps\": 5}", "robustness.epsilon")]
    [InlineData("robustness", "{\"epsilon\": 0}", "robustness.epsilon")]
    public async Task Wrong_fields_are_named(string field, string value, string path) =>
        Assert.Contains(path, (await Job.Refused(_lab, "macro", With(field, value))).Keys);

    private static string With(string field, string value)
    {
        var spec = JsonNode.Parse(Whole)!.AsObject();
        spec[field] = JsonNode.Parse(value);
        return spec.ToJsonString();
    }

    private static double Loss(InferenceSession session, Models.Datasets.IDataset data, int from, int to) => Enumerable.Range(from, to - from).Average(i =>
    {
        var sample = data.Get(i);
        var logits = Logits(session, sample.Values);
        return Math.Log(logits.Sum(z => Math.Exp(z))) - logits[sample.Label!.Value];
    });

    private static double Accuracy(InferenceSession session, Models.Datasets.IDataset data, int[] masked) => Enumerable.Range(0, 12).Average(i =>
    {
        var sample = data.Get(i);
        var values = sample.Values.Select((value, cell) => masked.Contains((cell / 8 % 8 / 2 * 4) + (cell % 8 / 2)) ? data.Mean[cell] : value).ToArray();
        var logits = Logits(session, values);
        return Array.IndexOf(logits, logits.Max()) == sample.Label ? 1.0 : 0;
    });

    private static float[] Logits(InferenceSession session, float[] values)
    {
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(values, [1, 3, 8, 8]))]);
        return [.. results[0].AsTensor<float>()];
    }
}
