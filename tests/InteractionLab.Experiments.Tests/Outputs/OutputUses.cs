using System.Globalization;
using InteractionLab.Experiments.Macro;
using InteractionLab.Experiments.MaskedSamples;
using InteractionLab.Experiments.PruningSweep;
using InteractionLab.Experiments.Tests.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Datasets;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.Outputs;

/// <summary>A form used in every way the lab has, each answer beside one computed here from the form's formula: a refusal, or how far they are apart.</summary>
internal sealed class OutputUses : IDisposable
{
    private const int Rows = 18;
    private const double Epsilon = 0.35;
    private const int Steps = 3;
    private const double StepSize = 0.15;
    private const double LearningRate = 0.4;
    private readonly Lab _lab = new();
    private readonly OutputForm _form;
    private readonly (double[] X, int Label)[] _rows;

    public OutputUses(OutputForm form)
    {
        _form = form;
        _lab.AddArrays("rows", Rows, [OutputForm.Cells], form.Classes);
        _lab.AddArrays("pictures", Rows, [1, 2, 2], form.Classes);
        _lab.AddModel("rows-form", form.Onnx([OutputForm.Cells]));
        _lab.AddModel("pictures-form", form.Onnx([1, 2, 2]));

        using var data = _lab.OpenDataset("rows");
        _rows = [.. Enumerable.Range(0, Rows).Select(data.Get).Select(sample => (sample.Values.Select(value => (double)value).ToArray(), sample.Label!.Value))];
    }

    /// <summary>The uses by the name that the table has for them.</summary>
    public static IReadOnlyList<(string Title, Func<OutputUses, Task<string>> Run)> All { get; } =
    [
        ("masked values", uses => uses.Masked("onnxruntime")),
        ("masked values, torch", uses => uses.Masked("torch")),
        ("sweep", uses => uses.Sweep()),
        ("training", uses => uses.Training()),
        ("PGD", uses => uses.Attack()),
        ("attribution", uses => uses.Attribution()),
        ("accuracy", uses => uses.Accuracy()),
    ];

    public void Dispose() => _lab.Dispose();

    private string Extra => _form.Extra.Length == 0 ? "" : ", " + _form.Extra;

    private async Task<string> Masked(string executor)
    {
        foreach (var type in new[] { "log-odds", "logit", "probability" })
        {
            // The logits that a lab takes are only known up to a number where there are probabilities alone, or a softmax in front.
            var known = type != "logit" || _form.Behind is not (Behind.Mean or Behind.Trees or Behind.TreesMaps or Behind.Linear or Behind.LinearMaps or Behind.Sigmoids);
            foreach (var target in new[] { "\"label\"", "\"predicted\"", "1" }.Where(_ => known))
            {
                var (job, refused) = await Run("masked-samples", $$"""
                    {"model": "rows-form", "dataset": "rows", "samples": {"from": 0, "to": {{Rows}}}, "players": {"type": "columns"}, "baseline": {"type": "zero"},
                     "value": {"type": "{{type}}", "target": {{target}}}, "executor": "{{executor}}", "device": "cpu", "interactions": {"solver": "half"}{{Extra}}}
                    """);
                if (job is null)
                {
                    return refused!;
                }

                var v = Npz.Read<double>(await job.Artifact("values.npz"), "v", out _);
                var result = await job.Result<MaskedSamplesResult>();
                for (var row = 0; row < Rows; row++)
                {
                    var (x, label) = _rows[row];
                    var prediction = Predict(_form.Logits(x));
                    Assert.Equal(prediction, result.Samples[row].Prediction);
                    var y = target switch { "\"label\"" => label, "1" => 1, _ => prediction };
                    for (var mask = 0; mask < 1 << OutputForm.Cells; mask++)
                    {
                        double[] masked = [.. x.Select((cell, i) => (mask >> i & 1) == 1 ? cell : 0)];
                        Assert.Equal(Value(_form.Logits(masked), y, type), v[(row << OutputForm.Cells) + mask], 2e-4);
                    }
                }
            }
        }

        return "equal";
    }

