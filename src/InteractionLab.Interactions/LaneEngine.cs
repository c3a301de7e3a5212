using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Real = double;

namespace InteractionLab.Interactions;

/// <summary>
/// The iteration of <see cref="SplittingEngine"/> on many single games of equal players at once, one a lane. Lanes never
/// mix, and a game's step and weights are its lane's, so its path does not depend on the others. An empty lane holds zeros.
/// </summary>
internal sealed class LaneEngine
{
    private readonly AlignedTables _tables;
    private readonly LaneInverse _inverse;
    private readonly int _length;
    private Vector512<Real> _threshold;
    private Vector512<Real> _zeta;
    private Vector512<Real> _deltaWeight;

    public LaneEngine(int players)
    {
        _length = 1 << players;
        _tables = new AlignedTables(7, 8 * _length);
        _inverse = new LaneInverse(players);
    }

    /// <summary>Games at a time.</summary>
    public static int Lanes => Vector512<Real>.Count;

    private Span<Vector512<Real>> W => Table(0);

    private Span<Vector512<Real>> Tx => Table(1);

    private Span<Vector512<Real>> Ty => Table(2);

    private Span<Vector512<Real>> Td => Table(3);

    private Span<Vector512<Real>> Lambda => Table(4);

    private Span<Vector512<Real>> A => Table(5);

    private Span<Vector512<Real>> B => Table(6);

    /// <summary>Starts a game in a lane.</summary>
    public void Enter(int lane, ReadOnlySpan<double> w, double zeta, double threshold, double deltaWeight)
    {
        Clear(lane);
        var table = Entries(0);
        for (var mask = 0; mask < _length; mask++)
        {
            table[(mask * Lanes) + lane] = (Real)w[mask];
        }

        _zeta = _zeta.WithElement(lane, (Real)zeta);
        _threshold = _threshold.WithElement(lane, (Real)threshold);
        _deltaWeight = _deltaWeight.WithElement(lane, (Real)deltaWeight);
        _inverse.SetLane(lane, deltaWeight);
    }

    /// <summary>Empties a lane.</summary>
    public void Clear(int lane)
    {
        for (var table = 0; table < 4; table++)
        {
            var entries = Entries(table);
            for (var mask = 0; mask < _length; mask++)
            {
                entries[(mask * Lanes) + lane] = 0;
            }
        }
    }

    /// <summary>Changes a lane's threshold, keeping the dual estimate as <see cref="SplittingEngine.SetThreshold"/> does.</summary>
    public void SetThreshold(int lane, double threshold)
    {
        var (old, next) = (_threshold[lane], (Real)threshold);
        if (old == next)
        {
            return;
        }

        var factor = next / old;
        var x = Entries(1);
        var y = Entries(2);
        var d = Entries(3);
        for (var i = lane; i < x.Length; i += Lanes)
        {
            x[i] += (factor - 1) * Math.Clamp(x[i], -old, old);
            y[i] += (factor - 1) * Math.Clamp(y[i], -old, old);
            var z = Math.Clamp(d[i], -_zeta[lane], _zeta[lane]);
            d[i] = z + (factor * (d[i] - z));
        }

        _threshold = _threshold.WithElement(lane, next);
    }

    /// <summary>Copies a lane's proximal point and λ into a game for its certificates, and t for an iteration continued there.</summary>
    public void Read(int lane, SplittingGame game)
    {
        var x = Entries(1);
        var y = Entries(2);
        var d = Entries(3);
        var lambda = Entries(4);
        var threshold = _threshold[lane];
        var tx = game.Tx;
        var ty = game.Ty;
        var td = game.Td;
        var zx = game.Zx;
        var zy = game.Zy;
        var l = game.Lambda;
        for (var mask = 0; mask < _length; mask++)
        {
            var i = (mask * Lanes) + lane;
            tx[mask] = x[i];
            ty[mask] = y[i];
            td[mask] = d[i];
            zx[mask] = x[i] - Math.Clamp(x[i], -threshold, threshold);
            zy[mask] = y[i] - Math.Clamp(y[i], -threshold, threshold);
            l[mask] = lambda[i];
        }
    }

    /// <summary>One iteration of every lane.</summary>
    public void Step()
    {
        Reflect(Tx, A);
        Reflect(Ty, B);
        LaneTransforms.Zeta(A);
        LaneTransforms.ZetaAdjoint(B);
        Residual();
        _inverse.Apply(Lambda);
        Lambda.CopyTo(A);
        Lambda.CopyTo(B);
        LaneTransforms.ZetaAdjoint(A);
        LaneTransforms.Zeta(B);
        Advance();
    }

    private Span<Vector512<Real>> Table(int index) => MemoryMarshal.Cast<double, Vector512<Real>>(_tables[index]);

    private Span<Real> Entries(int index) => MemoryMarshal.Cast<double, Real>(_tables[index]);

    /// <summary>q = 2z - t = t - 2 clip(t), z = t - clip(t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Reflect(Span<Vector512<Real>> t, Span<Vector512<Real>> result)
    {
        var high = _threshold;
        var low = -high;
        for (var i = 0; i < t.Length; i++)
        {
            var clipped = Vector512.Min(Vector512.Max(t[i], low), high);
            result[i] = t[i] - (clipped + clipped);
        }
    }

    /// <summary>λ ← w - Z q_x - Z_or q_y - q_δ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Residual()
    {
        var a = A;
        var b = B;
        var w = W;
        var t = Td;
        var result = Lambda;
        var total = b[0];
        var high = _zeta;
        var low = -high;
        for (var i = 0; i < result.Length; i++)
        {
            var z = Vector512.Min(Vector512.Max(t[i], low), high);
            result[i] = w[i] - (a[i] + (total - b[i]) + (z + (z - t[i])));
        }
    }

    /// <summary>t ← t + relaxation · (projection of 2z - t, less z).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Advance()
    {
        var relaxation = Vector512.Create((Real)SplittingParameters.Relaxation);
        var x = Tx;
        var y = Ty;
        var d = Td;
        var a = A;
        var b = B;
        var lambda = Lambda;
        var (high, bound) = (_threshold, _zeta);
        var (low, least) = (-high, -bound);
        var total = b[^1];
        var scale = relaxation * _deltaWeight;

        // x_∅ and y_∅ (stored last) belong to no interaction and stay 0; λ_∅ is 0 already.
        a[0] = default;
        for (var i = 0; i < x.Length; i++)
        {
            var t = x[i];
            x[i] = Vector512.FusedMultiplyAdd(relaxation, a[i] - Vector512.Min(Vector512.Max(t, low), high), t);
            t = y[i];
            y[i] = Vector512.FusedMultiplyAdd(relaxation, total - b[i] - Vector512.Min(Vector512.Max(t, low), high), t);
            t = d[i];
            var moved = Vector512.FusedMultiplyAdd(relaxation, Vector512.Min(Vector512.Max(t, least), bound) - t, t);
            d[i] = Vector512.FusedMultiplyAdd(scale, lambda[i], moved);
        }

        y[^1] = default;
    }
}
