namespace InteractionLab.Interactions;

/// <summary>How the salience threshold τ is chosen (method.md §2).</summary>
public enum SalienceKind
{
    /// <summary>τ = f · mean over samples of |v(N) - v(∅)|, one τ for all samples.</summary>
    MeanSpan,

    /// <summary>τ = f · max_T |I_T| of the sample itself.</summary>
    SampleMax,

    /// <summary>τ = f · max_T |I_T| over all samples, one τ for all samples.</summary>
    PooledMax,

    /// <summary>τ such that the k largest |I_T| of the sample are above it.</summary>
    TopK,
}

/// <summary>An explicit salience rule: an interaction is salient when |I_T| > τ, strictly.</summary>
public sealed record SalienceRule
{
    /// <summary>The rule.</summary>
    public SalienceKind Kind { get; init; } = SalienceKind.MeanSpan;

    /// <summary>f, finite and at least 0. Ignored by <see cref="SalienceKind.TopK"/>.</summary>
    public double Factor { get; init; } = 0.05;

    /// <summary>k, at least 1. Used by <see cref="SalienceKind.TopK"/> only.</summary>
    public int K { get; init; } = 20;

    /// <summary>Checks the field that the rule uses.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The kind is unknown, or <see cref="Factor"/> or <see cref="K"/> is out of range; names the field.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "The salience rule is unknown.");
        }

        if (Kind == SalienceKind.TopK)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(K, 1, nameof(K));
        }
        else if (!double.IsFinite(Factor) || Factor < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "The salience factor must be finite and at least 0.");
        }
    }
}

/// <summary>
/// What a salience rule needs to know of one sample. The first two numbers are kept while samples stream by; the effects
/// are loaded again only by <see cref="SalienceKind.TopK"/>, one sample at a time.
/// </summary>
/// <param name="Span">v(N) - v(∅), either sign.</param>
/// <param name="Maximum">max |I_T| over both types, T ≠ ∅; at least 0.</param>
/// <param name="Load">Gives the sample's effects; may be null unless the rule is top-k.</param>
public readonly record struct SalienceInput(double Span, double Maximum, Func<Effects>? Load = null)
{
    /// <summary>The input of a decomposition held in memory.</summary>
    public static SalienceInput From(Decomposition decomposition)
    {
        var effects = Effects.From(decomposition);
        return new SalienceInput(decomposition.Span, effects.Maximum(), () => effects);
    }
}
