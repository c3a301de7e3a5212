using InteractionLab.Models.Masking;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InteractionLab.Models.Tests.Masking;

/// <summary>Masking done by hand: arrays are masked by loops, the original file runs in plain ONNX Runtime, v is computed in double.</summary>
internal static class Truth
{
    public static double[] Values(byte[] onnx, int[] sampleShape, float[] sample, float[] baseline, PlayerLayout layout, int target, ValueKind value, IReadOnlyList<uint> masks)
    {
        using var session = new InferenceSession(onnx);
        var values = new double[masks.Count];
        for (var row = 0; row < masks.Count; row++)
        {
            values[row] = Value(Logits(session, sampleShape, Masked(sample, baseline, layout, masks[row])), target, value);
        }

        return values;
    }

    public static float[] Masked(float[] sample, float[] baseline, PlayerLayout layout, uint mask)
    {
        var masked = new float[sample.Length];
        for (var cell = 0; cell < masked.Length; cell++)
        {
            var player = layout.PlayerOf[cell];
            var present = player == PlayerLayout.Keep || (player >= 0 && ((mask >> player) & 1) == 1);
            masked[cell] = present ? sample[cell] : baseline[cell];
        }

        return masked;
    }

    public static float[] Logits(InferenceSession session, int[] sampleShape, float[] sample)
    {
        var name = session.InputMetadata.Keys.Single();
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(sample, [1, .. sampleShape]))]);
        return results[0].AsTensor<float>().ToArray();
    }

    public static double Value(IReadOnlyList<float> logits, int target, ValueKind value)
    {
        var others = logits.Where((_, k) => k != target).Select(z => (double)z).ToList();
        var most = others.Count == 0 ? 0 : others.Max();
        var logOdds = logits[target] - (most + Math.Log(others.Sum(z => Math.Exp(z - most))));
        return value switch
        {
            ValueKind.Logit => logits[target],
            ValueKind.Probability => logOdds > 0 ? 1 / (1 + Math.Exp(-logOdds)) : Math.Exp(logOdds) / (1 + Math.Exp(logOdds)),
            _ => logOdds,
        };
    }
}
