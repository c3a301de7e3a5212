namespace InteractionLab.Interactions;

/// <summary>
/// The solver <see cref="SolverKind.Certified"/> for one game, or for two with the joint objective: Douglas-Rachford
/// splitting with exact projections, stopped by the gap between a feasible decomposition and a dual feasible point, both
/// built from the iterate (docs/solver.md). Works on scaled games: the largest |w| is at most 1.
/// </summary>
internal sealed class CertifiedSolver
{
    /// <summary>The default bound of the iterations.</summary>
    public const int DefaultIterations = 100_000;

    private readonly SplittingGame[] _games;
    private readonly FeasiblePoint[] _trial;
    private readonly double[][] _dual;
    private readonly double _gap;
    private readonly int _iterations;
    private readonly SplittingParameters.Balance _balance = new();
    private int _nextCheck = SplittingParameters.CheckEvery;

    public CertifiedSolver(SplittingGame[] games, double gap, int? iterations)
    {
        _games = games;
        _gap = gap;
        _iterations = iterations ?? DefaultIterations;
        Best = [.. games.Select(game => FeasiblePoint.Half(game.W))];
        _trial = [.. games.Select(game => new FeasiblePoint(game.W.Length))];
        _dual = [.. games.Select(game => new double[game.W.Length])];
        HalfObjective = Objective = FeasiblePoint.Objective(Best);
        (Threshold, DeltaWeight) = HalfObjective > 0 ? SplittingParameters.Start(games, HalfObjective) : (0, 0);
    }

    /// <summary>The best decomposition found, by game.</summary>
    public FeasiblePoint[] Best { get; private set; }

    /// <summary>The objective at γ = δ = 0.</summary>
    public double HalfObjective { get; }

    public double Objective { get; private set; }

    public double LowerBound { get; private set; }

    public int Iterations { get; private set; }

    public bool Converged => Objective - LowerBound <= _gap * Objective;

    /// <summary>The threshold of the proximal step, to be used from here on.</summary>
    public double Threshold { get; private set; }

    /// <summary>The inverse weight of δ in the metric.</summary>
    public double DeltaWeight { get; }

    /// <summary>Whether the bound of the iterations is reached.</summary>
    public bool Exhausted => Iterations >= _iterations;

    /// <summary>Whether a certificate is due after this iteration.</summary>
    public bool Due => Iterations >= _nextCheck || Exhausted;

    public void Run(CancellationToken cancellation)
    {
        var engine = new SplittingEngine(_games);
        engine.SetStep(Threshold, DeltaWeight);
        while (!Exhausted && !Converged)
        {
            cancellation.ThrowIfCancellationRequested();
            engine.Step();
            Count();
            if (Due)
            {
                Certify();
                engine.SetThreshold(Threshold);
            }
        }
    }

    /// <summary>Counts an iteration done elsewhere.</summary>
    public void Count() => Iterations++;

    /// <summary>Takes both certificates from the games' z and λ, and reconsiders the threshold.</summary>
    public void Certify()
    {
        var (bound, norm) = Bound(Threshold);
        LowerBound = Math.Max(LowerBound, bound);
        var objective = TakePrimal();
        Threshold = _balance.Threshold(Threshold, Iterations, objective, bound, norm);
        _nextCheck = Iterations + SplittingParameters.Wait((Objective - LowerBound) / (_gap * Objective));
    }

    /// <summary>Repairs the proximal point to a feasible one, keeps it if it is the best, and returns its objective.</summary>
    private double TakePrimal()
    {
        for (var i = 0; i < _games.Length; i++)
        {
            _trial[i].From(_games[i]);
        }

        var objective = FeasiblePoint.Objective(_trial);
        if (objective < Objective)
        {
            Objective = objective;
            for (var i = 0; i < _games.Length; i++)
            {
                Best[i].CopyFrom(_trial[i]);
            }
        }

        return objective;
    }

    /// <summary>Scales the dual estimate into the feasible set; its value there bounds the objective from below.</summary>
    private (double Bound, double Norm) Bound(double threshold)
    {
        for (var i = 0; i < _games.Length; i++)
        {
            var dual = _dual[i].AsSpan();
            var lambda = _games[i].Lambda;
            for (var mask = 0; mask < dual.Length; mask++)
            {
                dual[mask] = lambda[mask] / threshold;
            }
        }

        return Certificate.Bound(_games, _dual);
    }
}
