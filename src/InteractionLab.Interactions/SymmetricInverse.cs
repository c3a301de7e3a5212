using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// Applies (Z D Zᵀ + Z_or E Z_orᵀ + F)⁻¹ exactly in O(n 2^n) plus small dense blocks, where D, E, F are diagonal and depend
/// on |T| only: the matrix of the projection onto the constraints of method.md §2. The entry of the empty mask is
/// left out (0 in, 0 out). Immutable, so one instance serves every game of n players.
/// </summary>
internal sealed class SymmetricInverse
{
    private readonly SchurPlan _plan;
    private readonly AlignedTables[] _inverses;

    /// <param name="plan">The change of basis.</param>
    /// <param name="and">D by order 0..n; order 0 counts as 0.</param>
    /// <param name="or">E by order 0..n; order 0 counts as 0.</param>
    /// <param name="delta">F by order 0..n.</param>
    public SymmetricInverse(SchurPlan plan, ReadOnlySpan<double> and, ReadOnlySpan<double> or, ReadOnlySpan<double> delta)
    {
        _plan = plan;
        _inverses = new AlignedTables[plan.Blocks.Length];
        for (var block = 0; block < plan.Blocks.Length; block++)
        {
            var inverse = Invert(plan.Players, plan.Blocks[block].TwiceSpin, and, or, delta);
            _inverses[block] = new AlignedTables(1, inverse.Length);
            inverse.CopyTo(_inverses[block][0]);
        }
    }

    /// <summary>table ← inverse · table, 2^n entries.</summary>
    public void Apply(Span<double> table)
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        table[0] = 0;
        for (var level = 0; level < _plan.Rotations.Length; level++)
        {
            Rotate(ref first, _plan.Rotations[level], 1 << (_plan.Players - level - 1), 1);
        }

        for (var block = 0; block < _inverses.Length; block++)
        {
            Multiply(ref first, _plan.Blocks[block], _inverses[block][0]);
        }

        for (var level = _plan.Rotations.Length - 1; level >= 0; level--)
        {
            Rotate(ref first, _plan.Rotations[level], 1 << (_plan.Players - level - 1), -1);
        }

        table[0] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(ref double first, SchurPlan.Rotation[] rotations, int run, double direction)
    {
        foreach (ref readonly var rotation in rotations.AsSpan())
        {
            var c = Vector512.Create(rotation.Cosine);
            var s = Vector512.Create(rotation.Sine * direction);
            ref var x = ref Unsafe.Add(ref first, rotation.X);
            ref var y = ref Unsafe.Add(ref first, rotation.Y);
            for (var i = 0; i < run; i += 8)
            {
                var a = Vector512.LoadUnsafe(ref x, (nuint)i);
                var b = Vector512.LoadUnsafe(ref y, (nuint)i);
                Vector512.FusedMultiplyAdd(c, a, s * b).StoreUnsafe(ref x, (nuint)i);
                (Vector512.FusedMultiplyAdd(c, b, -(s * a))).StoreUnsafe(ref y, (nuint)i);
            }
        }
    }

