using System.Runtime.CompilerServices;
namespace InteractionLab.Interactions;

/// <summary>AND interactions x, OR interactions y (by the complement of their mask) and δ that satisfy the constraints of one game.</summary>
internal sealed class FeasiblePoint(int length)
{
    private readonly AlignedTables _tables = new(4, length);

    public Span<double> X => _tables[0];

    public Span<double> Y => _tables[1];

    public Span<double> Delta => _tables[2];

    private Span<double> Remainder => _tables[3];

    /// <summary>γ = δ = 0.</summary>
    public static FeasiblePoint Half(ReadOnlySpan<double> w)
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
        other.X.CopyTo(X);
        other.Y.CopyTo(Y);
        other.Delta.CopyTo(Delta);
    }

    /// <summary>The interactions of γ and of the point's δ.</summary>
    public void Set(ReadOnlySpan<double> w, double[] gamma)
    {
        var x = X;
        var y = Y;
        var delta = Delta;
        for (var mask = 0; mask < w.Length; mask++)
        {
            var half = (w[mask] - delta[mask]) / 2;
            x[mask] = half + gamma[mask];
            y[mask] = gamma[mask] - half;
        }

        Transforms.Mobius(x);
        Transforms.MobiusAdjoint(y);
        x[0] = 0;
        y[^1] = 0;
    }

    /// <summary>
    /// Takes the proximal point of the splitting and moves what δ cannot hold of its remainder into interactions: small
    /// masks into OR, large masks into AND, middle masks half and half, which is where an isolated error spreads least.
    /// Uses the game's work space.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void From(SplittingGame game)
    {
        var x = X;
        var y = Y;
        var delta = Delta;
        var remainder = Remainder;
        var and = game.A;
        var or = game.B;
        game.Zx.CopyTo(x);
        game.Zy.CopyTo(y);
        Certificate.Remainder(game.W, x, y, remainder, and);
        var players = int.Log2(x.Length);
        for (var mask = 0; mask < x.Length; mask++)
        {
            delta[mask] = Math.Clamp(remainder[mask], -game.Zeta, game.Zeta);
            var excess = remainder[mask] - delta[mask];
            var side = (2 * int.PopCount(mask)) - players;
            and[mask] = side > 0 ? excess : side < 0 ? 0 : excess / 2;
            or[mask] = excess - and[mask];
        }

        Transforms.Mobius(and);
        Transforms.MobiusAdjoint(or);
        for (var mask = 0; mask < x.Length; mask++)
        {
            x[mask] += and[mask];
            y[mask] -= or[mask];
        }

        x[0] = 0;
        y[^1] = 0;
    }
}
