using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// Applies a 2x2 step to every axis of a 2^n table. Levels are taken in the order 0..n-1, blocked so that memory is
/// crossed once for the levels that fit the first-level cache and once for every <see cref="Radix"/> levels above.
/// </summary>
internal static class Butterfly
{
    /// <summary>Levels done inside one block: 2^11 doubles are 16 KiB.</summary>
    private const int BlockLevels = 11;

    /// <summary>Levels done on one crossing of memory above the blocks: 16 rows are held in registers.</summary>
    private const int Radix = 4;

    /// <summary>Below this many levels, threads cost more than they save.</summary>
    private const int ParallelLevels = 16;

    public static void Run<TStep>(Span<double> table, int threads)
        where TStep : struct, IButterflyStep
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (!BitOperations.IsPow2(table.Length) || table.Length > 1 << Game.MaxPlayers)
        {
            throw new InvalidGameException($"A table over masks has 2^n values with 0 <= n <= {Game.MaxPlayers}; this one has {table.Length}.");
        }

        var levels = BitOperations.Log2((uint)table.Length);
        if (threads > 1 && levels >= ParallelLevels)
        {
            Threaded<TStep>(table, levels, threads);
            return;
        }

        var low = Math.Min(levels, BlockLevels);
        for (var start = 0; start < table.Length; start += 1 << low)
        {
            Block<TStep>(ref table[start], low);
        }

