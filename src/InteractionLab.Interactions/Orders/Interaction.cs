using System.Numerics;

namespace InteractionLab.Interactions;

/// <summary>What triggers an interaction T.</summary>
public enum InteractionType
{
    /// <summary>All players of T are present.</summary>
    And,

    /// <summary>At least one player of T is present.</summary>
    Or,
}

/// <summary>One interaction: its trigger, the mask T of its players (not empty) and its effect I_T (method.md §2).</summary>
public readonly record struct Interaction(InteractionType Type, int Mask, double Effect)
{
    /// <summary>|T|, 1..n.</summary>
    public int Order => BitOperations.PopCount((uint)Mask);
}

/// <summary>
/// The effects of one game: I^and_T and I^or_T by mask T, 2^n entries each in numeric mask order. Entry 0 is never read
/// by a metric: the empty set is no interaction. Arrays are shared, not copied.
/// </summary>
public readonly record struct Effects(double[] And, double[] Or)
{
    /// <summary>The effects of a decomposition.</summary>
    public static Effects From(Decomposition decomposition)
    {
        ArgumentNullException.ThrowIfNull(decomposition);
        return new Effects(decomposition.And, decomposition.Or);
    }

    /// <summary>n.</summary>
    /// <exception cref="InvalidGameException">A length is not 2^n, or the two differ.</exception>
    public int Players() => Tables.Players(And, Or);

    /// <summary>The largest |I_T| over both types and every non-empty T; 0 when there is none.</summary>
    public double Maximum()
    {
        Players();
        return Math.Max(Tables.MaximumMagnitude(And.AsSpan(1)), Tables.MaximumMagnitude(Or.AsSpan(1)));
    }
}
