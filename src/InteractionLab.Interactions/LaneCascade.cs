using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// The Clebsch-Gordan cascade of <see cref="SchurPlan"/> over all players of a table of vectors, two players on one crossing
/// of memory: a multiplet's four runs are swept by rising or falling state, and what the second coupling needs of the first
/// stays in registers.
/// </summary>
internal sealed class LaneCascade
{
    private readonly Branch[] _trunk;
    private readonly Turn[][] _turns;

    public LaneCascade(int players)
    {
        _turns = [.. Enumerable.Range(0, players + 1).Select(states => Enumerable.Range(0, states + 1).Select(a => new Turn(states, a)).ToArray())];

        // The first player only opens a multiplet, so with an odd number it needs no partner.
        List<int[]> first = [[0]];
        _trunk = Grow(players % 2 == 1 ? Couple(first, 1 << (players - 1)) : first, 1 << (players - (players % 2)));
    }

    /// <summary>Into the basis of multiplets.</summary>
    public void Couple(Span<Vector512<double>> table) => Couple(ref MemoryMarshal.GetReference(table), _trunk);

    /// <summary>Back to masks: the transpose of <see cref="Couple(Span{Vector512{double}})"/>.</summary>
    public void Part(Span<Vector512<double>> table) => Part(ref MemoryMarshal.GetReference(table), _trunk);

    private void Couple(ref Vector512<double> first, Branch[] branches)
    {
        foreach (var branch in branches)
        {
            Couple(ref first, branch.Rows, _turns[branch.Rows.Length], branch.Run);
            Couple(ref first, branch.Next);
        }
    }

    private void Part(ref Vector512<double> first, Branch[] branches)
    {
        foreach (var branch in branches)
        {
            Part(ref first, branch.Next);
            Part(ref first, branch.Rows, _turns[branch.Rows.Length], branch.Run);
        }
    }

    /// <summary>The couplings of these multiplets, whose runs have <paramref name="length"/> rows, and all that follow.</summary>
    private static Branch[] Grow(List<int[]> multiplets, int length) =>
        length == 1
            ? []
            : [.. multiplets.Select(rows => new Branch(rows, length / 2, Grow(Couple(Couple([rows], length / 2), length / 4), length / 4)))];

    /// <summary>The multiplets after one more player, in the order of <see cref="SchurPlan"/>.</summary>
    private static List<int[]> Couple(List<int[]> multiplets, int run)
    {
        var next = new List<int[]>();
        foreach (var rows in multiplets)
        {
            next.Add([.. rows, rows[^1] + run]);
            if (rows.Length > 1)
            {
                next.Add([.. rows[..^1].Select(row => row + run)]);
            }
        }

        return next;
    }

