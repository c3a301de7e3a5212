using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// The transforms of tables whose entries are vectors, one game a lane: every operation acts on a lane alone, so a game's
/// numbers do not depend on its neighbours.
/// </summary>
internal static class LaneTransforms
{
    /// <summary>Levels done inside one block: 2^8 vectors are 16 KiB.</summary>
    private const int BlockLevels = 8;

    /// <summary>result: S ↦ Σ_{L⊆S} t_L.</summary>
    public static void Zeta(Span<Vector512<double>> table, Span<Vector512<double>> result) => Run<Upwards>(table, result);

    /// <summary>result: T ↦ Σ_{S⊇T} t_S.</summary>
    public static void ZetaAdjoint(Span<Vector512<double>> table, Span<Vector512<double>> result) => Run<Downwards>(table, result);

    private interface IStep
    {
        static abstract void Pair(ref Vector512<double> low, ref Vector512<double> high);
    }

    /// <summary>The first level reads <paramref name="table"/>; all others work in <paramref name="result"/>.</summary>
    private static void Run<TStep>(Span<Vector512<double>> table, Span<Vector512<double>> result)
        where TStep : struct, IStep
    {
        var levels = int.Log2(table.Length);
        var low = Math.Min(levels, BlockLevels);
        for (var start = 0; start < table.Length; start += 1 << low)
        {
            var block = result.Slice(start, 1 << low);
            Levels<TStep>(table.Slice(start, 1 << low), block, 0, low);
        }

        Levels<TStep>(result, result, low, levels);
    }

    private static void Levels<TStep>(Span<Vector512<double>> table, Span<Vector512<double>> result, int from, int to)
        where TStep : struct, IStep
    {
        for (var level = from; level < to;)
        {
            // Four levels at most, in as few passes as possible and about equal ones.
            var passes = (to - level + 3) / 4;
            var together = (to - level + passes - 1) / passes;
            for (var start = 0; start < result.Length; start += 1 << (level + together))
            {
                Pass<TStep>(ref table[start], ref result[start], 1 << level, together);
            }

            table = result;
            level += together;
        }
    }

    private static void Pass<TStep>(ref Vector512<double> from, ref Vector512<double> to, int stride, int together)
        where TStep : struct, IStep
    {
        switch (together)
        {
            case 1:
                Two<TStep>(ref from, ref to, stride);
                break;
            case 2:
                Four<TStep>(ref from, ref to, stride);
                break;
            case 3:
                Eight<TStep>(ref from, ref to, stride);
                break;
            default:
                Sixteen<TStep>(ref from, ref to, stride);
                break;
        }
    }

    /// <summary>One level on two rows held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TStep>(ref Vector512<double> from, ref Vector512<double> to, int stride)
        where TStep : struct, IStep
    {
        for (var row = 0; row < stride; row++)
        {
            ref var source = ref Unsafe.Add(ref from, row);
            ref var at = ref Unsafe.Add(ref to, row);
            var x0 = source;
            var x1 = Unsafe.Add(ref source, stride);
            TStep.Pair(ref x0, ref x1);
            at = x0;
            Unsafe.Add(ref at, stride) = x1;
        }
    }

    /// <summary>Two levels on four rows held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TStep>(ref Vector512<double> from, ref Vector512<double> to, int stride)
        where TStep : struct, IStep
    {
        for (var row = 0; row < stride; row++)
        {
            ref var source = ref Unsafe.Add(ref from, row);
            ref var at = ref Unsafe.Add(ref to, row);
            var x0 = source;
            var x1 = Unsafe.Add(ref source, stride);
            var x2 = Unsafe.Add(ref source, 2 * stride);
            var x3 = Unsafe.Add(ref source, 3 * stride);
            TStep.Pair(ref x0, ref x1);
            TStep.Pair(ref x2, ref x3);
            TStep.Pair(ref x0, ref x2);
            TStep.Pair(ref x1, ref x3);
            at = x0;
            Unsafe.Add(ref at, stride) = x1;
            Unsafe.Add(ref at, 2 * stride) = x2;
            Unsafe.Add(ref at, 3 * stride) = x3;
        }
    }

    /// <summary>Three levels on eight rows held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TStep>(ref Vector512<double> from, ref Vector512<double> to, int stride)
        where TStep : struct, IStep
    {
        for (var row = 0; row < stride; row++)
        {
            ref var source = ref Unsafe.Add(ref from, row);
            ref var at = ref Unsafe.Add(ref to, row);
            var x0 = source;
            var x1 = Unsafe.Add(ref source, stride);
            var x2 = Unsafe.Add(ref source, 2 * stride);
            var x3 = Unsafe.Add(ref source, 3 * stride);
            var x4 = Unsafe.Add(ref source, 4 * stride);
            var x5 = Unsafe.Add(ref source, 5 * stride);
            var x6 = Unsafe.Add(ref source, 6 * stride);
            var x7 = Unsafe.Add(ref source, 7 * stride);
            TStep.Pair(ref x0, ref x1);
            TStep.Pair(ref x2, ref x3);
            TStep.Pair(ref x4, ref x5);
            TStep.Pair(ref x6, ref x7);
            TStep.Pair(ref x0, ref x2);
            TStep.Pair(ref x1, ref x3);
            TStep.Pair(ref x4, ref x6);
            TStep.Pair(ref x5, ref x7);
            TStep.Pair(ref x0, ref x4);
            TStep.Pair(ref x1, ref x5);
            TStep.Pair(ref x2, ref x6);
            TStep.Pair(ref x3, ref x7);
            at = x0;
            Unsafe.Add(ref at, stride) = x1;
            Unsafe.Add(ref at, 2 * stride) = x2;
            Unsafe.Add(ref at, 3 * stride) = x3;
            Unsafe.Add(ref at, 4 * stride) = x4;
            Unsafe.Add(ref at, 5 * stride) = x5;
            Unsafe.Add(ref at, 6 * stride) = x6;
            Unsafe.Add(ref at, 7 * stride) = x7;
        }
    }

