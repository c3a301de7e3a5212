namespace InteractionLab.Interactions;

/// <summary>One snapshot of training.</summary>
/// <param name="Generalization">H̄; null when nothing is salient.</param>
/// <param name="GeneralizableStrength">Summed |I| of the salient interactions that are generalizable.</param>
/// <param name="NonGeneralizableStrength">Summed |I| of the salient interactions that are not.</param>
public sealed record TrainingPoint(double? Generalization, double GeneralizableStrength, double NonGeneralizableStrength)
{
    /// <summary>The point of the strengths by order of a snapshot.</summary>
    public static TrainingPoint Of(IReadOnlyList<OrderStrength> total, IReadOnlyList<OrderStrength> generalizable)
    {
        var all = OrderDistribution.Strength(total);
        var shared = OrderDistribution.Strength(generalizable);
        return new TrainingPoint(all > 0 ? shared / all : null, shared, Math.Max(0, all - shared));
    }
}

/// <summary>Strength learned since the snapshot before: δ_g and δ_n, below 0 when strength was lost; null at the first snapshot.</summary>
public sealed record NewStrength(double? Generalizable, double? NonGeneralizable);

/// <summary>The three phases of training, by index of snapshot (method.md §4; training-dynamics.txt, appendix I).</summary>
/// <param name="T1">The first snapshot with the highest H̄: phase 1 runs up to it. Null when no snapshot has an H̄.</param>
/// <param name="T2">The first snapshot after t1 with δ_g &lt; r·δ_n: phase 2 runs up to it, phase 3 after it. Null when there is none: phase 2 then runs to the end.</param>
/// <param name="Note">What the reader should know of t1 and t2; null when nothing.</param>
public sealed record TrainingPhases(int? T1, int? T2, string? Note)
{
    /// <summary>Finds the phases.</summary>
    /// <param name="points">Snapshots in the order of training.</param>
    /// <param name="ratio">r, at least 0; 1 by default.</param>
    public static TrainingPhases Of(IReadOnlyList<TrainingPoint> points, double ratio = 1)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (!double.IsFinite(ratio) || ratio < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio r of the training phases must be finite and at least 0.");
        }

        if (Peak(points) is not { } t1)
        {
            return new TrainingPhases(null, null, "No snapshot has a salient interaction: H̄ and the phases are undefined.");
        }

        var increases = Increases(points);
        int? t2 = null;
        for (var t = t1 + 1; t < points.Count && t2 is null; t++)
        {
            t2 = increases[t].Generalizable < ratio * increases[t].NonGeneralizable ? t : null;
        }

        return new TrainingPhases(t1, t2, Describe(t1, t2, points.Count));
    }

    /// <summary>δ_g and δ_n of every snapshot.</summary>
    public static NewStrength[] Increases(IReadOnlyList<TrainingPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var increases = new NewStrength[points.Count];
        for (var t = 0; t < increases.Length; t++)
        {
            increases[t] = t == 0
                ? new NewStrength(null, null)
                : new NewStrength(
                    points[t].GeneralizableStrength - points[t - 1].GeneralizableStrength,
                    points[t].NonGeneralizableStrength - points[t - 1].NonGeneralizableStrength);
        }

        return increases;
    }

    private static int? Peak(IReadOnlyList<TrainingPoint> points)
    {
        int? peak = null;
        for (var t = 0; t < points.Count; t++)
        {
            if (points[t].Generalization is { } power && !(power <= (peak is { } best ? points[best].Generalization : null)))
            {
                peak = t;
            }
        }

        return peak;
    }

    private static string? Describe(int t1, int? t2, int count) =>
        count == 1 ? "There is one snapshot: no phase can be told from another."
        : t1 == count - 1 ? "H̄ is highest at the last snapshot: phases 2 and 3 were not reached."
        : t1 == 0 && t2 is null ? "H̄ is highest at the first snapshot: phase 1 was not seen; phase 3 was not reached."
        : t1 == 0 ? "H̄ is highest at the first snapshot: phase 1 was not seen."
        : t2 is null ? "Generalizable strength grew at least r times as fast to the end: phase 3 was not reached."
        : null;
}
