using System.Globalization;

namespace InteractionLab.Interactions;

/// <summary>
/// Finds γ and δ of an AND-OR decomposition (method.md §2). Deterministic: the same table and options give the same
/// bits. docs/solver.md derives the method.
/// </summary>
public static class AndOrSolver
{
    /// <summary>Iterations spent on the lower bound that <see cref="SolverKind.Half"/> reports; its decomposition takes none.</summary>
    internal const int HalfIterations = 200;

    /// <summary>Decomposes one game.</summary>
    /// <param name="v">v(S) by mask, 2^n values, 1 ≤ n ≤ <see cref="Game.MaxPlayers"/>.</param>
    /// <param name="options">The solver and its settings.</param>
    /// <param name="cancellation">Stops the iterations.</param>
    /// <exception cref="InvalidGameException">The table is not a game, or its values are too large to be decomposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Decomposition Solve(ReadOnlySpan<double> v, DecompositionOptions options, CancellationToken cancellation = default)
    {
        Check(options);
        var game = new ScaledGame(v, options.Solver == SolverKind.Half ? 0 : options.Noise);
        return Solve(game, options, cancellation);
    }

    /// <summary>
    /// Decomposes many games, which may differ in their players; certified games of equal players share the processor's vectors.
    /// Each answer is as good as <see cref="Solve(ReadOnlySpan{double}, DecompositionOptions, CancellationToken)"/>'s. Its bits depend
    /// on the game and the options, and on whether the batch has enough games of its size to share vectors
    /// (<see cref="BatchSolver.LeastGames"/>); otherwise they are that method's. Both kinds agree within the gap asked for.
    /// </summary>
    /// <param name="games">The tables.</param>
    /// <param name="options">The solver and its settings, the same for all.</param>
    /// <param name="cancellation">Stops the iterations.</param>
    /// <exception cref="InvalidGameException">A table is not a game; the message names its index.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Decomposition[] SolveBatch(IReadOnlyList<double[]> games, DecompositionOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(games);
        Check(options);
        var results = new Decomposition[games.Count];
        var scaled = new ScaledGame[games.Count];
        for (var index = 0; index < games.Count; index++)
        {
            try
            {
                scaled[index] = new ScaledGame(games[index], options.Solver == SolverKind.Half ? 0 : options.Noise);
            }
            catch (InvalidGameException exception)
            {
                throw new InvalidGameException(string.Create(CultureInfo.InvariantCulture, $"games[{index}]: {exception.Message}"), exception);
            }
        }

        var lanes = Enumerable.Range(0, games.Count).Where(InLanes).ToLookup(index => scaled[index].W.Length);
        foreach (var group in lanes.Where(group => group.Count() >= BatchSolver.LeastGames))
        {
            var batch = new BatchSolver(
                int.Log2(group.Key),
                index => Open(scaled[index], options),
                (index, solver) => results[index] = Close(scaled[index], solver, options));
            batch.Run(group, cancellation);
        }

        for (var index = 0; index < games.Count; index++)
        {
            results[index] ??= Solve(scaled[index], options, cancellation);
        }

        return results;

        bool InLanes(int index) =>
            options.Solver == SolverKind.Certified && !scaled[index].IsZero && int.Log2(scaled[index].W.Length) <= BatchSolver.MostPlayers;
    }

    /// <summary>
    /// Decomposes two models' games of the same players with interactions shared where they can be. Each game has its own
    /// γ and, with noise, its own δ.
    /// </summary>
    /// <param name="v">The first game, 2^n values.</param>
    /// <param name="other">The second game, 2^n values.</param>
    /// <param name="options">The settings; <see cref="SolverKind.Certified"/> or <see cref="SolverKind.Half"/>.</param>
    /// <param name="cancellation">Stops the iterations.</param>
    /// <exception cref="InvalidGameException">A table is not a game, or the two differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The paper's solver has no joint form.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static JointDecomposition SolveJoint(ReadOnlySpan<double> v, ReadOnlySpan<double> other, DecompositionOptions options, CancellationToken cancellation = default)
    {
        Check(options);
        if (options.Solver == SolverKind.Paper)
        {
            throw new NotSupportedException("The joint decomposition is solved by 'certified' or 'half'; the paper's solver has no joint form.");
        }

        if (v.Length != other.Length)
        {
            throw new InvalidGameException(string.Create(
                CultureInfo.InvariantCulture, $"Games decomposed together have the same players; these tables have {v.Length} and {other.Length} values."));
        }

        var noise = options.Solver == SolverKind.Half ? 0 : options.Noise;
        var exponent = Math.Max(new ScaledGame(v, noise).Exponent, new ScaledGame(other, noise).Exponent);
        return JointSolver.Solve(new(v, noise, exponent), new(other, noise, exponent), options, cancellation);
    }

    private static Decomposition Solve(ScaledGame game, DecompositionOptions options, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (options.Solver == SolverKind.Paper)
        {
            return PaperSolver.Solve(game, options, cancellation);
        }

        var (_, solver) = Open(game, options);
        if (!game.IsZero)
        {
            solver.Run(cancellation);
        }

        return Close(game, solver, options);
    }

    private static (SplittingGame Game, CertifiedSolver Solver) Open(ScaledGame game, DecompositionOptions options)
    {
        var state = new SplittingGame(game.W, game.ScaledZeta);
        return (state, new CertifiedSolver([state], options.Gap, options.Solver == SolverKind.Half ? HalfIterations : options.Iterations));
    }

    private static Decomposition Close(ScaledGame game, CertifiedSolver solver, DecompositionOptions options) =>
        options.Solver == SolverKind.Half
            ? DecompositionBuilder.Build(game, FeasiblePoint.Half(game.W), solver.HalfObjective, solver.LowerBound, options, 0)
            : DecompositionBuilder.Build(game, solver.Best[0], solver.HalfObjective, solver.LowerBound, options, solver.Iterations);

    private static void Check(DecompositionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Require(options.Noise is >= 0 and <= 1, nameof(options.Noise), options.Noise, "between 0 and 1");
        Require(options.Gap > 0 && double.IsFinite(options.Gap), nameof(options.Gap), options.Gap, "above 0 and finite");
        Require(options.Iterations is null or > 0, nameof(options.Iterations), options.Iterations, "above 0");
        Require(options.LearningRate is null || (options.LearningRate > 0 && double.IsFinite(options.LearningRate.Value)), nameof(options.LearningRate), options.LearningRate, "above 0 and finite");
        Require(Enum.IsDefined(options.Solver), nameof(options.Solver), options.Solver, "certified, paper or half");

        static void Require(bool holds, string name, object? value, string range)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(nameof(options), value, $"{name} must be {range}.");
            }
        }
    }
}
