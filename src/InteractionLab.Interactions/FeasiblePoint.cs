using System.Runtime.CompilerServices;
namespace InteractionLab.Interactions;

/// <summary>AND interactions x, OR interactions y (by the complement of their mask) and δ that satisfy the constraints of one game.</summary>
internal sealed class FeasiblePoint(int length)
{
    private readonly double[] _remainder = new double[length];

    public double[] X { get; } = new double[length];

    public double[] Y { get; } = new double[length];

    public double[] Delta { get; } = new double[length];

    /// <summary>γ = δ = 0.</summary>
    public static FeasiblePoint Half(double[] w)
    {
        var point = new FeasiblePoint(w.Length);
        point.Set(w, new double[w.Length]);
        return point;
    }

    /// <summary>Σ|x| + |y| of one game, or the joint objective of two.</summary>
    public static double Objective(FeasiblePoint[] points)
    {
        if (points.Length == 1)
        {
            return Certificate.Sum(points[0].X) + Certificate.Sum(points[0].Y);
        }

        var sum = 0.0;
        for (var mask = 0; mask < points[0].X.Length; mask++)
        {
            sum += JointNorm.Value(points[0].X[mask], points[1].X[mask]) + JointNorm.Value(points[0].Y[mask], points[1].Y[mask]);
        }

        return sum;
    }

    public void CopyFrom(FeasiblePoint other)
    {
        other.X.AsSpan().CopyTo(X);
        other.Y.AsSpan().CopyTo(Y);
        other.Delta.AsSpan().CopyTo(Delta);
    }

    /// <summary>The interactions of γ and of the point's δ.</summary>
    public void Set(double[] w, double[] gamma)
    {
        for (var mask = 0; mask < w.Length; mask++)
        {
            var half = (w[mask] - Delta[mask]) / 2;
            X[mask] = half + gamma[mask];
            Y[mask] = gamma[mask] - half;
        }

        Transforms.Mobius(X);
        Transforms.MobiusAdjoint(Y);
        X[0] = 0;
        Y[^1] = 0;
    }

    /// <summary>
    /// Takes the proximal point of the splitting and moves what δ cannot hold of its remainder into interactions: small
    /// masks into OR, large masks into AND, middle masks half and half, which is where an isolated error spreads least.
    /// Uses the game's work space.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void From(SplittingGame game)
    {
        game.Zx.AsSpan().CopyTo(X);
        game.Zy.AsSpan().CopyTo(Y);
        Certificate.Remainder(game.W, X, Y, _remainder, game.A);
        var players = int.Log2(X.Length);
        for (var mask = 0; mask < X.Length; mask++)
        {
            Delta[mask] = Math.Clamp(_remainder[mask], -game.Zeta, game.Zeta);
            var excess = _remainder[mask] - Delta[mask];
            var side = (2 * int.PopCount(mask)) - players;
            game.A[mask] = side > 0 ? excess : side < 0 ? 0 : excess / 2;
            game.B[mask] = excess - game.A[mask];
        }

        Transforms.Mobius(game.A);
        Transforms.MobiusAdjoint(game.B);
        for (var mask = 0; mask < X.Length; mask++)
        {
            X[mask] += game.A[mask];
            Y[mask] -= game.B[mask];
        }

        X[0] = 0;
        Y[^1] = 0;
    }
}
