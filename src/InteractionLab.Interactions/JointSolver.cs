namespace InteractionLab.Interactions;

/// <summary>The joint two-model decomposition: <see cref="CertifiedSolver"/> with the pair norm, both games on one scale.</summary>
internal static class JointSolver
{
    public static JointDecomposition Solve(ScaledGame first, ScaledGame second, DecompositionOptions options, CancellationToken cancellation)
    {
        var solver = new CertifiedSolver([new(first.W, first.ScaledZeta), new(second.W, second.ScaledZeta)], options.Gap, options.Iterations);
        if (options.Solver == SolverKind.Certified && solver.HalfObjective > 0)
        {
            solver.Run(cancellation);
        }

        var lowerBound = Math.Min(solver.LowerBound, solver.Objective);
        var gap = solver.Objective > 0 ? (solver.Objective - lowerBound) / solver.Objective : 0;
        var converged = options.Solver != SolverKind.Certified || gap <= options.Gap;
        var note = converged ? null : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The gap asked for ({options.Gap:G3}) was not reached.");
        return new()
        {
            First = Part(first, 0),
            Second = Part(second, 1),
            Objective = first.Unscale(solver.Objective),
            LowerBound = first.Unscale(lowerBound),
            Gap = gap,
            Iterations = solver.Iterations,
            Converged = converged,
            Note = note,
        };

        Decomposition Part(ScaledGame game, int index)
        {
            var half = FeasiblePoint.Objective([FeasiblePoint.Half(game.W)]);
            var part = DecompositionBuilder.Build(game, solver.Best[index], half, 0, options, solver.Iterations);
            return part with { Converged = converged, Note = "Solved jointly with another game: the bound and the gap are those of the pair." };
        }
    }
}
