namespace InteractionLab.Experiments.PruningSweep;

/// <summary>Which measurements answer for which work of a sweep.</summary>
internal static class SweepRates
{
    /// <summary>Pruning the model to a ratio.</summary>
    public static string Prune(SweepLayout layout) => $"prune {layout.Model.Sha256} {layout.Spec.Pruner?.Type}";
}
