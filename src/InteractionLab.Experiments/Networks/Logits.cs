using System.Numerics;

namespace InteractionLab.Experiments.Networks;

/// <summary>What logits say: the one reading of them for accuracy, losses and targets.</summary>
internal static class Logits
{
    /// <summary>The class predicted: the largest logit, the first of equal ones.</summary>
    public static int Predict<T>(ReadOnlySpan<T> logits)
        where T : INumber<T>
    {
        var best = 0;
        for (var k = 1; k < logits.Length; k++)
        {
            best = logits[k] > logits[best] ? k : best;
        }

        return best;
    }

    /// <summary>Whether logits give every class a probability: not where one is no number, and not where the largest is infinite.</summary>
    public static bool IsDefined(ReadOnlySpan<float> logits) => double.IsFinite(Loss(logits, Predict(logits)));

    /// <summary>Whether the class predicted is the label; never where nothing is predicted (<see cref="IsDefined"/>).</summary>
    public static bool AreCorrect(ReadOnlySpan<float> logits, int? label) => Predict(logits) == label && IsDefined(logits);

    /// <summary>Cross-entropy -log p_label, in double from the largest logit on; NaN where the logits are no numbers.</summary>
    public static double Loss(ReadOnlySpan<float> logits, int label)
    {
        var most = logits[Predict(logits)];
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp((double)logit - most);
        }

        return Math.Log(sum) + most - logits[label];
    }
}
