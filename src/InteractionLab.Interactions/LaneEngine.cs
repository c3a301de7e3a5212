using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// The iteration of <see cref="SplittingEngine"/> on many single games of equal players at once, one a lane. Lanes never
/// mix, and a game's step and weights are its lane's, so its path does not depend on the others. An empty lane holds zeros.
/// </summary>
internal sealed class LaneEngine
{
    private const int Count = 7;

    private readonly AlignedTables _tables;
    private readonly LaneInverse _inverse;
    private readonly int _length;
    private Vector512<double> _threshold;
    private Vector512<double> _zeta;
    private Vector512<double> _deltaWeight;

    public LaneEngine(int players)
    {
        _length = 1 << players;
        _tables = new AlignedTables(Count, 8 * _length);
        _inverse = new LaneInverse(players);
    }

    /// <summary>Games at a time.</summary>
    public static int Lanes => Vector512<double>.Count;

    private Span<Vector512<double>> W => Table(0);

    private Span<Vector512<double>> Tx => Table(1);

    private Span<Vector512<double>> Ty => Table(2);

    private Span<Vector512<double>> Td => Table(3);

    private Span<Vector512<double>> Lambda => Table(4);

    private Span<Vector512<double>> A => Table(5);

    private Span<Vector512<double>> B => Table(6);

    /// <summary>Starts a game in a lane.</summary>
    public void Enter(int lane, ReadOnlySpan<double> w, double zeta, double threshold, double deltaWeight)
    {
        Clear(lane);
        var table = Entries(0);
        for (var mask = 0; mask < _length; mask++)
        {
            table[(mask * Lanes) + lane] = w[mask];
        }

        _zeta = _zeta.WithElement(lane, zeta);
        _threshold = _threshold.WithElement(lane, threshold);
        _deltaWeight = _deltaWeight.WithElement(lane, deltaWeight);
        _inverse.SetLane(lane, deltaWeight);
    }

    /// <summary>Empties a lane.</summary>
    public void Clear(int lane)
    {
        for (var table = 0; table < Count; table++)
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
        var (old, next) = (_threshold[lane], threshold);
        if (old == next)
        {
            return;
        }

        var factor = next / old;
        var x = Entries(1);
        var y = Entries(2);
        var d = Entries(3);
        var a = Entries(5);
        var b = Entries(6);
        for (var i = lane; i < x.Length; i += Lanes)
        {
            x[i] += (factor - 1) * Math.Clamp(x[i], -old, old);
            y[i] += (factor - 1) * Math.Clamp(y[i], -old, old);
            var z = Math.Clamp(d[i], -_zeta[lane], _zeta[lane]);
            d[i] = z + (factor * (d[i] - z));
            a[i] = x[i] - (2 * Math.Clamp(x[i], -next, next));
            b[i] = y[i] - (2 * Math.Clamp(y[i], -next, next));
        }

        _threshold = _threshold.WithElement(lane, next);
    }

    /// <summary>Copies a lane's proximal point and λ into a game, for its certificates.</summary>
    public void Read(int lane, SplittingGame game)
    {
        var x = Entries(1);
        var y = Entries(2);
        var lambda = Entries(4);
        var threshold = _threshold[lane];
        var zx = game.Zx;
        var zy = game.Zy;
        var l = game.Lambda;
        for (var mask = 0; mask < _length; mask++)
        {
            var i = (mask * Lanes) + lane;
            zx[mask] = x[i] - Math.Clamp(x[i], -threshold, threshold);
            zy[mask] = y[i] - Math.Clamp(y[i], -threshold, threshold);
            l[mask] = lambda[i];
        }
    }

    /// <summary>One iteration of every lane.</summary>
    public void Step()
    {
        LaneTransforms.Zeta(A, A);
        LaneTransforms.ZetaAdjoint(B, B);
        Residual();
        _inverse.Apply(Lambda);
        LaneTransforms.ZetaAdjoint(Lambda, A);
        LaneTransforms.Zeta(Lambda, B);
        Advance();
    }

    private Span<Vector512<double>> Table(int index) => MemoryMarshal.Cast<double, Vector512<double>>(_tables[index]);

    private Span<double> Entries(int index) => _tables[index];

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
            var z = Vector512.MinNative(Vector512.MaxNative(t[i], low), high);
            result[i] = w[i] - (a[i] + (total - b[i]) + (z + (z - t[i])));
        }
    }

    /// <summary>t ← t + relaxation · (projection of 2z - t, less z), and q of the new t into A and B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Advance()
    {
        var relaxation = Vector512.Create(SplittingParameters.Relaxation);
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
            t = Vector512.FusedMultiplyAdd(relaxation, a[i] - Vector512.MinNative(Vector512.MaxNative(t, low), high), t);
            x[i] = t;
            a[i] = Reflected(t, low, high);
            t = y[i];
            t = Vector512.FusedMultiplyAdd(relaxation, total - b[i] - Vector512.MinNative(Vector512.MaxNative(t, low), high), t);
            y[i] = t;
            b[i] = Reflected(t, low, high);
            t = d[i];
            var moved = Vector512.FusedMultiplyAdd(relaxation, Vector512.MinNative(Vector512.MaxNative(t, least), bound) - t, t);
            d[i] = Vector512.FusedMultiplyAdd(scale, lambda[i], moved);
        }

        y[^1] = default;
        b[^1] = default;
    }

    /// <summary>q = 2z - t = t - 2 clip(t).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Reflected(Vector512<double> t, Vector512<double> low, Vector512<double> high)
    {
        var clipped = Vector512.MinNative(Vector512.MaxNative(t, low), high);
        return t - (clipped + clipped);
    }
}
