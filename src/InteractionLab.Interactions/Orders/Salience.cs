using System.Globalization;

namespace InteractionLab.Interactions;

/// <summary>Thresholds and the interactions above them (method.md §2).</summary>
public static class Salience
{
    /// <summary>
    /// τ of every sample, at least 0, in the order of <paramref name="samples"/>; an empty list gives an empty array.
    /// τ = 0 (every span 0, or fewer than k effects that are not 0) makes every effect that is not 0 salient.
    /// </summary>
    /// <exception cref="ArgumentException">The rule is out of range, a number of a sample is not finite, or top-k has no <see cref="SalienceInput.Load"/>.</exception>
    public static double[] Thresholds(SalienceRule rule, IReadOnlyList<SalienceInput> samples)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(samples);
        rule.Validate();
        Check(rule, samples);
        var thresholds = new double[samples.Count];
        switch (rule.Kind)
        {
            case SalienceKind.MeanSpan:
                Array.Fill(thresholds, samples.Count == 0 ? 0 : rule.Factor * MeanSpan(samples));
                break;
            case SalienceKind.PooledMax:
                Array.Fill(thresholds, rule.Factor * samples.Select(sample => sample.Maximum).DefaultIfEmpty(0).Max());
                break;
            case SalienceKind.SampleMax:
                for (var i = 0; i < thresholds.Length; i++)
                {
                    thresholds[i] = rule.Factor * samples[i].Maximum;
                }

                break;
            default:
                for (var i = 0; i < thresholds.Length; i++)
                {
                    var effects = samples[i].Load!();
                    thresholds[i] = TopKThreshold(effects.And, effects.Or, rule.K);
                }

                break;
        }

        return thresholds;
    }

    /// <summary>mean_x |span_x|; 0 for no samples. Also the scale of the continuous generalizability.</summary>
    public static double MeanSpan(IReadOnlyList<SalienceInput> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var sum = default(CompensatedSum);
        foreach (var sample in samples)
        {
            // Divided first, so that spans of 1e300 do not overflow.
            sum.Add(Math.Abs(sample.Span) / samples.Count);
        }

        return sum.Value;
    }

    /// <summary>
    /// τ such that exactly the k largest |I_T| (T ≠ ∅, both types) are above it: the largest |I_T| that is strictly below
    /// the k-th. Effects equal to the k-th are therefore all salient, more than k of them when they tie; effects of 0
    /// never are, so fewer than k when fewer differ from 0.
    /// </summary>
    public static double TopKThreshold(ReadOnlySpan<double> and, ReadOnlySpan<double> or, int k)
    {
        Tables.Players(and, or);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var magnitudes = new double[2 * (and.Length - 1)];
        for (var mask = 1; mask < and.Length; mask++)
        {
            magnitudes[mask - 1] = Math.Abs(and[mask]);
            magnitudes[and.Length + mask - 2] = Math.Abs(or[mask]);
        }

        Array.Sort(magnitudes);
        var kth = magnitudes[Math.Max(0, magnitudes.Length - k)];
        var below = Array.FindLastIndex(magnitudes, magnitude => magnitude < kth);
        return below < 0 ? 0 : magnitudes[below];
    }

    /// <summary>The interactions with |I_T| > τ, T ≠ ∅, by descending |I_T|; equal ones AND first, then by mask.</summary>
    public static Interaction[] Salient(ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau)
    {
        Tables.Players(and, or);
        Tables.CheckThreshold(tau);
        var found = new List<Interaction>();
        for (var mask = 1; mask < and.Length; mask++)
        {
            if (Math.Abs(and[mask]) > tau)
            {
                found.Add(new Interaction(InteractionType.And, mask, and[mask]));
            }

            if (Math.Abs(or[mask]) > tau)
            {
                found.Add(new Interaction(InteractionType.Or, mask, or[mask]));
            }
        }

        var salient = found.ToArray();
        Array.Sort(salient, ByStrength);
        return salient;
    }

    /// <summary>The at most <paramref name="count"/> strongest salient interactions, in the order of <see cref="Salient"/>.</summary>
    public static Interaction[] Top(ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var salient = Salient(and, or, tau);
        return salient.Length <= count ? salient : salient[..count];
    }

    /// <summary>How many AND and how many OR interactions have |I_T| > τ.</summary>
    public static (int And, int Or) Count(ReadOnlySpan<double> and, ReadOnlySpan<double> or, double tau)
    {
        Tables.Players(and, or);
        Tables.CheckThreshold(tau);
        var (ands, ors) = (0, 0);
        for (var mask = 1; mask < and.Length; mask++)
        {
            ands += Math.Abs(and[mask]) > tau ? 1 : 0;
            ors += Math.Abs(or[mask]) > tau ? 1 : 0;
        }

        return (ands, ors);
    }

    private static int ByStrength(Interaction a, Interaction b)
    {
        var strength = Math.Abs(b.Effect).CompareTo(Math.Abs(a.Effect));
        var type = a.Type.CompareTo(b.Type);
        return strength != 0 ? strength : type != 0 ? type : a.Mask.CompareTo(b.Mask);
    }

    private static void Check(SalienceRule rule, IReadOnlyList<SalienceInput> samples)
    {
        for (var i = 0; i < samples.Count; i++)
        {
            var fault = !double.IsFinite(samples[i].Span) ? "its span is not finite"
                : !double.IsFinite(samples[i].Maximum) || samples[i].Maximum < 0 ? "its largest |I| is not a finite number of at least 0"
                : rule.Kind == SalienceKind.TopK && samples[i].Load is null ? "top-k needs its effects"
                : null;
            if (fault is not null)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Sample {i}: {fault}."), nameof(samples));
            }
        }
    }
}
