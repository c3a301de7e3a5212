namespace InteractionLab.Interactions;

/// <summary>The joint two-model decomposition: <see cref="CertifiedSolver"/> with the pair norm, both games on one scale.</summary>
internal static class JointSolver
{
    public static JointDecomposition Solve(ScaledGame first, ScaledGame second, DecompositionOptions options, CancellationToken cancellation)
    {
        var isHalf = options.Solver == SolverKind.Half;
        var solver = new CertifiedSolver([new(first.W, first.ScaledZeta), new(second.W, second.ScaledZeta)], options.Gap, isHalf ? AndOrSolver.HalfIterations : options.Iterations);
        if (solver.HalfObjective > 0)
        {
            solver.Run(cancellation);
        }

        var objective = isHalf ? solver.HalfObjective : solver.Objective;
        var lowerBound = Math.Min(solver.LowerBound, objective);
        var gap = objective > 0 ? (objective - lowerBound) / objective : 0;
        var iterations = isHalf ? 0 : solver.Iterations;
        var converged = options.Solver != SolverKind.Certified || gap <= options.Gap;
        var note = converged ? null : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The gap asked for ({options.Gap:G3}) was not reached.");
        return new()
        {
            First = Part(first, 0),
            Second = Part(second, 1),
            Objective = first.Unscale(objective),
            LowerBound = first.Unscale(lowerBound),
            Gap = gap,
            Iterations = iterations,
            Converged = converged,
            Note = note,
        };

        Decomposition Part(ScaledGame game, int index)
        {
            var half = FeasiblePoint.Half(game.W);
            var part = DecompositionBuilder.Build(game, isHalf ? half : solver.Best[index], FeasiblePoint.Objective([half]), 0, options, iterations);
            return part with { Converged = converged, Note = "Solved jointly with another game: the bound and the gap are those of the pair." };
        }
    }
}
