namespace InteractionLab.Interactions;

/// <summary>The constants of the splitting, chosen by measurement on games of real networks (docs/solver.md).</summary>
internal static class SplittingParameters
{
    /// <summary>Over-relaxation, below 2.</summary>
    public const double Relaxation = 1.7;

    /// <summary>Iterations between two certificates, which cost about as much as two iterations.</summary>
    public const int CheckEvery = 20;

    /// <summary>The first threshold of the proximal step as a share of the objective at γ = δ = 0, for n = 10.</summary>
    private const double StepScale = 0.0005;

    /// <summary>Iterations before the step is first reconsidered; the wait grows by <see cref="PatienceGrowth"/> each time.</summary>
    private const int Patience = 500;

    private const double PatienceGrowth = 1.25;

    /// <summary>How unequal the two errors must be for the step to be halved or doubled.</summary>
    private const double Imbalance = 4;

    /// <summary>Sets the step and the weight of δ for the first iteration.</summary>
    public static void Start(SplittingEngine engine, SplittingGame[] games, double half)
    {
        var players = int.Log2(games[0].W.Length);
        var weight = DeltaWeight(players, games.Max(game => game.Zeta) / half);
        engine.SetStep(StepScale * Math.Pow(0.67, Beyond(players)) * half, weight, InverseCache.Get(players, weight));
    }

    /// <summary>A schedule of the changes of the step.</summary>
    public sealed class Balance
    {
        private double _next = Patience;
        private double _wait = Patience;

        /// <summary>
        /// The threshold from here on. A large one lets the primal error linger, a small one the dual error; both are
        /// measured against the value of the dual estimate before scaling, which is close to the optimum.
        /// </summary>
        public double Threshold(double threshold, int iteration, double objective, double bound, double norm)
        {
            if (iteration < _next)
            {
                return threshold;
            }

            _wait *= PatienceGrowth;
            _next = iteration + _wait;
            var estimate = bound * norm;
            var (primal, dual) = (Math.Abs(objective - estimate), estimate - bound);
            return primal > Imbalance * dual ? threshold / 2 : dual > Imbalance * primal ? threshold * 2 : threshold;
        }
    }

    /// <summary>The inverse weight of δ in the metric, a power of two, for ζ as a share of the objective at γ = δ = 0.</summary>
    private static double DeltaWeight(int players, double share) =>
        share == 0
            ? 0.0625
            : Math.Pow(2, Math.Clamp(Math.Round(Math.Log2(3000 * Math.Pow(2.4, Beyond(players)) * share)), -3, 6 + (2 * Beyond(players))));

    /// <summary>Both constants were fitted at n = 10 and at n = 14; smaller games take those of n = 10.</summary>
    private static int Beyond(int players) => Math.Max(0, players - 10);
}
