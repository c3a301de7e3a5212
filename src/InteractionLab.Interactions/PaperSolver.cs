namespace InteractionLab.Interactions;

/// <summary>
/// The solver <see cref="SolverKind.Paper"/> (method.md §2; training-dynamics.txt, appendix A): subgradient descent with
/// momentum on γ and δ from 0, the learning rate falling tenfold on a logarithmic scale, δ clamped after each step. The
/// result is the last iterate, as published. Its lower bound comes from <see cref="CertifiedSolver"/>, run beside it.
/// </summary>
internal static class PaperSolver
{
    /// <summary>The least of the published iteration counts.</summary>
    public const int DefaultIterations = 20_000;

    /// <summary>The middle of the published range of rates, 1e-7 to 1e-5.</summary>
    public const double DefaultLearningRate = 1e-6;

    private const double Momentum = 0.9;

    public static Decomposition Solve(ScaledGame game, DecompositionOptions options, CancellationToken cancellation)
    {
        var certified = new CertifiedSolver([new(game.W, game.ScaledZeta)], options.Gap, null);
        if (game.IsZero)
        {
            return DecompositionBuilder.Build(game, certified.Best[0], 0, 0, options, 0);
        }

        certified.Run(cancellation);
        var iterations = options.Iterations ?? DefaultIterations;

        // The rate is in units of v; the objective is homogeneous, so scaling v scales the steps.
        var rate = Math.ScaleB(options.LearningRate ?? DefaultLearningRate, -game.Exponent);
        var point = Descend(game.W, game.ScaledZeta, rate, iterations, cancellation);
        var objective = FeasiblePoint.Objective([point]);
        var diverged = !(objective <= certified.HalfObjective);
        var result = DecompositionBuilder.Build(game, diverged ? FeasiblePoint.Half(game.W) : point, certified.HalfObjective, certified.LowerBound, options, iterations);
        return diverged ? result with { Note = "The learning rate is too large for this game: the descent ended above its start, which is reported instead." } : result;
    }

    private static FeasiblePoint Descend(double[] w, double zeta, double rate, int iterations, CancellationToken cancellation)
    {
        var point = FeasiblePoint.Half(w);
        var (gamma, gammaSpeed, deltaSpeed) = (new double[w.Length], new double[w.Length], new double[w.Length]);
        var (fromAnd, fromOr) = (new double[w.Length], new double[w.Length]);
        var delta = point.Delta;
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            Subgradient(point, fromAnd, fromOr);
            var step = rate * Math.Pow(10, -(double)iteration / Math.Max(1, iterations - 1));
            for (var mask = 1; mask < w.Length; mask++)
            {
                gammaSpeed[mask] = (Momentum * gammaSpeed[mask]) + fromAnd[mask] - fromOr[mask];
                gamma[mask] -= step * gammaSpeed[mask];
                deltaSpeed[mask] = (Momentum * deltaSpeed[mask]) - ((fromAnd[mask] + fromOr[mask]) / 2);
                delta[mask] = Math.Clamp(delta[mask] - (step * deltaSpeed[mask]), -zeta, zeta);
            }

            point.Set(w, gamma);
        }

        return point;
    }

    /// <summary>The gradients of Σ|x| and of Σ|y| with respect to u^and and u^or.</summary>
    private static void Subgradient(FeasiblePoint point, double[] fromAnd, double[] fromOr)
    {
        var x = point.X;
        var y = point.Y;
        for (var mask = 0; mask < fromAnd.Length; mask++)
        {
            fromAnd[mask] = double.IsNaN(x[mask]) ? 0 : Math.Sign(x[mask]);
            fromOr[mask] = double.IsNaN(y[mask]) ? 0 : -Math.Sign(y[mask]);
        }

        Transforms.MobiusAdjoint(fromAnd);
        Transforms.Mobius(fromOr);
    }
}
