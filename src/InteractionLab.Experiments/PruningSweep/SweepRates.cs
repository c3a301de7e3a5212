using System.Globalization;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>Which measurements answer for which work of a sweep.</summary>
internal static class SweepRates
{
    /// <summary>Games, or pairs of games, through the solver.</summary>
    public static string Solve(SweepLayout layout, bool joint)
    {
        var spec = layout.Spec.Interactions;
        return string.Create(CultureInfo.InvariantCulture, $"sweep {(joint ? "joint" : "alone")} {spec.Solver} {spec.Noise} {spec.Gap} {spec.Iterations} {layout.Games.PlayerCount}");
    }

    /// <summary>Evaluation samples through a pruned network.</summary>
    public static string Evaluation(SweepLayout layout) => $"sweep evaluation {layout.Model.Sha256} {layout.Spec.Device}";
}
