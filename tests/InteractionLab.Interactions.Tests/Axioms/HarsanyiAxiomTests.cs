namespace InteractionLab.Interactions.Tests;

/// <summary>
/// The axioms of AND interactions (pruning-dynamics.txt, appendix C) on random games, for the all-AND dividends and for both
/// halves of the AND-OR decomposition at γ = δ = 0.
/// </summary>
public sealed class HarsanyiAxiomTests
{
    [Fact]
    public void ThePublishedDividendsHold() =>
        Assert.Equal([10, -6, -7, 12, -8, 12, 12, -10], Dividends([10, 4, 3, 9, 2, 8, 7, 15]));

    [Fact]
    public void Efficiency() => RandomGames.ForAll(v =>
        Close(Dividends(v).Sum(), v[^1])
        && Close(RandomGames.All(Half(v)).Sum(interaction => interaction.Effect), v[^1] - v[0]));

    [Fact]
    public void UniversalMatching() => RandomGames.ForAll(v =>
    {
        var half = Half(v);
        return RandomGames.Masks((int)Math.Log2(v.Length)).All(s => Close(
            v[s],
            v[0] + RandomGames.All(half).Where(interaction => interaction.Type == InteractionType.And
                ? (interaction.Mask & ~s) == 0
                : (interaction.Mask & s) != 0).Sum(interaction => interaction.Effect)));
    });

    [Fact]
    public void Linearity() => RandomGames.ForAll(v =>
    {
        var other = RandomGames.Table((int)Math.Log2(v.Length), 17);
        double[] sum = [.. v.Zip(other, (a, b) => 3 * a - b)];
        var (first, second, both) = (Half(v), Half(other), Half(sum));
        return Same(Dividends(sum), Dividends(v).Zip(Dividends(other), (a, b) => 3 * a - b))
            && Same(both.And, first.And.Zip(second.And, (a, b) => 3 * a - b))
            && Same(both.Or, first.Or.Zip(second.Or, (a, b) => 3 * a - b));
    });

    [Fact]
    public void Dummy() => RandomGames.ForAll(v =>
    {
        // Player 0 is made a dummy of a game with v(∅) = 0: it adds the same to every coalition.
        double[] dummy = [.. v.Select((_, s) => v[s & ~1] - v[0] + (s % 2 == 1 ? 2.25 : 0))];
        var half = Half(dummy);
        return RandomGames.Masks((int)Math.Log2(v.Length)).Where(t => t % 2 == 1 && t != 1).All(t =>
            Close(Dividends(dummy)[t], 0) && Close(half.And[t], 0) && Close(half.Or[t], 0));
    });

    [Fact]
    public void Symmetry() => RandomGames.ForAll(v =>
    {
        if (v.Length < 4)
        {
            return true;
        }

        // Players 0 and 1 are made alike: only how many of them are present counts.
        double[] alike = [.. v.Select((_, s) => (s & 3) == 2 ? v[(s & ~3) | 1] : v[s])];
        var half = Half(alike);
        return RandomGames.Masks((int)Math.Log2(v.Length)).Where(t => (t & 3) == 0).All(t =>
            Close(Dividends(alike)[t | 1], Dividends(alike)[t | 2])
            && Close(half.And[t | 1], half.And[t | 2])
            && Close(half.Or[t | 1], half.Or[t | 2]));
    });

    [Fact]
    public void Anonymity() => RandomGames.ForAll(v =>
    {
        // π moves every player one place on: (πv)(πS) = v(S).
        var n = (int)Math.Log2(v.Length);
        int Move(int s) => ((s << 1) | (s >> (n - 1))) & ((1 << n) - 1);
        var moved = new double[v.Length];
        foreach (var s in RandomGames.Masks(n))
        {
            moved[Move(s)] = v[s];
        }

        var (before, after) = (Half(v), Half(moved));
        return RandomGames.Masks(n).All(t =>
            Close(Dividends(v)[t], Dividends(moved)[Move(t)])
            && Close(before.And[t], after.And[Move(t)])
            && Close(before.Or[t], after.Or[Move(t)]));
    });

    [Fact]
    public void Recursion() => RandomGames.ForAll(v =>
    {
        var n = (int)Math.Log2(v.Length);
        var top = 1 << (n - 1);
        var dividends = Dividends(v);
        var present = Dividends(v[top..]);
        return RandomGames.Masks(n - 1).All(t => Close(dividends[t | top], present[t] - dividends[t]));
    });

    [Fact]
    public void RecursionOfOrTakesThePlayerAway() => RandomGames.ForAll(v =>
    {
        // The dual statement: the effect of T ∪ {i} is that of T with i always absent minus that of T.
        var n = (int)Math.Log2(v.Length);
        var top = 1 << (n - 1);
        var or = Half(v).Or;
        return n == 1 || RandomGames.Masks(n - 1).Skip(1).All(t => Close(or[t | top], Half(v[..top]).Or[t] - or[t]));
    });

    [Fact]
    public void InteractionDistribution()
    {
        for (var target = 1; target < 32; target++)
        {
            double[] and = [.. RandomGames.Masks(5).Select(s => (s & target) == target ? 2.5 : 0)];
            Assert.True(Same(Dividends(and), RandomGames.Masks(5).Select(t => t == target ? 2.5 : 0)));
            Assert.True(Same(Half(and).And, RandomGames.Masks(5).Select(t => t == target ? 1.25 : 0)));

            // The half game of an AND of t players has L1 = 2^(t-1) times its effect.
            var l1 = RandomGames.All(Half(and)).Sum(interaction => Math.Abs(interaction.Effect));
            Assert.Equal(2.5 * Math.Pow(2, RandomGames.Size(target) - 1), l1, 1e-12);

            double[] or = [.. RandomGames.Masks(5).Select(s => (s & target) != 0 ? 2.5 : 0)];
            Assert.True(Same(Half(or).Or, RandomGames.Masks(5).Select(t => t == target ? 1.25 : 0)));
        }
    }

    private static double[] Dividends(double[] v)
    {
        var dividends = (double[])v.Clone();
        Transforms.Mobius(dividends);
        return dividends;
    }

    private static Effects Half(double[] v)
    {
        double[] and = [.. v.Select(value => (value - v[0]) / 2)];
        double[] or = [.. and];
        Transforms.Mobius(and);
        Transforms.OrMobius(or);
        or[0] = 0;
        return new Effects(and, or);
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-10;

    private static bool Same(IEnumerable<double> a, IEnumerable<double> b) => a.Zip(b).All(pair => Close(pair.First, pair.Second));
}