        for (var level = low; level < levels; level += Radix)
        {
            var count = Math.Min(Radix, levels - level);
            Upper<TStep>(ref table[0], levels, level, count, 0, table.Length >> count);
        }
    }

    /// <summary>table_S ← <paramref name="value"/> - table_S.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractFrom(double value, Span<double> table)
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        var i = 0;
        for (var constant = Vector512.Create(value); i + 8 <= table.Length; i += 8)
        {
            ref var at = ref Unsafe.Add(ref first, i);
            (constant - Vector512.LoadUnsafe(ref at)).StoreUnsafe(ref at);
        }

        for (; i < table.Length; i++)
        {
            table[i] = value - table[i];
        }
    }

    /// <summary>The same steps on the same numbers as one thread, shared out by blocks below and by columns above.</summary>
    private static unsafe void Threaded<TStep>(Span<double> table, int levels, int threads)
        where TStep : struct, IButterflyStep
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        fixed (double* pinned = table)
        {
            var address = (nint)pinned;
            Parallel.For(0, 1 << (levels - BlockLevels), options, block =>
                Block<TStep>(ref ((double*)address)[(long)block << BlockLevels], BlockLevels));
            for (var level = BlockLevels; level < levels; level += Radix)
            {
                var count = Math.Min(Radix, levels - level);
                var columns = 1 << (levels - count);
                var first = level;
                Parallel.For(0, columns >> BlockLevels, options, part =>
                    Upper<TStep>(ref *(double*)address, levels, first, count, part << BlockLevels, (part + 1) << BlockLevels));
            }
        }
    }

    /// <summary>All levels of a block that fits the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<TStep>(ref double first, int levels)
        where TStep : struct, IButterflyStep
    {
        if (levels < 3)
        {
            Scalar<TStep>(ref first, levels);
            return;
        }

        var length = 1 << levels;
        for (var i = 0; i < length; i += 8)
        {
            ref var at = ref Unsafe.Add(ref first, i);
            Lanes<TStep>(Vector512.LoadUnsafe(ref at)).StoreUnsafe(ref at);
        }

        var level = 3;
        for (; level + 3 <= levels; level += 3)
        {
            Upper<TStep>(ref first, levels, level, 3, 0, length >> 3);
        }

        if (level < levels)
        {
            Upper<TStep>(ref first, levels, level, levels - level, 0, length >> (levels - level));
        }
    }

    /// <summary>Levels 0, 1 and 2, whose pairs lie within one vector of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Lanes<TStep>(Vector512<double> x)
        where TStep : struct, IButterflyStep
    {
        x = TStep.Lane(x, Vector512.Shuffle(x, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6)), Vector512.Create(0, -1, 0, -1, 0, -1, 0, -1).AsDouble());
        x = TStep.Lane(x, Vector512.Shuffle(x, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5)), Vector512.Create(0, 0, -1, -1, 0, 0, -1, -1).AsDouble());
        return TStep.Lane(x, Vector512.Shuffle(x, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3)), Vector512.Create(0, 0, 0, 0, -1, -1, -1, -1).AsDouble());
    }

    private static void Scalar<TStep>(ref double first, int levels)
        where TStep : struct, IButterflyStep
    {
        for (var half = 1; half < 1 << levels; half <<= 1)
        {
            for (var i = 0; i < 1 << levels; i++)
            {
                if ((i & half) == 0)
                {
                    ref var low = ref Unsafe.Add(ref first, i);
                    ref var high = ref Unsafe.Add(ref first, i + half);
                    (low, high) = (TStep.Low(low, high), TStep.High(low, high));
                }
            }
        }
    }

    /// <summary>
    /// <paramref name="count"/> levels from <paramref name="level"/> (at least 3) on the columns
    /// [<paramref name="from"/>, <paramref name="to"/>), multiples of 8, of the 2^(levels-count) columns there are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Upper<TStep>(ref double first, int levels, int level, int count, int from, int to)
        where TStep : struct, IButterflyStep
    {
        if (levels <= level)
        {
            return;
        }

        var stride = 1 << level;
        for (var column = from; column < to; column += 8)
        {
            // A column's index with `count` zero bits put in at `level` is the position of its first row.
            ref var at = ref Unsafe.Add(ref first, ((column >> level) << (level + count)) | (column & (stride - 1)));
            switch (count)
            {
                case 4:
                    Column16<TStep>(ref at, stride);
                    break;
                case 3:
                    Column8<TStep>(ref at, stride);
                    break;
                case 2:
                    Column4<TStep>(ref at, stride);
                    break;
                default:
                    Column2<TStep>(ref at, stride);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair<TStep>(ref Vector512<double> a, ref Vector512<double> b)
        where TStep : struct, IButterflyStep => (a, b) = (TStep.Low(a, b), TStep.High(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column2<TStep>(ref double at, int stride)
        where TStep : struct, IButterflyStep
    {
        var a = Vector512.LoadUnsafe(ref at);
        var b = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, stride));
        Pair<TStep>(ref a, ref b);
        a.StoreUnsafe(ref at);
        b.StoreUnsafe(ref Unsafe.Add(ref at, stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column4<TStep>(ref double at, int stride)
        where TStep : struct, IButterflyStep
    {
        var a = Vector512.LoadUnsafe(ref at);
        var b = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, stride));
        var c = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, 2 * stride));
        var d = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, 3 * stride));
        Quad<TStep>(ref a, ref b, ref c, ref d);
        a.StoreUnsafe(ref at);
        b.StoreUnsafe(ref Unsafe.Add(ref at, stride));
        c.StoreUnsafe(ref Unsafe.Add(ref at, 2 * stride));
        d.StoreUnsafe(ref Unsafe.Add(ref at, 3 * stride));
    }

    /// <summary>Two levels of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad<TStep>(ref Vector512<double> a, ref Vector512<double> b, ref Vector512<double> c, ref Vector512<double> d)
        where TStep : struct, IButterflyStep
    {
        Pair<TStep>(ref a, ref b);
        Pair<TStep>(ref c, ref d);
        Pair<TStep>(ref a, ref c);
        Pair<TStep>(ref b, ref d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column8<TStep>(ref double at, int stride)
        where TStep : struct, IButterflyStep
    {
        ref var upper = ref Unsafe.Add(ref at, 4 * stride);
        var a = Vector512.LoadUnsafe(ref at);
        var b = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, stride));
        var c = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, 2 * stride));
        var d = Vector512.LoadUnsafe(ref Unsafe.Add(ref at, 3 * stride));
        var e = Vector512.LoadUnsafe(ref upper);
        var f = Vector512.LoadUnsafe(ref Unsafe.Add(ref upper, stride));
        var g = Vector512.LoadUnsafe(ref Unsafe.Add(ref upper, 2 * stride));
        var h = Vector512.LoadUnsafe(ref Unsafe.Add(ref upper, 3 * stride));
        Quad<TStep>(ref a, ref b, ref c, ref d);
        Quad<TStep>(ref e, ref f, ref g, ref h);
        Pair<TStep>(ref a, ref e);
        Pair<TStep>(ref b, ref f);
        Pair<TStep>(ref c, ref g);
        Pair<TStep>(ref d, ref h);
        a.StoreUnsafe(ref at);
        b.StoreUnsafe(ref Unsafe.Add(ref at, stride));
        c.StoreUnsafe(ref Unsafe.Add(ref at, 2 * stride));
        d.StoreUnsafe(ref Unsafe.Add(ref at, 3 * stride));
        e.StoreUnsafe(ref upper);
        f.StoreUnsafe(ref Unsafe.Add(ref upper, stride));
        g.StoreUnsafe(ref Unsafe.Add(ref upper, 2 * stride));
        h.StoreUnsafe(ref Unsafe.Add(ref upper, 3 * stride));
    }

    /// <summary>Four levels of sixteen rows as two crossings of the same cache lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column16<TStep>(ref double at, int stride)
        where TStep : struct, IButterflyStep
    {
        for (var row = 0; row < 4; row++)
        {
            Column4<TStep>(ref Unsafe.Add(ref at, 4 * row * stride), stride);
        }

        for (var row = 0; row < 4; row++)
        {
            Column4<TStep>(ref Unsafe.Add(ref at, row * stride), 4 * stride);
        }
    }
}
