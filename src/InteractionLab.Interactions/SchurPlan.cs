namespace InteractionLab.Interactions;

/// <summary>
/// The orthogonal change of basis that block-diagonalises every matrix over masks that treats the players alike
/// (Schur-Weyl duality; docs/solver.md). Players n-1 down to 3 are coupled one at a time by Clebsch-Gordan rotations of
/// two runs of the table, in place, so it costs as much as a transform; players 0, 1, 2 stay as the eight lanes of a vector.
/// </summary>
internal sealed class SchurPlan
{
    /// <summary>Players that are left in the lanes.</summary>
    public const int LanePlayers = 3;

    public SchurPlan(int players)
    {
        Players = players;
        var coupled = players - LanePlayers;
        List<Multiplet> multiplets = [new(0, [0])];
        Rotations = new Rotation[coupled][];
        for (var level = 0; level < coupled; level++)
        {
            var rotations = new List<Rotation>();
            var next = new List<Multiplet>();
            foreach (var multiplet in multiplets)
            {
                Couple(multiplet, 1 << (players - level - 1), rotations, next);
            }

            Rotations[level] = [.. rotations];
            multiplets = next;
        }

        Blocks = [.. multiplets.GroupBy(m => m.TwiceSpin).OrderByDescending(g => g.Key)
            .Select(g => new Block(g.Key, [.. g.SelectMany(m => m.Offsets)], g.Count()))];
    }

    public int Players { get; }

    /// <summary>Rotations by level; runs at level k have 2^(players-k-1) entries.</summary>
    public Rotation[][] Rotations { get; }

    /// <summary>The invariant blocks by falling spin.</summary>
    public Block[] Blocks { get; }

    /// <summary>
    /// Adds one player to a multiplet of spin j: |j+½, A⟩ and |j-½, A-1⟩ from |j, A⟩|absent⟩ and |j, A-1⟩|present⟩, A the
    /// number of present players beyond the pairs that cancel.
    /// </summary>
    private static void Couple(Multiplet multiplet, int run, List<Rotation> rotations, List<Multiplet> next)
    {
        var states = multiplet.TwiceSpin + 1;
        var up = new int[states + 1];
        var down = new int[states - 1];
        up[0] = multiplet.Offsets[0];
        up[states] = multiplet.Offsets[states - 1] + run;
        for (var a = 1; a < states; a++)
        {
            var absent = multiplet.Offsets[a];
            var present = multiplet.Offsets[a - 1] + run;
            rotations.Add(new(absent, present, Math.Sqrt((double)(states - a) / states), Math.Sqrt((double)a / states)));
            up[a] = absent;
            down[a - 1] = present;
        }

        next.Add(new(multiplet.TwiceSpin + 1, up));
        if (down.Length > 0)
        {
            next.Add(new(multiplet.TwiceSpin - 1, down));
        }
    }

    /// <summary>(x, y) ↦ (c x + s y, c y - s x) on two runs of the table.</summary>
    public readonly record struct Rotation(int X, int Y, double Cosine, double Sine);

    /// <summary>All multiplets of one spin: for each of <c>Count</c>, the offsets of its 2j+1 rows of eight lanes.</summary>
    public sealed record Block(int TwiceSpin, int[] Offsets, int Count)
    {
        public int States => TwiceSpin + 1;
    }

    private sealed record Multiplet(int TwiceSpin, int[] Offsets);
}