    /// <summary>Multiplies every multiplet of a block by the block's matrix, four multiplets at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ref double first, SchurPlan.Block block, Span<double> matrix)
    {
        var states = block.States;
        var size = 8 * states;
        ref var k = ref MemoryMarshal.GetReference(matrix);
        Span<double> input = stackalloc double[4 * size];
        ref var at = ref MemoryMarshal.GetReference(input);
        var member = 0;
        for (; member + 4 <= block.Count; member += 4)
        {
            var offsets = block.Offsets.AsSpan(member * states, 4 * states);
            for (var row = 0; row < 4 * states; row++)
            {
                Vector512.LoadUnsafe(ref first, (nuint)offsets[row]).StoreUnsafe(ref at, (nuint)(8 * row));
            }

            for (var row = 0; row < states; row++)
            {
                var (a, b, c, d) = (Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero);
                ref var column = ref Unsafe.Add(ref k, 8 * row);
                for (var i = 0; i < size; i++)
                {
                    var vector = Vector512.LoadUnsafe(ref column, (nuint)(i * size));
                    a = Vector512.FusedMultiplyAdd(vector, Vector512.Create(Unsafe.Add(ref at, i)), a);
                    b = Vector512.FusedMultiplyAdd(vector, Vector512.Create(Unsafe.Add(ref at, i + size)), b);
                    c = Vector512.FusedMultiplyAdd(vector, Vector512.Create(Unsafe.Add(ref at, i + (2 * size))), c);
                    d = Vector512.FusedMultiplyAdd(vector, Vector512.Create(Unsafe.Add(ref at, i + (3 * size))), d);
                }

                a.StoreUnsafe(ref first, (nuint)offsets[row]);
                b.StoreUnsafe(ref first, (nuint)offsets[row + states]);
                c.StoreUnsafe(ref first, (nuint)offsets[row + (2 * states)]);
                d.StoreUnsafe(ref first, (nuint)offsets[row + (3 * states)]);
            }
        }

        for (; member < block.Count; member++)
        {
            MultiplyOne(ref first, block.Offsets.AsSpan(member * states, states), ref k, ref at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyOne(ref double first, ReadOnlySpan<int> offsets, ref double k, ref double at)
    {
        var size = 8 * offsets.Length;
        for (var row = 0; row < offsets.Length; row++)
        {
            Vector512.LoadUnsafe(ref first, (nuint)offsets[row]).StoreUnsafe(ref at, (nuint)(8 * row));
        }

        for (var row = 0; row < offsets.Length; row++)
        {
            var (even, odd) = (Vector512<double>.Zero, Vector512<double>.Zero);
            ref var column = ref Unsafe.Add(ref k, 8 * row);
            for (var i = 0; i < size; i += 2)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column, (nuint)(i * size)), Vector512.Create(Unsafe.Add(ref at, i)), even);
                odd = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref column, (nuint)((i + 1) * size)), Vector512.Create(Unsafe.Add(ref at, i + 1)), odd);
            }

            (even + odd).StoreUnsafe(ref first, (nuint)offsets[row]);
        }
    }

    /// <summary>
    /// The block of spin j: index (a, l), a = 0..2j, l = a mask of the three lane players. The zeta transform acts as
    /// Sym^{2j} of its 2x2 factor on a and as itself on l (its determinant is 1, so cancelling pairs add no factor).
    /// </summary>
    private static double[] Invert(int players, int twiceSpin, ReadOnlySpan<double> and, ReadOnlySpan<double> or, ReadOnlySpan<double> delta)
    {
        var coupled = players - SchurPlan.LanePlayers;
        var lowest = (coupled - twiceSpin) / 2;
        var size = 8 * (twiceSpin + 1);
        var zeta = new double[size, size];
        var orZeta = new double[size, size];
        var whole = twiceSpin == coupled;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var inner = ZetaEntry(twiceSpin, row >> 3, column >> 3) * (((column & 7) & ~(row & 7)) == 0 ? 1 : 0);
                zeta[row, column] = inner;
                orZeta[column, row] -= inner;
                if (whole)
                {
                    orZeta[column, row] += Math.Sqrt(Combinatorics.Binomial(twiceSpin, row >> 3) * Combinatorics.Binomial(twiceSpin, column >> 3));
                }
            }
        }

        int Order(int index) => (index >> 3) + lowest + int.PopCount(index & 7);

        var matrix = new double[size * size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var sum = 0.0;
                for (var i = 0; i < size; i++)
                {
                    // The OR side is stored by the complement of its mask, so its order is n minus the weight.
                    var order = Order(i);
                    var d = order == 0 ? 0 : and[order];
                    var e = order == players ? 0 : or[players - order];
                    sum += (zeta[row, i] * zeta[column, i] * d) + (orZeta[row, i] * orZeta[column, i] * e);
                }

                matrix[(row * size) + column] = sum + (row == column ? delta[Order(row)] : 0);
            }
        }

        if (whole)
        {
            // Index 0 is the empty mask, which has no constraint.
            for (var row = 1; row < size; row++)
            {
                matrix[row * size] = 0;
            }

            matrix[0] = 1;
        }

        DenseCholesky.Invert(matrix, size);
        return matrix;
    }

    /// <summary>⟨a'| Sym^{2j} Z |a⟩ in the orthonormal Dicke basis.</summary>
    private static double ZetaEntry(int twiceSpin, int row, int column) =>
        row < column
            ? 0
            : Combinatorics.Binomial(twiceSpin - column, row - column)
                * Math.Sqrt(Combinatorics.Binomial(twiceSpin, column) / Combinatorics.Binomial(twiceSpin, row));
}
