namespace InteractionLab.Interactions;

/// <summary>The logical model ĝ: the bias and the salient interactions only (method.md §2).</summary>
public static class LogicalModel
{
    /// <summary>
    /// ĝ(S) = b + Σ_{T⊆S, salient} I^and_T + Σ_{T∩S≠∅, salient} I^or_T for every mask S, in numeric mask order; O(n 2^n).
    /// A τ below 0 keeps every interaction, which makes ĝ(S) = v(S) - δ_S (universal matching).
    /// </summary>
    public static double[] Evaluate(double bias, ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau)
    {
        Tables.Players(and, or);
        Tables.CheckThreshold(tau);
        var outputs = Keep(and, tau);
        var triggered = Keep(or, tau);
        Transforms.Zeta(outputs);
        Transforms.OrZeta(triggered);
        for (var mask = 0; mask < outputs.Length; mask++)
        {
            outputs[mask] += triggered[mask] + bias;
        }

        return outputs;
    }

    /// <summary>v sorted ascending with ĝ of the same mask beside it (ties by mask): the fidelity chart.</summary>
    public static (double[] V, double[] G) Sorted(ReadOnlySpan<double> v, ReadOnlySpan<double> g)
    {
        Tables.Players(v, g);
        var outputs = v.ToArray();
        var masks = Enumerable.Range(0, v.Length).ToArray();
        Array.Sort(masks, (a, b) => outputs[a] != outputs[b] ? outputs[a].CompareTo(outputs[b]) : a.CompareTo(b));
        var sortedV = new double[v.Length];
        var sortedG = new double[v.Length];
        for (var i = 0; i < masks.Length; i++)
        {
            sortedV[i] = v[masks[i]];
            sortedG[i] = g[masks[i]];
        }

        return (sortedV, sortedG);
    }

    private static double[] Keep(ReadOnlySpan<double> effects, double tau)
    {
        var kept = new double[effects.Length];
        for (var mask = 1; mask < effects.Length; mask++)
        {
            kept[mask] = Math.Abs(effects[mask]) > tau ? effects[mask] : 0;
        }

        return kept;
    }
}
