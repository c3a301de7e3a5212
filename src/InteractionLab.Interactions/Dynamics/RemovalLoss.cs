namespace InteractionLab.Interactions;

/// <summary>One sample's full output before and after its non-generalizable interactions are taken out.</summary>
/// <param name="Output">v(x), log-odds.</param>
/// <param name="OutputRemoved">v_removed(x).</param>
public readonly record struct RemovedOutput(double Output, double OutputRemoved)
{
    /// <summary>
    /// v_removed = v - Σ_{salient, G = 0} I: on the unmasked sample every interaction is triggered (training-dynamics.txt, eq. 12).
    /// </summary>
    /// <param name="output">v(N).</param>
    /// <param name="effects">The effects of the game.</param>
    /// <param name="tau">τ.</param>
    /// <param name="generalizable">G = 1.</param>
    public static RemovedOutput Of(double output, Effects effects, double tau, InteractionSet generalizable)
    {
        var removed = default(CompensatedSum);
        var members = Classification.Salient(effects, tau).Except(generalizable);
        for (var mask = 1; mask < effects.And.Length; mask++)
        {
            removed.Add(members.And[mask] ? effects.And[mask] : 0);
            removed.Add(members.Or[mask] ? effects.Or[mask] : 0);
        }

        return new RemovedOutput(output, output - removed.Value);
    }
}

/// <summary>The mean loss over samples, beside the loss after removal (method.md §4).</summary>
/// <param name="Loss">mean -log sigmoid(v); null for no samples.</param>
/// <param name="LossRemoved">mean -log sigmoid(v_removed); null for no samples.</param>
public sealed record RemovalLoss(double? Loss, double? LossRemoved)
{
    /// <summary>The means over samples.</summary>
    public static RemovalLoss Of(IReadOnlyList<RemovedOutput> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            return new RemovalLoss(null, null);
        }

        var (loss, removed) = (default(CompensatedSum), default(CompensatedSum));
        foreach (var sample in samples)
        {
            loss.Add(NegativeLogSigmoid(sample.Output) / samples.Count);
            removed.Add(NegativeLogSigmoid(sample.OutputRemoved) / samples.Count);
        }

        return new RemovalLoss(loss.Value, removed.Value);
    }

    /// <summary>The gap between testing and training samples: test - train, of both losses; null where a loss is.</summary>
    public static RemovalLoss Gap(RemovalLoss train, RemovalLoss test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        return new RemovalLoss(test.Loss - train.Loss, test.LossRemoved - train.LossRemoved);
    }

    /// <summary>-log sigmoid(v) = softplus(-v), to full relative precision for every v: neither overflow at -1e300 nor 0 at 40.</summary>
    public static double NegativeLogSigmoid(double v)
    {
        var tail = Math.Exp(-Math.Abs(v));
        return Math.Max(-v, 0) + LogOnePlus(tail);
    }

    // log(1 + x): the rounding of 1 + x cancels between the logarithm and the factor (Kahan's identity).
    private static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }
}
