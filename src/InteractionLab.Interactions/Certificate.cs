using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// Turns an estimate of the splitting into proofs for one game: a feasible decomposition with its objective, and a dual
/// feasible point with its value (docs/solver.md). For joint games the norm is over pairs, so the pieces are separate.
/// </summary>
internal static class Certificate
{
    /// <summary>The gap between 1 and the next double, twice the unit roundoff.</summary>
    private const double Epsilon = 2.220446049250313e-16;

    /// <summary>r ← w - Z x - Z_or y, the part that x and y leave unexplained (r_∅ = 0). <paramref name="work"/>: 2^n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Remainder(Span<double> w, Span<double> x, Span<double> y, Span<double> r, Span<double> work)
    {
        x.CopyTo(r);
        y.CopyTo(work);
        Transforms.Zeta(r);
        Transforms.ZetaAdjoint(work);
        var total = work[0];
        for (var i = 0; i < r.Length; i++)
        {
            r[i] = w[i] - r[i] - (total - work[i]);
        }

        r[0] = 0;
    }

    /// <summary>
    /// Zᵀλ and Z_orᵀλ (the second by complement); the entries of no interaction are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adjoint(Span<double> lambda, Span<double> and, Span<double> or)
    {
        lambda.CopyTo(and);
        lambda.CopyTo(or);
        Transforms.ZetaAdjoint(and);
        Transforms.Zeta(or);
        var total = or[^1];
        for (var i = 0; i < or.Length; i++)
        {
            or[i] = total - or[i];
        }

        and[0] = 0;
        or[^1] = 0;
    }

    /// <summary>
    /// A bound of the rounding error of any entry of <see cref="Adjoint"/>: n levels of additions on Σ|λ| at most, two
    /// more for the difference from the total. Epsilon is twice the unit roundoff, so the
    /// first-order bound is doubled and second-order terms are covered.
    /// </summary>
    public static double AdjointError(Span<double> lambda) =>
        (int.Log2(lambda.Length) + 2) * Epsilon * Sum(lambda);

    /// <summary>wᵀλ - ζ‖λ‖₁, less a bound of the rounding error of computing it (and of computing w).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double DualValue(Span<double> w, Span<double> lambda, double zeta)
    {
        var (values, sizes) = (Vector512<double>.Zero, Vector512<double>.Zero);
        ref var left = ref MemoryMarshal.GetReference(w);
        ref var right = ref MemoryMarshal.GetReference(lambda);
        for (nuint i = 0; i < (nuint)w.Length; i += 8)
        {
            // w_∅ = λ_∅ = 0, so the empty mask adds nothing.
            var multiplier = Vector512.LoadUnsafe(ref right, i);
            var product = Vector512.LoadUnsafe(ref left, i) * multiplier;
            var penalty = Vector512.Abs(multiplier) * zeta;
            values += product - penalty;
            sizes += Vector512.Abs(product) + penalty;
        }

        var (value, size) = (Vector512.Sum(values), Vector512.Sum(sizes));
        return value - ((w.Length + 8) * Epsilon * size);
    }

    /// <summary>
    /// The value of the dual point made feasible by scaling: a lower bound of the objective in exact arithmetic, rounding
    /// included; and the divisor that made it feasible. Uses the games' work space.
    /// </summary>
    public static (double LowerBound, double Norm) Bound(SplittingGame[] games, double[][] dual)
    {
        var value = 0.0;
        for (var i = 0; i < games.Length; i++)
        {
            Adjoint(dual[i], games[i].A, games[i].B);
            value += DualValue(games[i].W, dual[i], games[i].Zeta);
        }

        double norm, error;
        if (games.Length == 1)
        {
            norm = Math.Max(Largest(games[0].A), Largest(games[0].B));
            error = AdjointError(dual[0]);
        }
        else
        {
            norm = Math.Max(LargestPair(games[0].A, games[1].A), LargestPair(games[0].B, games[1].B));
            error = JointNorm.Dual(AdjointError(dual[0]), AdjointError(dual[1]));
        }

        norm = Math.Max(1, norm + error);
        return (value * (1 - (4 * Epsilon)) / norm, norm);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Largest(Span<double> values)
    {
        var largest = Vector512<double>.Zero;
        ref var first = ref MemoryMarshal.GetReference(values);
        for (nuint i = 0; i < (nuint)values.Length; i += 8)
        {
            largest = Vector512.Max(largest, Vector512.Abs(Vector512.LoadUnsafe(ref first, i)));
        }

        var result = 0.0;
        for (var lane = 0; lane < 8; lane++)
        {
            result = Math.Max(result, largest[lane]);
        }

        return result;
    }

    private static double LargestPair(Span<double> first, Span<double> second)
    {
        var largest = 0.0;
        for (var i = 0; i < first.Length; i++)
        {
            largest = Math.Max(largest, JointNorm.Dual(first[i], second[i]));
        }

        return largest;
    }

    /// <summary>Σ|value|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(Span<double> values)
    {
        var (even, odd) = (Vector512<double>.Zero, Vector512<double>.Zero);
        ref var first = ref MemoryMarshal.GetReference(values);
        var i = 0;
        for (; i + 16 <= values.Length; i += 16)
        {
            even += Vector512.Abs(Vector512.LoadUnsafe(ref first, (nuint)i));
            odd += Vector512.Abs(Vector512.LoadUnsafe(ref first, (nuint)(i + 8)));
        }

        var sum = Vector512.Sum(even + odd);
        for (; i < values.Length; i++)
        {
            sum += Math.Abs(values[i]);
        }

        return sum;
    }
}
