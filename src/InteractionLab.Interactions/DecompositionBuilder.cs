namespace InteractionLab.Interactions;

/// <summary>Makes the record of a decomposition from a solver's scaled point, and measures what it claims.</summary>
internal static class DecompositionBuilder
{
    /// <param name="game">The game.</param>
    /// <param name="point">Interactions and δ, scaled.</param>
    /// <param name="half">The objective at γ = δ = 0, scaled.</param>
    /// <param name="bound">The lower bound, scaled.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="iterations">Iterations used.</param>
    public static Decomposition Build(ScaledGame game, FeasiblePoint point, double half, double bound, DecompositionOptions options, int iterations)
    {
        var length = 1 << game.Players;
        var x = point.X;
        var y = point.Y;
        var delta = point.Delta;
        var and = new double[length];
        var or = new double[length];
        var noise = new double[length];
        for (var mask = 0; mask < x.Length; mask++)
        {
            // Restricting to the real players sums the OR effects that they share with idle ones.
            and[mask & (length - 1)] += mask < length ? game.Unscale(x[mask]) : 0;
            or[mask & (length - 1)] += game.Unscale(y[x.Length - 1 - mask]);
            noise[mask & (length - 1)] += mask < length ? Math.Clamp(game.Unscale(delta[mask]), -game.Zeta, game.Zeta) : 0;
        }

        or[0] = 0;
        var objective = Certificate.Sum(and) + Certificate.Sum(or);
        for (var mask = 1; mask < length; mask <<= 1)
        {
            and[mask] += or[mask];
            or[mask] = 0;
        }

        var lowerBound = Math.Min(game.Unscale(bound), objective);
        var gap = objective > 0 ? (objective - lowerBound) / objective : 0;
        var converged = options.Solver != SolverKind.Certified || gap <= options.Gap;
        return new()
        {
            Players = game.Players,
            And = and,
            Or = or,
            Delta = noise,
            Bias = game.Bias,
            Span = game.Span,
            Objective = objective,
            LowerBound = lowerBound,
            Gap = gap,
            HalfL1 = game.Unscale(half),
            MatchError = MatchError(game, and, or, noise),
            Solver = options.Solver,
            Iterations = iterations,
            Converged = converged,
            Note = Note(game, converged, options),
        };
    }

    private static string? Note(ScaledGame game, bool converged, DecompositionOptions options)
    {
        if (game.IsUnresolved)
        {
            return "The outputs differ from v(∅) by too little for a double to resolve their interactions: every interaction is taken as 0, so matching fails.";
        }

        if (game.IsZero)
        {
            return "The game is constant: every interaction is 0.";
        }

        if (!converged)
        {
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The gap asked for ({options.Gap:G3}) was not reached.");
        }

        return game.Span == 0 ? "v(N) = v(∅): the span is 0, so δ is 0 too." : null;
    }

    /// <summary>
    /// Universal matching, recomputed from the interactions: the largest error over the masks, relative to |span| or, for a
    /// span below a thousandth of the largest |v(S) - v(∅)|, to that thousandth. 0 for a constant game; 1 or more where
    /// the differences are too small to be resolved.
    /// </summary>
    private static double MatchError(ScaledGame game, double[] and, double[] or, double[] delta)
    {
        var fromAnd = (double[])and.Clone();
        var fromOr = (double[])or.Clone();
        Transforms.Zeta(fromAnd);
        Transforms.OrZeta(fromOr);
        double error = 0, largest = 0;
        for (var mask = 0; mask < and.Length; mask++)
        {
            var w = game.Values[mask] - game.Bias;
            error = Math.Max(error, Math.Abs(w - delta[mask] - fromAnd[mask] - fromOr[mask]));
            largest = Math.Max(largest, Math.Abs(w));
        }

        // A thousandth of the least double is 0.
        var scale = Math.Max(Math.Abs(game.Span), largest / 1000);
        return error == 0 ? 0 : error / (scale > 0 ? scale : largest);
    }
}
