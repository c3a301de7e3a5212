using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The pairs of a job and how many they were drawn from.</summary>
internal sealed record PairChoice(IReadOnlyList<PlayerPair> Pairs, int Population)
{
    /// <summary>Every pair of <paramref name="players"/> players.</summary>
    public static PairChoice All(int players)
    {
        var pairs = Within(players, (_, _) => true);
        return new PairChoice(pairs, pairs.Count);
    }

    /// <summary>Every pair within the radius; null, with faults recorded, where there is none or distances differ from sample to sample.</summary>
    public static PairChoice? All(PairsSpec spec, PlayersSpec players, PlayerPlan plan, SpecFaults faults) =>
        Draw(spec with { Count = NumberOrWord.Of("all") }, players, plan, faults);

    /// <summary>Draws pairs; null, with faults recorded, where there is none to draw or distances differ from sample to sample.</summary>
    public static PairChoice? Draw(PairsSpec spec, PlayersSpec players, PlayerPlan plan, SpecFaults faults)
    {
        if (spec.Radius is not null && players.By is PlayerChoice.Random or PlayerChoice.Attribution)
        {
            faults.Add("pairs.radius", $"players by {(players.By == PlayerChoice.Random ? "random" : "attribution")} differ from sample to sample, and so do their distances; choose all or a list");
            return null;
        }

        if (spec.Radius is not null && players is { Type: PlayersKind.Tokens, Select.Number: not null })
        {
            faults.Add("pairs.radius", "words drawn differ from sample to sample, and so do their distances; choose all or groups");
            return null;
        }

        var candidates = spec.Radius is { } radius ? Near(players, plan, radius) : Within(plan.Count, (_, _) => true);
        if (candidates.Count == 0)
        {
            faults.Add("pairs.radius", "no two players are that near");
            return null;
        }

        var count = Math.Min(spec.Count.Number ?? candidates.Count, candidates.Count);
        var drawn = count == candidates.Count
            ? candidates
            : [.. new PortableRandom(spec.Seed).Draw(Enumerable.Range(0, candidates.Count), count).Order().Select(k => candidates[k])];
        return new PairChoice(drawn, candidates.Count);
    }

    private static List<PlayerPair> Near(PlayersSpec players, PlayerPlan plan, int radius)
    {
        if (players is not { Type: PlayersKind.Grid, Columns: { } columns })
        {
            return Within(plan.Count, (i, j) => j - i <= radius);
        }

        var cells = plan.For(0).Players;
        return Within(plan.Count, (i, j) =>
            Math.Abs((cells[i] / columns) - (cells[j] / columns)) <= radius && Math.Abs((cells[i] % columns) - (cells[j] % columns)) <= radius);
    }

    private static List<PlayerPair> Within(int players, Func<int, int, bool> isNear) =>
        [.. from i in Enumerable.Range(0, players) from j in Enumerable.Range(i + 1, players - i - 1) where isNear(i, j) select new PlayerPair(i, j)];
}
