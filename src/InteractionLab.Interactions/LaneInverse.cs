using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// <see cref="SymmetricInverse"/> for one game a lane, each with its own weight of δ. All players are coupled, because the
/// games fill the lanes: the blocks have size 2j+1 ≤ n+1, and their entries are vectors.
/// </summary>
internal sealed class LaneInverse
{
    private readonly SchurPlan _plan;
    private readonly LaneCascade _cascade;
    private readonly AlignedTables[] _inverses;
    private readonly AlignedTables _input;
    private readonly int _players;

    public LaneInverse(int players)
    {
        _players = players;
        _plan = InverseCache.LanePlan(players);
        _cascade = new LaneCascade(players);
        _inverses = [.. _plan.Blocks.Select(block => new AlignedTables(1, 8 * block.States * block.States))];
        _input = new AlignedTables(1, 8 * 4 * (players + 1));
    }

    /// <summary>Gives a lane the matrix of a weight of δ.</summary>
    public void SetLane(int lane, double deltaWeight)
    {
        var blocks = InverseCache.LaneBlocks(_players, deltaWeight);
        for (var block = 0; block < blocks.Length; block++)
        {
            var entries = _inverses[block][0];
            for (var i = 0; i < blocks[block].Length; i++)
            {
                entries[(i * Vector512<double>.Count) + lane] = blocks[block][i];
            }
        }
    }

    /// <summary>table ← inverse · table by lane.</summary>
    public void Apply(Span<Vector512<double>> table)
    {
        ref var first = ref MemoryMarshal.GetReference(table);
        table[0] = default;
        _cascade.Couple(table);
        for (var block = 0; block < _inverses.Length; block++)
        {
            Multiply(ref first, _plan.Blocks[block], Rows(_inverses[block]), Rows(_input));
        }

        _cascade.Part(table);
        table[0] = default;
    }

    /// <summary>Multiplies every multiplet of a block by the block's matrix, four multiplets at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ref Vector512<double> first, SchurPlan.Block block, Span<Vector512<double>> matrix, Span<Vector512<double>> input)
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
                var (a, b, c, d) = (Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero);
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

    private static Span<Vector512<double>> Rows(AlignedTables table) => MemoryMarshal.Cast<double, Vector512<double>>(table[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref Vector512<double> first, ReadOnlySpan<int> offsets, int row, Vector512<double> value) =>
        Unsafe.Add(ref first, offsets[row] >> SchurPlan.LanePlayers) = value;
}
