using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Real = double;

namespace InteractionLab.Interactions;

/// <summary>
/// The transforms of tables whose entries are vectors, one game a lane: every operation acts on a lane alone, so a game's
/// numbers do not depend on its neighbours.
/// </summary>
internal static class LaneTransforms
{
    /// <summary>Levels done inside one block: 2^9 vectors are 32 KiB.</summary>
    private const int BlockLevels = 9;

    /// <summary>S ↦ Σ_{L⊆S} t_L.</summary>
    public static void Zeta(Span<Vector512<Real>> table) => Run<Upwards>(table);

    /// <summary>T ↦ Σ_{S⊇T} t_S.</summary>
    public static void ZetaAdjoint(Span<Vector512<Real>> table) => Run<Downwards>(table);

    private interface IStep
    {
        static abstract void Pair(ref Vector512<Real> low, ref Vector512<Real> high);
    }

    private static void Run<TStep>(Span<Vector512<Real>> table)
        where TStep : struct, IStep
    {
        var levels = int.Log2(table.Length);
        var low = Math.Min(levels, BlockLevels);
        for (var start = 0; start < table.Length; start += 1 << low)
        {
            Levels<TStep>(table.Slice(start, 1 << low), 0, low);
        }

        Levels<TStep>(table, low, levels);
    }

    private static void Levels<TStep>(Span<Vector512<Real>> table, int from, int to)
        where TStep : struct, IStep
    {
        var level = from;
        for (; level + 3 <= to; level += 3)
        {
            Eight<TStep>(table, 1 << level);
        }

        for (; level < to; level++)
        {
            Two<TStep>(table, 1 << level);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TStep>(Span<Vector512<Real>> table, int stride)
        where TStep : struct, IStep
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        for (var start = 0; start < table.Length; start += 2 * stride)
        {
            for (var row = start; row < start + stride; row++)
            {
                ref var low = ref Unsafe.Add(ref first, row);
                ref var high = ref Unsafe.Add(ref first, row + stride);
                var (a, b) = (low, high);
                TStep.Pair(ref a, ref b);
                (low, high) = (a, b);
            }
        }
    }

    /// <summary>Three levels on eight rows held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TStep>(Span<Vector512<Real>> table, int stride)
        where TStep : struct, IStep
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        for (var start = 0; start < table.Length; start += 8 * stride)
        {
            for (var row = start; row < start + stride; row++)
            {
                ref var at = ref Unsafe.Add(ref first, row);
                ref var upper = ref Unsafe.Add(ref at, 4 * stride);
                var a = at;
                var b = Unsafe.Add(ref at, stride);
                var c = Unsafe.Add(ref at, 2 * stride);
                var d = Unsafe.Add(ref at, 3 * stride);
                var e = upper;
                var f = Unsafe.Add(ref upper, stride);
                var g = Unsafe.Add(ref upper, 2 * stride);
                var h = Unsafe.Add(ref upper, 3 * stride);
                TStep.Pair(ref a, ref b);
                TStep.Pair(ref c, ref d);
                TStep.Pair(ref e, ref f);
                TStep.Pair(ref g, ref h);
                TStep.Pair(ref a, ref c);
                TStep.Pair(ref b, ref d);
                TStep.Pair(ref e, ref g);
                TStep.Pair(ref f, ref h);
                TStep.Pair(ref a, ref e);
                TStep.Pair(ref b, ref f);
                TStep.Pair(ref c, ref g);
                TStep.Pair(ref d, ref h);
                at = a;
                Unsafe.Add(ref at, stride) = b;
                Unsafe.Add(ref at, 2 * stride) = c;
                Unsafe.Add(ref at, 3 * stride) = d;
                upper = e;
                Unsafe.Add(ref upper, stride) = f;
                Unsafe.Add(ref upper, 2 * stride) = g;
                Unsafe.Add(ref upper, 3 * stride) = h;
            }
        }
    }

    private readonly struct Upwards : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair(ref Vector512<Real> low, ref Vector512<Real> high) => high += low;
    }

    private readonly struct Downwards : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair(ref Vector512<Real> low, ref Vector512<Real> high) => low += high;
    }
}
