namespace InteractionLab.Interactions;

/// <summary>
/// The solver <see cref="SolverKind.Certified"/> for many games of equal players: a first phase with one game a vector lane
/// in single precision (<see cref="LaneEngine"/>), certificates in double precision, and for a game whose gap stalls there,
/// the double iteration from its point. A game's answer does not depend on the other games.
/// </summary>
internal sealed class BatchSolver
{
    /// <summary>More players than this and the lanes' tables outgrow the caches.</summary>
    public const int MostPlayers = 16;

    private readonly LaneEngine _engine;
    private readonly Action<int, CertifiedSolver> _done;
    private readonly Func<int, (SplittingGame, CertifiedSolver)> _open;
    private readonly Flight?[] _flights = new Flight?[LaneEngine.Lanes];

    /// <param name="players">The players of the tables.</param>
    /// <param name="open">Makes a game's state and its solver.</param>
    /// <param name="done">Takes a solver that has ended.</param>
    public BatchSolver(int players, Func<int, (SplittingGame Game, CertifiedSolver Solver)> open, Action<int, CertifiedSolver> done)
    {
        _engine = new LaneEngine(players);
        _open = open;
        _done = done;
    }

    /// <summary>Solves the games of these indices; a lane takes the next game when its own has ended.</summary>
    public void Run(IEnumerable<int> indices, CancellationToken cancellation)
    {
        var waiting = new Queue<int>(indices);
        while (Fill(waiting))
        {
            cancellation.ThrowIfCancellationRequested();
            _engine.Step();
            for (var lane = 0; lane < _flights.Length; lane++)
            {
                if (_flights[lane] is { } flight)
                {
                    Follow(lane, flight, cancellation);
                }
            }
        }
    }

    /// <summary>Gives waiting games to empty lanes; false when no game is left.</summary>
    private bool Fill(Queue<int> waiting)
    {
        var busy = false;
        for (var lane = 0; lane < _flights.Length; lane++)
        {
            if (_flights[lane] is null && waiting.TryDequeue(out var index))
            {
                var (game, solver) = _open(index);
                _engine.Enter(lane, game.W, game.Zeta, solver.Threshold, solver.DeltaWeight);
                _flights[lane] = new Flight(index, game, solver);
            }

            busy |= _flights[lane] is not null;
        }

        return busy;
    }

    private void Follow(int lane, Flight flight, CancellationToken cancellation)
    {
        var solver = flight.Solver;
        solver.Count();
        if (!solver.Due)
        {
            return;
        }

        _engine.Read(lane, flight.Game);
        solver.Certify();
        if (!solver.Converged && !solver.Exhausted && !flight.Stalled())
        {
            _engine.SetThreshold(lane, solver.Threshold);
            return;
        }

        if (!solver.Converged && !solver.Exhausted)
        {
            Console.Error.WriteLine($"HAND {flight.Index} it {solver.Iterations} gap {(solver.Objective - solver.LowerBound) / solver.Objective}");
            _engine.SetThreshold(lane, solver.Threshold);
            _engine.Read(lane, flight.Game);
            solver.Run(cancellation);
        }

        _done(flight.Index, solver);
        _engine.Clear(lane);
        _flights[lane] = null;
    }

    /// <summary>A game in a lane.</summary>
    private sealed class Flight(int index, SplittingGame game, CertifiedSolver solver)
    {
        /// <summary>Iterations in which the gap must fall by a twentieth for single precision to be worth going on with.</summary>
        private const int Patience = 400;

        private double _gap = double.PositiveInfinity;
        private int _since;

        public int Index => index;

        public SplittingGame Game => game;

        public CertifiedSolver Solver => solver;

        public bool Stalled()
        {
            var gap = solver.Objective - solver.LowerBound;
            if (gap < 0.95 * _gap)
            {
                (_gap, _since) = (gap, solver.Iterations);
            }

            return solver.Iterations - _since >= Patience;
        }
    }
}
