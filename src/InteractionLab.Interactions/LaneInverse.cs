using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Real = double;

namespace InteractionLab.Interactions;

/// <summary>
/// <see cref="SymmetricInverse"/> for one game a lane, each with its own weight of δ. All players are coupled, because the
/// games fill the lanes: the blocks have size 2j+1 ≤ n+1, and their entries are vectors.
/// </summary>
internal sealed class LaneInverse
{
    private readonly SchurPlan _plan;
    private readonly Rotation[][] _rotations;
    private readonly AlignedTables[] _inverses;
    private readonly AlignedTables _input;
    private readonly int _players;

    public LaneInverse(int players)
    {
        _players = players;
        _plan = InverseCache.LanePlan(players);

        // The plan counts entries of tables with three players in the lanes; here a row is one vector.
        _rotations = [.. _plan.Rotations.Select(level => level
            .Select(r => new Rotation(r.X >> SchurPlan.LanePlayers, r.Y >> SchurPlan.LanePlayers, (Real)r.Cosine, (Real)r.Sine)).ToArray())];
        _inverses = [.. _plan.Blocks.Select(block => new AlignedTables(1, 8 * block.States * block.States))];
        _input = new AlignedTables(1, 8 * 4 * (players + 1));
    }

    /// <summary>Gives a lane the matrix of a weight of δ.</summary>
    public void SetLane(int lane, double deltaWeight)
    {
        var blocks = InverseCache.LaneBlocks(_players, deltaWeight);
        for (var block = 0; block < blocks.Length; block++)
        {
            var entries = MemoryMarshal.Cast<double, Real>(_inverses[block][0]);
            for (var i = 0; i < blocks[block].Length; i++)
            {
                entries[(i * Vector512<Real>.Count) + lane] = (Real)blocks[block][i];
            }
        }
    }

    /// <summary>table ← inverse · table by lane.</summary>
    public void Apply(Span<Vector512<Real>> table)
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        table[0] = default;
        for (var level = 0; level < _rotations.Length; level++)
        {
            Rotate(ref first, _rotations[level], 1 << (_players - level - 1), 1);
        }

        for (var block = 0; block < _inverses.Length; block++)
        {
            Multiply(ref first, _plan.Blocks[block], Rows(_inverses[block]), Rows(_input));
        }

        for (var level = _rotations.Length - 1; level >= 0; level--)
        {
            Rotate(ref first, _rotations[level], 1 << (_players - level - 1), -1);
        }

        table[0] = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(ref Vector512<Real> first, Rotation[] rotations, int run, Real direction)
    {
        foreach (ref readonly var rotation in rotations.AsSpan())
        {
            var c = Vector512.Create(rotation.Cosine);
            var s = Vector512.Create(rotation.Sine * direction);
            ref var x = ref Unsafe.Add(ref first, rotation.X);
            ref var y = ref Unsafe.Add(ref first, rotation.Y);
            for (var i = 0; i < run; i++)
            {
                var (a, b) = (Unsafe.Add(ref x, i), Unsafe.Add(ref y, i));
                Unsafe.Add(ref x, i) = Vector512.FusedMultiplyAdd(c, a, s * b);
                Unsafe.Add(ref y, i) = Vector512.FusedMultiplyAdd(c, b, -(s * a));
            }
        }
    }

    /// <summary>Multiplies every multiplet of a block by the block's matrix, four multiplets at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ref Vector512<Real> first, SchurPlan.Block block, Span<Vector512<Real>> matrix, Span<Vector512<Real>> input)
    {
        var states = block.States;
        ref var k = ref MemoryMarshal.GetReference(matrix);
        ref var at = ref MemoryMarshal.GetReference(input);
        for (var member = 0; member < block.Count; member += 4)
        {
            // The products of a group that is not full are formed from what is left of the last group, and not stored.
            var together = Math.Min(4, block.Count - member);
            var offsets = block.Offsets.AsSpan(member * states, together * states);
            for (var row = 0; row < offsets.Length; row++)
            {
                Unsafe.Add(ref at, row) = Unsafe.Add(ref first, offsets[row] >> SchurPlan.LanePlayers);
            }

            for (var row = 0; row < states; row++)
            {
                var (a, b, c, d) = (Vector512<Real>.Zero, Vector512<Real>.Zero, Vector512<Real>.Zero, Vector512<Real>.Zero);
                ref var column = ref Unsafe.Add(ref k, row * states);
                for (var i = 0; i < states; i++)
                {
                    var entry = Unsafe.Add(ref column, i);
                    a = Vector512.FusedMultiplyAdd(entry, Unsafe.Add(ref at, i), a);
                    b = Vector512.FusedMultiplyAdd(entry, Unsafe.Add(ref at, i + states), b);
                    c = Vector512.FusedMultiplyAdd(entry, Unsafe.Add(ref at, i + (2 * states)), c);
                    d = Vector512.FusedMultiplyAdd(entry, Unsafe.Add(ref at, i + (3 * states)), d);
                }

                Store(ref first, offsets, row, a);
                if (together == 4)
                {
                    Store(ref first, offsets, row + states, b);
                    Store(ref first, offsets, row + (2 * states), c);
                    Store(ref first, offsets, row + (3 * states), d);
                    continue;
                }

                if (together > 1)
                {
                    Store(ref first, offsets, row + states, b);
                }

                if (together > 2)
                {
                    Store(ref first, offsets, row + (2 * states), c);
                }
            }
        }
    }

    private static Span<Vector512<Real>> Rows(AlignedTables table) => MemoryMarshal.Cast<double, Vector512<Real>>(table[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref Vector512<Real> first, ReadOnlySpan<int> offsets, int row, Vector512<Real> value) =>
        Unsafe.Add(ref first, offsets[row] >> SchurPlan.LanePlayers) = value;

    private readonly record struct Rotation(int X, int Y, Real Cosine, Real Sine);
}
