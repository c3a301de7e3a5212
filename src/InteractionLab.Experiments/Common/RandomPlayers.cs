using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments;

/// <summary>The random choice of grid cells as players (method.md §1), for whoever shows it before a job runs.</summary>
public static class RandomPlayers
{
    /// <summary>The cells that <paramref name="seed"/> draws for a sample, ascending: player i is entry i.</summary>
    /// <param name="seed">The seed of <c>players</c>, at least 0.</param>
    /// <param name="sample">The sample's index in its dataset.</param>
    /// <param name="cells">Cells of the grid.</param>
    /// <param name="count">How many are drawn, at most <paramref name="cells"/>.</param>
    public static int[] Draw(long seed, int sample, int cells, int count)
    {
        var drawn = new PortableRandom(seed, sample).Draw(Enumerable.Range(0, cells), count);
        Array.Sort(drawn);
        return drawn;
    }
}