    /// <summary>Four levels on sixteen rows held in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sixteen<TStep>(ref Vector512<double> from, ref Vector512<double> to, int stride)
        where TStep : struct, IStep
    {
        for (var row = 0; row < stride; row++)
        {
            ref var source = ref Unsafe.Add(ref from, row);
            ref var at = ref Unsafe.Add(ref to, row);
            var x0 = source;
            var x1 = Unsafe.Add(ref source, stride);
            var x2 = Unsafe.Add(ref source, 2 * stride);
            var x3 = Unsafe.Add(ref source, 3 * stride);
            var x4 = Unsafe.Add(ref source, 4 * stride);
            var x5 = Unsafe.Add(ref source, 5 * stride);
            var x6 = Unsafe.Add(ref source, 6 * stride);
            var x7 = Unsafe.Add(ref source, 7 * stride);
            var x8 = Unsafe.Add(ref source, 8 * stride);
            var x9 = Unsafe.Add(ref source, 9 * stride);
            var x10 = Unsafe.Add(ref source, 10 * stride);
            var x11 = Unsafe.Add(ref source, 11 * stride);
            var x12 = Unsafe.Add(ref source, 12 * stride);
            var x13 = Unsafe.Add(ref source, 13 * stride);
            var x14 = Unsafe.Add(ref source, 14 * stride);
            var x15 = Unsafe.Add(ref source, 15 * stride);
            TStep.Pair(ref x0, ref x1);
            TStep.Pair(ref x2, ref x3);
            TStep.Pair(ref x4, ref x5);
            TStep.Pair(ref x6, ref x7);
            TStep.Pair(ref x8, ref x9);
            TStep.Pair(ref x10, ref x11);
            TStep.Pair(ref x12, ref x13);
            TStep.Pair(ref x14, ref x15);
            TStep.Pair(ref x0, ref x2);
            TStep.Pair(ref x1, ref x3);
            TStep.Pair(ref x4, ref x6);
            TStep.Pair(ref x5, ref x7);
            TStep.Pair(ref x8, ref x10);
            TStep.Pair(ref x9, ref x11);
            TStep.Pair(ref x12, ref x14);
            TStep.Pair(ref x13, ref x15);
            TStep.Pair(ref x0, ref x4);
            TStep.Pair(ref x1, ref x5);
            TStep.Pair(ref x2, ref x6);
            TStep.Pair(ref x3, ref x7);
            TStep.Pair(ref x8, ref x12);
            TStep.Pair(ref x9, ref x13);
            TStep.Pair(ref x10, ref x14);
            TStep.Pair(ref x11, ref x15);
            TStep.Pair(ref x0, ref x8);
            TStep.Pair(ref x1, ref x9);
            TStep.Pair(ref x2, ref x10);
            TStep.Pair(ref x3, ref x11);
            TStep.Pair(ref x4, ref x12);
            TStep.Pair(ref x5, ref x13);
            TStep.Pair(ref x6, ref x14);
            TStep.Pair(ref x7, ref x15);
            at = x0;
            Unsafe.Add(ref at, stride) = x1;
            Unsafe.Add(ref at, 2 * stride) = x2;
            Unsafe.Add(ref at, 3 * stride) = x3;
            Unsafe.Add(ref at, 4 * stride) = x4;
            Unsafe.Add(ref at, 5 * stride) = x5;
            Unsafe.Add(ref at, 6 * stride) = x6;
            Unsafe.Add(ref at, 7 * stride) = x7;
            Unsafe.Add(ref at, 8 * stride) = x8;
            Unsafe.Add(ref at, 9 * stride) = x9;
            Unsafe.Add(ref at, 10 * stride) = x10;
            Unsafe.Add(ref at, 11 * stride) = x11;
            Unsafe.Add(ref at, 12 * stride) = x12;
            Unsafe.Add(ref at, 13 * stride) = x13;
            Unsafe.Add(ref at, 14 * stride) = x14;
            Unsafe.Add(ref at, 15 * stride) = x15;
        }
    }

    private readonly struct Upwards : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair(ref Vector512<double> low, ref Vector512<double> high) => high += low;
    }

    private readonly struct Downwards : IStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pair(ref Vector512<double> low, ref Vector512<double> high) => low += high;
    }
}
