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

    public static SymmetricInverse Get(int players, double deltaWeight) =>
        Inverses.GetOrAdd((players, deltaWeight), key =>
        {
            var ones = new double[players + 1];
            Array.Fill(ones, 1);
            var delta = new double[players + 1];
            Array.Fill(delta, key.DeltaWeight);
            return new SymmetricInverse(Plans.GetOrAdd(key.Players, n => new SchurPlan(n)), ones, ones, delta);
        });
}
