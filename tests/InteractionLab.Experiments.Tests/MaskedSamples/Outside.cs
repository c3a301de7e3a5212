using System.Text.Json;
using InteractionLab.Experiments.Tests.Common;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Experiments.Tests.MaskedSamples;

/// <summary>
/// The same masking done by plain loops and a plain ONNX Runtime session, from the spec alone: nothing of the lab's
/// masking is used.
/// </summary>
internal static class Outside
{
    private const double Tolerance = 1e-4;

    /// <summary>Compares <c>values.npz</c> of a finished job with it.</summary>
    public static async Task Check(Lab lab, Job job, byte[] onnx, string datasetId)
    {
        var archive = await job.Artifact("values.npz");
        var v = Npz.Read<double>(archive, "v", out var shape);
        var index = Npz.Read<long>(archive, "index", out _);
        var players = Npz.Read<long>(await job.Artifact("interactions.npz"), "players", out var playersShape);
        using var dataset = lab.OpenDataset(datasetId);
        using var session = new InferenceSession(onnx);
        Assert.Equal(job.Count, index.Length);
        for (var row = 0; row < index.Length; row++)
        {
            var sample = dataset.Get((int)index[row]);
            var sampleShape = dataset.Summary.SampleShape.ToArray();
            var chosen = players.Skip(row * (int)playersShape[1]).Take((int)playersShape[1]).Select(player => (int)player).ToArray();
            var owners = Owners(job.Work.Spec, sampleShape, chosen);
            var target = Target(job.Work.Spec, session, sampleShape, sample.Values, sample.Label);
            for (var mask = 0; mask < shape[1]; mask++)
            {
                var masked = new float[sample.Values.Length];
                for (var cell = 0; cell < masked.Length; cell++)
                {
                    var keep = owners[cell] < 0 ? KeepsOutside(job.Work.Spec) : (mask >> owners[cell] & 1) == 1;
                    masked[cell] = keep ? sample.Values[cell] : Baseline(job.Work.Spec, dataset.Mean, sampleShape, cell);
                }

                Assert.Equal(Value(job.Work.Spec, Logits(session, sampleShape, masked), target), v[(row * shape[1]) + mask], Tolerance);
            }
        }
    }

    private static int[] Owners(JsonElement spec, int[] shape, int[] chosen)
    {
        var owners = new int[shape.Aggregate(1, (a, b) => a * b)];
        var players = spec.GetProperty("players");
        for (var cell = 0; cell < owners.Length; cell++)
        {
            owners[cell] = players.GetProperty("type").GetString() switch
            {
                "columns" => cell,
                "grid" => Array.IndexOf(chosen, Patch(players, shape, cell)),
                _ => players.GetProperty("groups").EnumerateArray().ToList().FindIndex(group => group.EnumerateArray().Any(member => member.GetInt32() == cell)),
            };
        }

        return owners;
    }

    private static int Patch(JsonElement players, int[] shape, int cell)
    {
        int rows = players.GetProperty("rows").GetInt32(), columns = players.GetProperty("columns").GetInt32();
        var y = cell / shape[2] % shape[1];
        var x = cell % shape[2];
        return (int)Math.Floor((double)y * rows / shape[1]) * columns + (int)Math.Floor((double)x * columns / shape[2]);
    }

    private static bool KeepsOutside(JsonElement spec) => spec.GetProperty("outside").GetString() == "keep";

    private static float Baseline(JsonElement spec, float[] mean, int[] shape, int cell)
    {
        var baseline = spec.GetProperty("baseline");
        return baseline.GetProperty("type").GetString() switch
        {
            "zero" => 0,
            "constant" => baseline.GetProperty("value")[cell / (shape[1] * shape[2])].GetSingle(),
            _ => mean[cell],
        };
    }

    private static int Target(JsonElement spec, InferenceSession session, int[] shape, float[] sample, int? label)
    {
        var target = spec.GetProperty("value").GetProperty("target");
        var logits = Logits(session, shape, sample);
        return target.ValueKind == JsonValueKind.Number ? target.GetInt32()
            : target.GetString() == "label" ? label!.Value
            : Array.IndexOf(logits, logits.Max());
    }

    private static float[] Logits(InferenceSession session, int[] shape, float[] sample)
    {
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<float>(sample, [1, .. shape]))]);
        return results[0].AsTensor<float>().ToArray();
    }

    private static double Value(JsonElement spec, float[] logits, int target)
    {
        var others = logits.Where((_, k) => k != target).Sum(z => Math.Exp(z));
        return spec.GetProperty("value").GetProperty("type").GetString() switch
        {
            "logit" => logits[target],
            "probability" => Math.Exp(logits[target]) / (Math.Exp(logits[target]) + others),
            _ => logits[target] - Math.Log(others),
        };
    }
}