    /// <summary>
    /// State a of the first coupling turns (absent a, present a-1) into (up a, down a-1) on both halves of the runs; the
    /// second turns (up a, low half) with (up a-1, high half) and (down a-1, low) with (down a-2, high).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Couple(ref Vector512<double> first, int[] rows, Turn[] turns, int run)
    {
        var half = run / 2;
        var states = rows.Length;
        for (var column = 0; column < half; column++)
        {
            ref var table = ref Unsafe.Add(ref first, column);
            ref var below = ref Unsafe.Add(ref table, rows[0]);
            var up = Unsafe.Add(ref below, half);
            var down = Vector512<double>.Zero;
            for (var a = 1; a < states; a++)
            {
                ref readonly var turn = ref turns[a];
                ref var at = ref Unsafe.Add(ref table, rows[a]);
                ref var present = ref Unsafe.Add(ref below, run);
                var x = at;
                var y = present;
                Rotate(ref x, ref y, turn.Cosine, turn.Sine);
                var nextUp = Unsafe.Add(ref at, half);
                var nextDown = Unsafe.Add(ref present, half);
                Rotate(ref nextUp, ref nextDown, turn.Cosine, turn.Sine);
                Rotate(ref x, ref up, turn.UpCosine, turn.UpSine);
                at = x;
                Unsafe.Add(ref below, half) = up;
                if (a > 1)
                {
                    Rotate(ref y, ref down, turn.DownCosine, turn.DownSine);
                    Unsafe.Add(ref table, rows[a - 2] + run + half) = down;
                }

                present = y;
                up = nextUp;
                down = nextDown;
                below = ref at;
            }

            ref var last = ref Unsafe.Add(ref below, run);
            var top = last;
            Rotate(ref top, ref up, turns[states].UpCosine, turns[states].UpSine);
            last = top;
            Unsafe.Add(ref below, half) = up;
            if (states > 1)
            {
                Unsafe.Add(ref table, rows[states - 2] + run + half) = down;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Part(ref Vector512<double> first, int[] rows, Turn[] turns, int run)
    {
        var half = run / 2;
        var states = rows.Length;
        for (var column = 0; column < half; column++)
        {
            ref var table = ref Unsafe.Add(ref first, column);
            ref var at = ref Unsafe.Add(ref table, rows[states - 1]);
            var x = Unsafe.Add(ref at, run);
            var up = Unsafe.Add(ref at, half);
            Rotate(ref x, ref up, turns[states].UpCosine, -turns[states].UpSine);
            Unsafe.Add(ref at, run) = x;
            var down = states > 1 ? Unsafe.Add(ref table, rows[states - 2] + run + half) : Vector512<double>.Zero;
            for (var a = states - 1; a > 0; a--)
            {
                ref readonly var turn = ref turns[a];
                ref var below = ref Unsafe.Add(ref table, rows[a - 1]);
                ref var present = ref Unsafe.Add(ref below, run);
                x = at;
                var nextUp = Unsafe.Add(ref below, half);
                Rotate(ref x, ref nextUp, turn.UpCosine, -turn.UpSine);
                var y = present;
                var nextDown = Vector512<double>.Zero;
                if (a > 1)
                {
                    nextDown = Unsafe.Add(ref table, rows[a - 2] + run + half);
                    Rotate(ref y, ref nextDown, turn.DownCosine, -turn.DownSine);
                }

                Rotate(ref x, ref y, turn.Cosine, -turn.Sine);
                Rotate(ref up, ref down, turn.Cosine, -turn.Sine);
                at = x;
                present = y;
                Unsafe.Add(ref at, half) = up;
                Unsafe.Add(ref present, half) = down;
                up = nextUp;
                down = nextDown;
                at = ref below;
            }

            Unsafe.Add(ref at, half) = up;
        }
    }

    /// <summary>(x, y) ↦ (c x + s y, c y - s x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate(ref Vector512<double> x, ref Vector512<double> y, double cosine, double sine)
    {
        var c = Vector512.Create(cosine);
        var s = Vector512.Create(sine);
        var a = x;
        x = Vector512.FusedMultiplyAdd(c, a, s * y);
        y = Vector512.FusedMultiplyAdd(-s, a, c * y);
    }

    /// <summary>The angles of state a of a multiplet: of its own coupling, and of its two successors'.</summary>
    private readonly struct Turn(int states, int a)
    {
        public readonly double Cosine = Math.Sqrt((double)(states - a) / Math.Max(1, states));
        public readonly double Sine = Math.Sqrt((double)a / Math.Max(1, states));
        public readonly double UpCosine = Math.Sqrt((states + 1.0 - a) / (states + 1));
        public readonly double UpSine = Math.Sqrt(a / (states + 1.0));
        public readonly double DownCosine = states > 1 && a > 0 ? Math.Sqrt((double)(states - a) / (states - 1)) : 1;
        public readonly double DownSine = states > 1 && a > 0 ? Math.Sqrt((a - 1.0) / (states - 1)) : 0;
    }

    /// <summary>Two players join a multiplet: the first makes runs of <c>Run</c> rows, the second halves them.</summary>
    private sealed record Branch(int[] Rows, int Run, Branch[] Next);
}
