using System.Globalization;

namespace InteractionLab.Interactions;

/// <summary>
/// A validated game, prepared for the solvers: w_S = v(S) - v(∅) scaled by a power of two to at most 1, so that values
/// of 1e-300 and 1e300 behave alike, and given idle players until it has <see cref="LeastPlayers"/>. An idle player
/// changes neither the optimum nor a bound: a decomposition of the larger game restricts to one that costs no more.
/// </summary>
internal sealed class ScaledGame
{
    /// <summary>The fewest players the solvers work with.</summary>
    public const int LeastPlayers = SchurPlan.LanePlayers + 1;

    /// <summary>The scale of a constant game, below that of any other.</summary>
    private const int LeastExponent = -1080;

    public ScaledGame(ReadOnlySpan<double> v, double noise, int? exponent = null)
    {
        Players = Game.Validate(v);
        Values = v.ToArray();
        Bias = v[0];
        Span = v[^1] - v[0];
        Zeta = noise * Math.Abs(Span);
        var largest = 0.0;
        for (var mask = 0; mask < v.Length; mask++)
        {
            // A difference that overflows is refused below.
            largest = Math.Max(largest, Math.Min(Math.Abs(v[mask] - v[0]), double.MaxValue));
        }

        // Effects are multiples of 2^-1074. Below this limit, rounding them could undo universal matching (docs/solver.md).
        IsUnresolved = largest > 0 && Math.ILogB(largest) < Players - 1034;
        IsZero = largest == 0 || IsUnresolved;
        Exponent = exponent ?? (IsZero ? LeastExponent : Math.ILogB(largest) + 1);
        W = new double[1 << Math.Max(Players, LeastPlayers)];
        for (var mask = 0; mask < W.Length && !IsZero; mask++)
        {
            var value = v[mask & (v.Length - 1)];
            W[mask] = Exponent > 0 ? Math.ScaleB(value, -Exponent) - Math.ScaleB(Bias, -Exponent) : Math.ScaleB(value - Bias, -Exponent);
        }

        ScaledZeta = noise * Math.Abs(W[v.Length - 1]);
        if (!double.IsFinite(Span) || Math.ScaleB(Math.Pow(3, Players), Exponent) > double.MaxValue)
        {
            throw new InvalidGameException(string.Create(
                CultureInfo.InvariantCulture, $"The differences of this game's values reach 2^{Exponent}; their interactions can exceed the range of a double."));
        }
    }

    public int Players { get; }

    public double[] Values { get; }

    public double Bias { get; }

    public double Span { get; }

    /// <summary>ζ, unscaled.</summary>
    public double Zeta { get; }

    /// <summary>w = 2^Exponent · W.</summary>
    public int Exponent { get; }

    public double[] W { get; }

    public double ScaledZeta { get; }

    /// <summary>No output differs from v(∅) by more than a double can split into effects; the solvers take it as constant.</summary>
    public bool IsUnresolved { get; }

    /// <summary>Every output equals v(∅), or is taken to (<see cref="IsUnresolved"/>).</summary>
    public bool IsZero { get; }

    public double Unscale(double value) => Math.ScaleB(value, Exponent);
}
