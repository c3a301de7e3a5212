using System.Collections.Concurrent;

namespace InteractionLab.Interactions;

/// <summary>
/// The plan and the matrix of n players and a weight of δ, built once a process: they do not depend on the game. The
/// weights come from a short list, so the cache stays small.
/// </summary>
internal static class InverseCache
{
    private static readonly ConcurrentDictionary<int, SchurPlan> Plans = new();
    private static readonly ConcurrentDictionary<(int Players, double DeltaWeight), SymmetricInverse> Inverses = new();

    private static readonly ConcurrentDictionary<(int Players, double DeltaWeight), double[][]> Lanes = new();

    /// <summary>The plan of tables whose lanes are games: all <paramref name="players"/> players are coupled.</summary>
    public static SchurPlan LanePlan(int players) => Plans.GetOrAdd(players + SchurPlan.LanePlayers, n => new SchurPlan(n));

    /// <summary>The inverse blocks of <see cref="LanePlan"/>, row-major.</summary>
    public static double[][] LaneBlocks(int players, double deltaWeight) =>
        Lanes.GetOrAdd((players, deltaWeight), key =>
        {
            var ones = Constant(key.Players, 1);
            var delta = Constant(key.Players, key.DeltaWeight);
            return [.. LanePlan(key.Players).Blocks.Select(block => SymmetricInverse.Invert(key.Players, 0, block.TwiceSpin, ones, ones, delta))];
        });

    public static SymmetricInverse Get(int players, double deltaWeight) =>
        Inverses.GetOrAdd((players, deltaWeight), key =>
        {
            var ones = Constant(key.Players, 1);
            var delta = Constant(key.Players, key.DeltaWeight);
            return new SymmetricInverse(Plans.GetOrAdd(key.Players, n => new SchurPlan(n)), ones, ones, delta);
        });

    private static double[] Constant(int players, double value)
    {
        var weights = new double[players + 1];
        Array.Fill(weights, value);
        return weights;
    }
}