    private async Task<string> Sweep()
    {
        var (job, refused) = await Run("pruning-sweep", $$"""
            {"model": "rows-form", "dataset": "rows", "samples": {"from": 0, "to": 6}, "players": {"type": "columns"}, "baseline": {"type": "zero"}, "references": ["rows-form"],
             "pruner": {"type": "magnitude-global"}, "ratios": [0, 0.5], "device": "cpu", "interactions": {"solver": "half"}, "evaluation": {"dataset": "rows", "samples": {"from": 0, "to": {{Rows}}} }{{Extra}}}
            """);
        if (job is null)
        {
            return refused!;
        }

        var archive = await job.Artifact("values.npz");
        var (original, pruned) = (Npz.Read<double>(archive, "v_original", out _), Npz.Read<double>(archive, "v_pruned", out _));
        var result = await job.Result<PruningSweepResult>();
        Check(original, 0, _form.Weights);
        Check(pruned, 0, _form.Weights);
        Assert.Equal(Score(_form.Weights, _form.Biases).Accuracy, result.Points[0].Accuracy!.Value, 1e-9);
        Assert.Equal(Score(_form.Weights, _form.Biases).Loss, result.Points[0].Loss!.Value, 1e-5);
        if (_form.Behind != Behind.Features)
        {
            // The other head has weights of its own, which the pruner ranks with these.
            var half = Half();
            Check(pruned, 6 << OutputForm.Cells, half);
            Assert.Equal(Score(half, _form.Biases).Accuracy, result.Points[1].Accuracy!.Value, 1e-9);
            Assert.Equal(Score(half, _form.Biases).Loss, result.Points[1].Loss!.Value, 1e-5);
        }

        return "equal";

        void Check(double[] v, int from, double[,] weights)
        {
            for (var row = 0; row < 6; row++)
            {
                for (var mask = 0; mask < 1 << OutputForm.Cells; mask++)
                {
                    double[] masked = [.. _rows[row].X.Select((cell, i) => (mask >> i & 1) == 1 ? cell : 0)];
                    Assert.Equal(Value(_form.Logits(masked, weights, _form.Biases), _rows[row].Label, "log-odds"), v[from + (row << OutputForm.Cells) + mask], 2e-4);
                }
            }
        }
    }

    private async Task<string> Training()
    {
        var (job, refused) = await Run("training", $$"""
            {"model": "rows-form", "train": {"dataset": "rows"}, "test": {"dataset": "rows"}, "epochs": 1, "batchSize": {{Rows}}, "device": "cpu",
             "optimizer": {"type": "sgd", "learningRate": {{LearningRate.ToString(CultureInfo.InvariantCulture)}}, "momentum": 0}, "snapshots": [1]{{Extra}}}
            """);
        if (job is null)
        {
            return refused!;
        }

        var result = await job.Result<TrainingResult>();
        var before = Score(_form.Weights, _form.Biases);
        Assert.Equal(before.Loss, result.Epochs[0].TestLoss, 1e-5);
        Assert.Equal(before.Accuracy, result.Epochs[0].TestAccuracy, 1e-9);

        // One step of plain gradient descent on the mean cross-entropy.
        var (weights, biases) = Step();
        var after = Score(weights, biases);
        Assert.True(after.Loss < before.Loss);
        Assert.Equal(after.Loss, result.Epochs[1].TestLoss, 1e-5);
        Assert.Equal(after.Accuracy, result.Epochs[1].TestAccuracy, 1e-9);
        await CheckSnapshot(result.Snapshots[0].Model, weights, biases);
        return "equal";
    }

