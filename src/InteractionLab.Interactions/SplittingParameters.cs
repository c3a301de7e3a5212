namespace InteractionLab.Interactions;

/// <summary>The constants of the splitting, chosen by measurement on games of real networks (docs/solver.md).</summary>
internal static class SplittingParameters
{
    public const double Relaxation = 1.7;

    /// <summary>Iterations between two certificates, which cost about as much as one iteration.</summary>
    public const int CheckEvery = 20;

    public static double StepScale { get; set; } = 0.002;

    public static double? Weight { get; set; }

    public static void Start(SplittingEngine engine, SplittingGame[] games, double half)
    {
        var players = int.Log2(games[0].W.Length);
        var zeta = games.Max(game => game.Zeta);
        var weight = Weight ?? (zeta == 0 ? 0.1 : Math.Clamp(Math.Pow(2, Math.Round(Math.Log2(1000 * zeta / half))), 0.125, 32));
        engine.SetStep(StepScale * half, weight, InverseCache.Get(players, weight));
    }
}
