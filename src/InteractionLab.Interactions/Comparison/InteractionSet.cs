namespace InteractionLab.Interactions;

/// <summary>
/// A class of interactions of one game: a flag by mask for AND and one for OR, 2^n each in numeric mask order. Entry 0 is
/// false: the empty set is no interaction.
/// </summary>
public sealed class InteractionSet
{
    private readonly bool[] _and;
    private readonly bool[] _or;

    private InteractionSet(bool[] and, bool[] or)
    {
        _and = and;
        _or = or;
    }

    /// <summary>The flags of AND interactions.</summary>
    public ReadOnlySpan<bool> And => _and;

    /// <summary>The flags of OR interactions.</summary>
    public ReadOnlySpan<bool> Or => _or;

    /// <summary>How many interactions the set holds.</summary>
    public int Count => _and.AsSpan().Count(true) + _or.AsSpan().Count(true);

    /// <summary>Whether the set holds an interaction.</summary>
    public bool Contains(InteractionType type, int mask) => (type == InteractionType.And ? _and : _or)[mask];

    /// <summary>Those in both sets.</summary>
    public InteractionSet Intersect(InteractionSet other) => Combine(other, (a, b) => a && b);

    /// <summary>Those in either set.</summary>
    public InteractionSet Union(InteractionSet other) => Combine(other, (a, b) => a || b);

    /// <summary>Those in this set and not in the other.</summary>
    public InteractionSet Except(InteractionSet other) => Combine(other, (a, b) => a && !b);

    /// <summary>The interactions for which a rule of one effect holds.</summary>
    internal static InteractionSet Where(Effects effects, Func<double, bool> rule)
    {
        effects.Players();
        return new InteractionSet(Flags(effects.And, rule), Flags(effects.Or, rule));
    }

    /// <summary>The interactions for which a rule of the effects in two models holds.</summary>
    internal static InteractionSet Where(Effects effects, Effects other, Func<double, double, bool> rule)
    {
        effects.Players();
        other.Players();
        Tables.Players(effects.And, other.And);
        return new InteractionSet(Flags(effects.And, other.And, rule), Flags(effects.Or, other.Or, rule));
    }

    private static bool[] Flags(double[] effects, Func<double, bool> rule)
    {
        var flags = new bool[effects.Length];
        for (var mask = 1; mask < flags.Length; mask++)
        {
            flags[mask] = rule(effects[mask]);
        }

        return flags;
    }

    private static bool[] Flags(double[] effects, double[] other, Func<double, double, bool> rule)
    {
        var flags = new bool[effects.Length];
        for (var mask = 1; mask < flags.Length; mask++)
        {
            flags[mask] = rule(effects[mask], other[mask]);
        }

        return flags;
    }

    private InteractionSet Combine(InteractionSet other, Func<bool, bool, bool> rule)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._and.Length != _and.Length)
        {
            throw new InvalidGameException("Two sets of interactions have different numbers of players.");
        }

        return new InteractionSet([.. _and.Zip(other._and, rule)], [.. _or.Zip(other._or, rule)]);
    }
}
