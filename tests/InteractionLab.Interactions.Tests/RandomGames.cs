using FsCheck;
using FsCheck.Fluent;

namespace InteractionLab.Interactions.Tests;

/// <summary>Random games and effects for the tests of metrics, and definitions by plain enumeration.</summary>
internal static class RandomGames
{
    /// <summary>2^n outputs, normal with an offset, so that cancellation shows.</summary>
    public static double[] Table(int players, int seed, double offset = 0)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1 << players).Select(_ => offset + Normal(random))];
    }

    /// <summary>Effects in which about half are 0 or small, with ties; entry 0 is 0.</summary>
    public static Effects Effects(int players, int seed)
    {
        var random = new Random(seed);
        return new Effects(One(), One());

        double[] One()
        {
            double[] effects = [.. Enumerable.Range(0, 1 << players).Select(_ => random.Next(-8, 9) / 4.0 * random.Next(0, 2))];
            effects[0] = 0;
            return effects;
        }
    }

    /// <summary>Every interaction of a game as (type, mask, effect), the empty set left out.</summary>
    public static IEnumerable<(InteractionType Type, int Mask, double Effect)> All(Effects effects) =>
        Enumerable.Range(1, effects.And.Length - 1).Select(mask => (InteractionType.And, mask, effects.And[mask]))
            .Concat(Enumerable.Range(1, effects.Or.Length - 1).Select(mask => (InteractionType.Or, mask, effects.Or[mask])));

    /// <summary>|T|, counted bit by bit.</summary>
    public static int Size(int mask) => Enumerable.Range(0, 31).Count(player => (mask >> player) % 2 == 1);

    /// <summary>Every mask of the n players.</summary>
    public static IEnumerable<int> Masks(int players) => Enumerable.Range(0, 1 << players);

    /// <summary>Checks a property on 100 random games of 1..6 players with outputs that are multiples of 1/8, from a fixed seed.</summary>
    public static void ForAll(Func<double[], bool> property)
    {
        var games =
            from players in Gen.Choose(1, 6)
            from values in Gen.Choose(-80, 80).ArrayOf(1 << players)
            select values.Select(value => value / 8.0).ToArray();
        Prop.ForAll(games.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithReplay(20260501, 7));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