    /// <summary>A snapshot is the graph that was given, with other weights: its own outputs hold what they held.</summary>
    private async Task CheckSnapshot(string id, double[,] weights, double[] biases)
    {
        var given = (await _lab.FindModelAsync("rows-form", TestContext.Current.CancellationToken))!;
        var kept = (await _lab.FindModelAsync(id, TestContext.Current.CancellationToken))!;
        Assert.Equal(given.Summary.Outputs.Select(output => output.Name), kept.Summary.Outputs.Select(output => output.Name));
        using var session = new InferenceSession(kept.Path);
        var (x, _) = _rows[0];
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x.Select(cell => (float)cell).ToArray(), [1, OutputForm.Cells]))]);
        var given0 = outputs[_form.Behind is Behind.Features or Behind.Several ? 1 : 0].AsTensor<float>().ToArray();
        var logits = _form.Logits(x, weights, biases);
        var p = OutputForm.Softmax(logits);
        double[] expected = _form.Behind switch
        {
            Behind.Softmax or Behind.SoftmaxOfSides or Behind.Clipped or Behind.WrittenOut or Behind.Mean or Behind.Pair => p,
            Behind.LogSoftmax => [.. p.Select(one => Math.Log(one))],
            Behind.Unit => [logits[1]],
            Behind.Sigmoid or Behind.Flat => [p[1]],
            Behind.Sigmoids => [.. logits.Select(one => Math.Exp(one))],
            _ => logits,
        };
        Assert.Equal(expected.Length, given0.Length);
        Assert.All(expected.Zip(given0), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private async Task<string> Attack()
    {
        var (job, refused) = await Run("macro", string.Create(CultureInfo.InvariantCulture, $$"""
            {"models": ["rows-form"], "dataset": "rows", "device": "cpu", "robustness": {"epsilon": {{Epsilon}}, "steps": {{Steps}}, "stepSize": {{StepSize}}}{{Extra}}}
            """));
        if (job is null)
        {
            return refused!;
        }

        var correct = 0;
        foreach (var (x, label) in _rows)
        {
            var point = x.ToArray();
            for (var step = 0; step < Steps; step++)
            {
                var gradient = Gradient(at => Loss(_form.Logits(at), label), point);
                point = [.. point.Select((cell, i) => Math.Clamp(cell + (StepSize * Math.Sign(gradient[i])), x[i] - Epsilon, x[i] + Epsilon))];
            }

            correct += Predict(_form.Logits(point)) == label ? 1 : 0;
        }

        var robustness = (await job.Result<MacroResult>()).Models[0].Robustness!;
        Assert.Equal(Score(_form.Weights, _form.Biases).Accuracy, robustness.CleanAccuracy, 1e-9);
        Assert.Equal((double)correct / Rows, robustness.AttackedAccuracy, 1e-9);
        return "equal";
    }

    private async Task<string> Attribution()
    {
        var (job, refused) = await Run("masked-samples", $$"""
            {"model": "pictures-form", "dataset": "pictures", "samples": {"from": 0, "to": 6}, "players": {"type": "grid", "rows": 2, "columns": 2, "by": "attribution", "select": 2},
             "baseline": {"type": "zero"}, "device": "cpu", "interactions": {"solver": "half"}{{Extra}}}
            """);
        if (job is null)
        {
            return refused!;
        }

        using var data = _lab.OpenDataset("pictures");
        foreach (var sample in (await job.Result<MaskedSamplesResult>()).Samples)
        {
            var x = data.Get(sample.Index).Values.Select(cell => (double)cell).ToArray();
            var label = data.Get(sample.Index).Label!.Value;
            var integrated = new double[x.Length];
            const int Parts = 400;
            for (var part = 0; part < Parts; part++)
            {
                var gradient = Gradient(at => Value(_form.Logits(at), label, "log-odds"), [.. x.Select(cell => cell * (part + 0.5) / Parts)]);
                integrated = [.. integrated.Select((sum, i) => sum + (gradient[i] * x[i] / Parts))];
            }

            Assert.Equal(integrated.Index().OrderByDescending(cell => Math.Abs(cell.Item)).Take(2).Select(cell => cell.Index).Order(), sample.Players.Order());
        }

        return "equal";
    }

    private async Task<string> Accuracy()
    {
        var (job, refused) = await Run("macro", $$"""
            {"models": ["rows-form"], "dataset": "rows", "device": "cpu", "fit": {"train": {"dataset": "rows"} }{{Extra}}}
            """);
        if (job is null)
        {
            return refused!;
        }

        var fit = (await job.Result<MacroResult>()).Models[0].Fit!;
        var (loss, accuracy) = Score(_form.Weights, _form.Biases);
        Assert.Equal(accuracy, fit.TestAccuracy, 1e-9);
        Assert.Equal(loss, fit.TestLoss, 1e-5);
        return "equal";
    }

    private async Task<(Job? Job, string? Refused)> Run(string kind, string spec)
    {
        try
        {
            return (await Job.Run(_lab, kind, spec), null);
        }
        catch (SpecException refusal)
        {
            // Planning refuses before anything runs; the first field is the one that a person reads.
            return (null, $"refused: `{string.Join("`, `", refusal.Errors.Keys.Order(StringComparer.Ordinal))}`");
        }
    }

    private (double Loss, double Accuracy) Score(double[,] weights, double[] biases)
    {
        var logits = _rows.Select(row => _form.Logits(row.X, weights, biases)).ToArray();
        return (logits.Zip(_rows).Average(pair => Loss(pair.First, pair.Second.Label)), logits.Zip(_rows).Average(pair => Predict(pair.First) == pair.Second.Label ? 1.0 : 0));
    }

    private (double[,] Weights, double[] Biases) Step()
    {
        var (weights, biases) = ((double[,])_form.Weights.Clone(), (double[])_form.Biases.Clone());
        for (var i = 0; i < OutputForm.Cells; i++)
        {
            for (var k = 0; k < _form.Units; k++)
            {
                weights[i, k] -= LearningRate * Slope(change => { var other = (double[,])_form.Weights.Clone(); other[i, k] += change; return Score(other, _form.Biases).Loss; });
            }
        }

        for (var k = 0; k < _form.Units; k++)
        {
            biases[k] -= LearningRate * Slope(change => { var other = (double[])_form.Biases.Clone(); other[k] += change; return Score(_form.Weights, other).Loss; });
        }

        return (weights, biases);
    }

    /// <summary>The half of the weights with the smallest magnitudes at zero.</summary>
    private double[,] Half()
    {
        var half = (double[,])_form.Weights.Clone();
        var order = Enumerable.Range(0, OutputForm.Cells).SelectMany(i => Enumerable.Range(0, _form.Units).Select(k => (i, k))).OrderBy(at => Math.Abs(half[at.i, at.k])).ToArray();
        foreach (var (i, k) in order[..(order.Length / 2)])
        {
            half[i, k] = 0;
        }

        return half;
    }

    private static double[] Gradient(Func<double[], double> of, double[] at) =>
        [.. Enumerable.Range(0, at.Length).Select(i => Slope(change => { var other = at.ToArray(); other[i] += change; return of(other); }))];

    private static double Slope(Func<double, double> of) => (of(1e-5) - of(-1e-5)) / 2e-5;

    private static double Loss(double[] logits, int label) => -Math.Log(OutputForm.Softmax(logits)[label]);

    private static int Predict(double[] logits) => Array.IndexOf(logits, logits.Max());

    private double Value(double[] logits, int y, string type)
    {
        var others = Math.Log(logits.Where((_, k) => k != y).Sum(one => Math.Exp(one)));
        return type switch
        {
            "probability" => OutputForm.Softmax(logits)[y],
            "logit" when !_form.IsOneUnit => logits[y],
            _ => logits[y] - others,
        };
    }
}
