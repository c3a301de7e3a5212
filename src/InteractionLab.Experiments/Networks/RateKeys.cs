using System.Globalization;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Networks;

/// <summary>Which measurements answer for which work.</summary>
internal static class RateKeys
{
    /// <summary>Rows through a network.</summary>
    public static string Rows(NetworkGamesSpec spec, string sha256) => $"rows {sha256} {spec.Executor} {spec.Device} {spec.Batch.Number?.ToString(CultureInfo.InvariantCulture) ?? spec.Batch.Word}";

    /// <summary>Games through a solver.</summary>
    public static string Solve(InteractionsSpec spec, int players) => string.Create(CultureInfo.InvariantCulture, $"solve {spec.Solver} {spec.Noise} {spec.Gap} {spec.Iterations} {players}");
}
