using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// Over-relaxed Douglas-Rachford iteration on min f(x, y) subject to Z x + Z_or y + δ = w, |δ| ≤ ζ, for one game or for
/// two with a common f (docs/solver.md). The state is one point t = (x, y, δ) a game; y is stored by the complement of
/// its mask, which makes Z_or a superset sum. Deterministic; allocates nothing after construction.
/// </summary>
internal sealed class SplittingEngine
{
    private readonly SplittingGame[] _games;
    private readonly int _length;
    private SymmetricInverse _inverse;
    private double _deltaWeight;

    public SplittingEngine(SplittingGame[] games)
    {
        _games = games;
        _length = games[0].W.Length;
        _inverse = null!;
    }

    /// <summary>1/ρ: the threshold of the proximal step.</summary>
    public double Threshold { get; private set; }

    /// <summary>Sets the metric and the threshold before the first iteration.</summary>
    public void SetStep(double threshold, double deltaWeight, SymmetricInverse inverse) =>
        (Threshold, _deltaWeight, _inverse) = (threshold, deltaWeight, inverse);

    /// <summary>Changes the threshold between iterations, keeping the dual estimate: t = z + u with u proportional to it.</summary>
    public void SetThreshold(double threshold)
    {
        if (threshold == Threshold)
        {
            return;
        }

        var factor = threshold / Threshold;
        Proximal();
        foreach (var game in _games)
        {
            var clipped = game.Zd;
            var free = game.Td;
            for (var mask = 0; mask < _length; mask++)
            {
                clipped[mask] = Math.Clamp(free[mask], -game.Zeta, game.Zeta);
            }

            Rescale(game.Tx, game.Zx, factor);
            Rescale(game.Ty, game.Zy, factor);
            Rescale(game.Td, game.Zd, factor);
        }

        Threshold = threshold;
    }

    /// <summary>One iteration; afterwards z is the proximal point that it began from and λ·ρ the dual estimate.</summary>
    public void Step()
    {
        Proximal();
        foreach (var game in _games)
        {
            Reflect(game.Tx, game.Zx, game.A);
            Reflect(game.Ty, game.Zy, game.B);
            Transforms.Zeta(game.A);
            Transforms.ZetaAdjoint(game.B);
            Residual(game);
            _inverse.Apply(game.Lambda);
            game.Lambda.CopyTo(game.A);
            game.Lambda.CopyTo(game.B);
            Transforms.ZetaAdjoint(game.A);
            Transforms.Zeta(game.B);
            Advance(game);
        }
    }

    private static void Rescale(Span<double> t, Span<double> z, double factor)
    {
        for (var i = 0; i < t.Length; i++)
        {
            t[i] = z[i] + (factor * (t[i] - z[i]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Reflect(Span<double> t, Span<double> z, Span<double> result)
    {
        ref var from = ref MemoryMarshal.GetReference(t);
        ref var at = ref MemoryMarshal.GetReference(z);
        ref var to = ref MemoryMarshal.GetReference(result);
        for (nuint i = 0; i < (nuint)t.Length; i += 8)
        {
            var value = Vector512.LoadUnsafe(ref at, i);
            (value + (value - Vector512.LoadUnsafe(ref from, i))).StoreUnsafe(ref to, i);
        }
    }

    private void Proximal()
    {
        if (_games.Length == 1)
        {
            SoftThreshold(_games[0].Tx, _games[0].Zx);
            SoftThreshold(_games[0].Ty, _games[0].Zy);
        }
        else
        {
            JointNorm.Proximal(_games[0].Tx, _games[1].Tx, _games[0].Zx, _games[1].Zx, Threshold);
            JointNorm.Proximal(_games[0].Ty, _games[1].Ty, _games[0].Zy, _games[1].Zy, Threshold);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SoftThreshold(Span<double> t, Span<double> z)
    {
        ref var from = ref MemoryMarshal.GetReference(t);
        ref var to = ref MemoryMarshal.GetReference(z);
        var high = Vector512.Create(Threshold);
        var low = -high;
        for (nuint i = 0; i < (nuint)t.Length; i += 8)
        {
            var value = Vector512.LoadUnsafe(ref from, i);
            (value - Vector512.Min(Vector512.Max(value, low), high)).StoreUnsafe(ref to, i);
        }
    }

    /// <summary>λ ← w - Z q_x - Z_or q_y - q_δ, q = 2z - t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Residual(SplittingGame game)
    {
        ref var a = ref MemoryMarshal.GetReference(game.A);
        ref var b = ref MemoryMarshal.GetReference(game.B);
        ref var w = ref MemoryMarshal.GetReference(game.W);
        ref var td = ref MemoryMarshal.GetReference(game.Td);
        ref var zd = ref MemoryMarshal.GetReference(game.Zd);
        ref var result = ref MemoryMarshal.GetReference(game.Lambda);
        var total = Vector512.Create(b);
        var high = Vector512.Create(game.Zeta);
        var low = -high;
        for (nuint i = 0; i < (nuint)_length; i += 8)
        {
            var t = Vector512.LoadUnsafe(ref td, i);
            var z = Vector512.Min(Vector512.Max(t, low), high);
            z.StoreUnsafe(ref zd, i);
            var sum = Vector512.LoadUnsafe(ref a, i) + (total - Vector512.LoadUnsafe(ref b, i)) + (z + (z - t));
            (Vector512.LoadUnsafe(ref w, i) - sum).StoreUnsafe(ref result, i);
        }
    }

    /// <summary>t ← t + relaxation · (projection of 2z - t, less z).</summary>
    private void Advance(SplittingGame game)
    {
        // x_∅ and y_∅ (stored last) belong to no interaction and stay 0; λ_∅ is 0 already.
        game.A[0] = 0;
        var total = game.B[^1];
        Move(game.Tx, game.Zx, game.A, 0, SplittingParameters.Relaxation);
        Move(game.Ty, game.Zy, game.B, total, -SplittingParameters.Relaxation);
        game.Ty[^1] = 0;
        Move(game.Td, game.Zd, game.Lambda, 0, SplittingParameters.Relaxation * _deltaWeight);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move(Span<double> t, Span<double> z, Span<double> step, double offset, double factor)
    {
        ref var at = ref MemoryMarshal.GetReference(t);
        ref var point = ref MemoryMarshal.GetReference(z);
        ref var by = ref MemoryMarshal.GetReference(step);
        var relaxation = Vector512.Create(SplittingParameters.Relaxation);
        var scale = Vector512.Create(factor);
        var shift = Vector512.Create(offset);
        for (nuint i = 0; i < (nuint)t.Length; i += 8)
        {
            var value = Vector512.LoadUnsafe(ref at, i);
            var moved = Vector512.FusedMultiplyAdd(relaxation, Vector512.LoadUnsafe(ref point, i) - value, value);
            Vector512.FusedMultiplyAdd(scale, Vector512.LoadUnsafe(ref by, i) - shift, moved).StoreUnsafe(ref at, i);
        }
    }
}
