using System.Text.Json.Nodes;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Tests.Specs;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Pruning;

namespace InteractionLab.Experiments.Tests.PruningSweep;

/// <summary>pruning-sweep on networks that the tests make themselves.</summary>
[Trait("speed", "slow")]
public sealed class SweepJobTests : IDisposable
{
    private readonly Lab _lab = Lab.Tiny();

    public SweepJobTests()
    {
        _lab.AddModel("other", TinyNetwork.Onnx([3, 8, 8], 4, scale: 1.1));
        _lab.AddModel("third", TinyNetwork.Onnx([3, 8, 8], 4, scale: -0.7));
    }

    public void Dispose() => _lab.Dispose();

    /// <summary>A good spec with some fields replaced.</summary>
    internal static string Spec(string changes = "{}")
    {
        var spec = JsonNode.Parse(MaskedSamplesSpecTests.Spec("""{"samples": {"from": 3, "to": 8}, "blockSize": 2, "references": ["other"], "ratios": [0, 0.3, 0.6, 0.9], "pruner": {"type": "magnitude-global"}, "evaluation": {"samples": {"from": 0, "to": 40}}}"""))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            spec[name] = value?.DeepClone();
        }

        return spec.ToJsonString();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"decomposition": "separate"}""")]
    [InlineData("""{"references": ["other", "third"], "pruner": {"type": "random", "seed": 4}, "ratios": [0.1, 0.5, 0.95, 0.99], "salience": {"rule": "sample-max", "factor": 0.1}}""")]
    [InlineData("""{"references": [], "decomposition": "separate", "interactions": {"solver": "half"}, "salience": {"rule": "pooled-max", "factor": 0.05}}""")]
    [InlineData("""{"references": ["third"], "interactions": {"solver": "half"}, "salience": {"rule": "top-k", "k": 15}, "pruner": {"type": "magnitude-layer"}}""")]
    [InlineData("""{"salience": {"rule": "mean-span", "factor": 1000}}""")]
    [InlineData("""{"salience": {"rule": "mean-span", "factor": 0}, "ratios": [0.2, 0.97]}""")]
    public async Task The_result_equals_plain_loops_over_the_arrays(string change)
    {
        var job = await Job.Run(_lab, "pruning-sweep", Spec(change));
        var result = await job.Result<PruningSweepResult>();
        var naive = await NaiveSweep.Of(job);
        Assert.Equal(result.Points.Select(point => point.Ratio), naive.Ratios);
        var points = naive.Ratios.Select((_, row) => naive.Point(row)).ToArray();
        for (var row = 0; row < points.Length; row++)
        {
            Compare(points[row], result.Points[row]);
            CheckDecompositions(naive, row, result);
        }

        for (var row = 0; row + 1 < points.Length; row++)
        {
            var removed = points[row + 1].Strength("removed") - points[row].Strength("removed");
            double? efficiency = removed > 1e-9 * points[row + 1].Strength("salient")
                ? 1 - ((points[row + 1].Strength("removedGen") - points[row].Strength("removedGen")) / removed)
                : null;
            Assert.Equal((naive.Ratios[row], naive.Ratios[row + 1]), (result.Efficiency[row].From, result.Efficiency[row].To));
            Near(efficiency, result.Efficiency[row].Value, 1e-6);
        }

        var (first, third) = NaiveSweep.Phases(result.Points);
        double?[] bounds = [naive.Ratios[0], naive.Ratios[first], naive.Ratios[third], naive.Ratios[^1]];
        for (var phase = 0; phase < 3; phase++)
        {
            var isEmpty = bounds[phase] == bounds[phase + 1];
            Assert.Equal((phase + 1, isEmpty ? null : bounds[phase], isEmpty ? null : bounds[phase + 1]), (result.Phases[phase].Phase, result.Phases[phase].From, result.Phases[phase].To));
        }
    }

    [Theory]
    [InlineData("""{"value": {"type": "logit", "target": "predicted"}}""", "v of every network, references included, is of the class that the unpruned model predicts.")]
    [InlineData("""{"samples": {"count": 2, "correctOnly": true}}""", "The samples are those that the unpruned model classifies correctly; references need not.")]
    [InlineData("{}", null)]
    public async Task What_one_network_decides_for_all_is_noted(string change, string? note)
    {
        var result = await (await Job.Run(_lab, "pruning-sweep", Spec(change))).Result<PruningSweepResult>();
        Assert.Equal(note is null ? [] : [note], result.Notes.Where(line => line.Contains("unpruned model predicts.", StringComparison.Ordinal) || line.Contains("references need not", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task At_ratio_zero_everything_is_preserved_exactly()
    {
        foreach (var decomposition in new[] { "joint", "separate" })
        {
            var job = await Job.Run(_lab, "pruning-sweep", Spec($$"""{"decomposition": "{{decomposition}}", "ratios": [0]}"""));
            var result = await job.Result<PruningSweepResult>();
            var point = Assert.Single(result.Points);
            Assert.Equal(1.0, point.RhoLow);
            Assert.Equal(1.0, point.RhoHigh);
            Assert.Equal((0.0, 0.0, 0.0, 0.0), (point.Removed, point.RemovedGeneralizable, point.Emerged, point.EmergedGeneralizable));
            Assert.Equal(0, point.Achieved);
            Assert.Equal("net", point.Model);
            Assert.Empty(result.Efficiency);
            Assert.All(result.Phases, phase => Assert.Null(phase.Efficiency));
            Assert.All(result.Samples, sample => Assert.All(sample.Points[0].Top, top => Assert.Equal((InteractionFate.Preserved, top.Before), (top.Fate, top.After))));

            // Two networks play five samples; the evaluation is the only other cost.
            Assert.Equal((2 * 5 * 65) + 40, job.Work.Estimate.ForwardPasses);
        }
    }

    [Fact]
    public async Task Nothing_salient_gives_null_and_never_zero()
    {
        var result = await (await Job.Run(_lab, "pruning-sweep", Spec("""{"salience": {"rule": "mean-span", "factor": 1000}}"""))).Result<PruningSweepResult>();
        Assert.All(result.Points, point => Assert.Equal((null, null, 0.0), (point.RhoLow, point.RhoHigh, point.Total)));
        Assert.All(result.Efficiency, step => Assert.Null(step.Value));
        Assert.All(result.Phases, phase => Assert.Null(phase.Efficiency));
    }

    [Fact]
    public async Task Sign_flips_are_removals_and_occur_here()
    {
        // The reference as a pruned network: some interactions change their sign between the two.
        var job = await Job.Run(_lab, "pruning-sweep", Spec("""{"pruner": null, "ratios": null, "pool": [{"sparsity": 0.5, "model": "third"}], "salience": {"rule": "mean-span", "factor": 0.01}}"""));
        var point = (await NaiveSweep.Of(job)).Point(0);
        Assert.True(point.Flips > 0);
        Compare(point, Assert.Single((await job.Result<PruningSweepResult>()).Points));
    }

    [Fact]
    public async Task The_games_are_those_that_masked_samples_plays()
    {
        var sweep = await NaiveSweep.Of(await Job.Run(_lab, "pruning-sweep", Spec("""{"keepModels": true}""")));
        foreach (var (model, name, row) in new[] { ("net", "v_original", 0), ("other", "v_references", 0), ("net", "v_pruned", 0) })
        {
            var v = Npz.Read<double>(await (await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec($$"""{"model": "{{model}}", "samples": {"from": 3, "to": 8} }"""))).Artifact("values.npz"), "v", out _);
            Assert.Equal(v, Enumerable.Range(0, 5).SelectMany(sample => sweep.At(name, row, sample)));
        }
    }

    [Fact]
    public async Task Pruned_models_are_kept_when_asked_for_and_play_the_same_games()
    {
        var job = await Job.Run(_lab, "pruning-sweep", Spec("""{"keepModels": true, "ratios": [0.5]}"""));
        var point = Assert.Single((await job.Result<PruningSweepResult>()).Points);
        var model = (await _lab.FindModelAsync(point.Model!, TestContext.Current.CancellationToken))!;
        Assert.Equal(point.Sha256, model.Sha256, ignoreCase: true);
        Assert.Equal(point.Parameters, model.Summary.Parameters);
        var pruned = Pruner.Create(OnnxModel.Load(File.ReadAllBytes((await _lab.FindModelAsync("net", TestContext.Current.CancellationToken))!.Path)), new PrunerOptions(PrunerKind.MagnitudeGlobal)).Prune(0.5);
        Assert.Equal(pruned.Model.ToBytes(), File.ReadAllBytes(model.Path));
        Assert.Equal(pruned.Achieved, point.Achieved);
        _lab.Cache.Clear();
        var again = await Job.Run(_lab, "masked-samples", MaskedSamplesSpecTests.Spec($$"""{"model": "{{point.Model}}", "samples": {"from": 3, "to": 8} }"""));
        var naive = await NaiveSweep.Of(job);
        Assert.Equal(Npz.Read<double>(await again.Artifact("values.npz"), "v", out _), Enumerable.Range(0, 5).SelectMany(sample => naive.At("v_pruned", 0, sample)));
        Assert.Null((await (await Job.Run(_lab, "pruning-sweep", Spec("""{"ratios": [0.5]}"""))).Result<PruningSweepResult>()).Points[0].Model);
    }

    [Fact]
    public async Task A_pool_gives_what_its_models_give_as_ratios()
    {
        var once = await Job.Run(_lab, "pruning-sweep", Spec("""{"keepModels": true}"""));
        var points = (await once.Result<PruningSweepResult>()).Points;
        var pool = string.Join(',', points.Select(point => $$"""{"sparsity": {{point.Ratio.ToString(System.Globalization.CultureInfo.InvariantCulture)}}, "model": "{{point.Model}}"}"""));
        var job = await Job.Run(_lab, "pruning-sweep", Spec($$"""{"pruner": null, "ratios": null, "pool": [{{pool}}]}"""));
        var result = await job.Result<PruningSweepResult>();
        Assert.Equal(await once.Artifact("values.npz"), await job.Artifact("values.npz"));
        Assert.Equal(await once.Artifact("interactions.npz"), await job.Artifact("interactions.npz"));
        Assert.Equal(points.Select(point => (point.Accuracy, point.Loss, point.RhoLow, point.Removed)), result.Points.Select(point => (point.Accuracy, point.Loss, point.RhoLow, point.Removed)));
        Assert.Equal(0, result.ForwardPasses);
        Assert.Equal(["net", "other", .. points.Skip(1).Select(point => point.Model!)], job.Work.Models);
    }

    [Fact]
    public async Task Accuracy_and_loss_are_those_of_the_network_row_by_row()
    {
        var job = await Job.Run(_lab, "pruning-sweep", Spec("""{"keepModels": true}"""));
        using var pictures = _lab.OpenDataset("pictures");
        foreach (var point in (await job.Result<PruningSweepResult>()).Points)
        {
            var (correct, loss) = Score(File.ReadAllBytes((await _lab.FindModelAsync(point.Model!, TestContext.Current.CancellationToken))!.Path), pictures);
            Assert.Equal(correct / 40.0, point.Accuracy!.Value, 1e-12);
            Assert.Equal(loss / 40, point.Loss!.Value, 1e-6);
            Assert.Null(point.Perplexity);
        }
    }

    private static (int Correct, double Loss) Score(byte[] onnx, IDataset dataset)
    {
        using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx);
        var (correct, loss) = (0, 0.0);
        for (var i = 0; i < 40; i++)
        {
            var sample = dataset.Get(i);
            using var outputs = session.Run([Microsoft.ML.OnnxRuntime.NamedOnnxValue.CreateFromTensor("x", new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(sample.Values, [1, 3, 8, 8]))]);
            var logits = outputs[0].AsEnumerable<float>().Select(logit => (double)logit).ToArray();
            correct += Array.IndexOf(logits, logits.Max()) == sample.Label ? 1 : 0;
            loss += Math.Log(logits.Sum(Math.Exp)) - logits[sample.Label!.Value];
        }

        return (correct, loss);
    }

    private static void Compare(NaivePoint naive, SweepPoint point)
    {
        Near(naive.Rho(1, 3), point.RhoLow, 1e-12);
        Near(naive.Rho(4, 99), point.RhoHigh, 1e-12);
        foreach (var (kind, value) in new[] { ("salient", point.Total), ("generalizable", point.Generalizable), ("removed", point.Removed), ("removedGen", point.RemovedGeneralizable), ("emerged", point.Emerged), ("emergedGen", point.EmergedGeneralizable) })
        {
            Assert.Equal(naive.Strength(kind), value, 1e-9);
        }

        Assert.Equal(6, point.Orders.Count);
        foreach (var order in point.Orders)
        {
            double[] plain = [.. new[] { "salient", "preserved", "generalizable", "removedGen", "emerged", "emergedGen" }.SelectMany(kind => new[] { naive.Positive(kind, order.Order), naive.Negative(kind, order.Order) })];
            double[] told =
            [
                order.Positive, order.Negative, order.PreservedPositive, order.PreservedNegative, order.GeneralizablePositive, order.GeneralizableNegative,
                order.RemovedGenPositive, order.RemovedGenNegative, order.EmergedPositive, order.EmergedNegative, order.EmergedGenPositive, order.EmergedGenNegative,
            ];
            Assert.All(plain.Zip(told), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        }
    }

    /// <summary>The interactions are a decomposition of the games, and the thresholds are the rule's.</summary>
    private static void CheckDecompositions(NaiveSweep naive, int row, PruningSweepResult result)
    {
        for (var sample = 0; sample < naive.Samples; sample++)
        {
            Assert.InRange(naive.MatchError("original", row, sample), 0, 1e-9);
            Assert.InRange(naive.MatchError("pruned", row, sample), 0, 1e-9);
            Assert.Equal(naive.Threshold("threshold_original", row, sample), result.Samples[sample].Points[row].Threshold);
        }

        for (var k = 0; k < naive.References; k++)
        {
            Assert.Equal(naive.MeanSpan("v_references", k), result.Networks[k + 1].MeanSpan!.Value, 1e-12);
            Assert.All(Enumerable.Range(0, naive.Samples), sample => Assert.InRange(naive.MatchError("references", k, sample), 0, 1e-9));
        }

        Assert.Equal(naive.MeanSpan("v_original", 0), result.Networks[0].MeanSpan!.Value, 1e-12);
        Assert.Equal(naive.MeanSpan("v_pruned", row), result.Points[row].MeanSpan!.Value, 1e-12);
        if (result.Threshold is { } shared && result.Points[row].Orders.Count > 0)
        {
            Assert.Equal(shared, naive.Threshold("threshold_original", row, 0));
        }
    }

    private static void Near(double? expected, double? found, double tolerance)
    {
        Assert.Equal(expected is null, found is null);
        if (expected is { } number)
        {
            Assert.Equal(number, found!.Value, tolerance);
        }
    }
}
