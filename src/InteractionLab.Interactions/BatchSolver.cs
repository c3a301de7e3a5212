namespace InteractionLab.Interactions;

/// <summary>
/// The solver <see cref="SolverKind.Certified"/> for many games of equal players, one game a vector lane
/// (<see cref="LaneEngine"/>). Each game keeps its own certificate, step and count, so its answer has the same bits whatever
/// games are in the other lanes. They are not the bits of <see cref="CertifiedSolver.Run"/>, which adds in another order.
/// </summary>
internal sealed class BatchSolver
{
    /// <summary>Fewer games than this leave so many lanes empty that one by one is faster.</summary>
    public const int LeastGames = 16;

    /// <summary>With more players the lanes' tables outgrow the caches: at 12, a batch takes longer than one by one.</summary>
    public const int MostPlayers = 10;

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
                    Follow(lane, flight);
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

    private void Follow(int lane, Flight flight)
    {
        var solver = flight.Solver;
        solver.Count();
        if (!solver.Due)
        {
            return;
        }

        _engine.Read(lane, flight.Game);
        solver.Certify();
        if (!solver.Converged && !solver.Exhausted)
        {
            _engine.SetThreshold(lane, solver.Threshold);
            return;
        }

        _done(flight.Index, solver);
        _engine.Clear(lane);
        _flights[lane] = null;
    }

    /// <summary>A game in a lane.</summary>
    private sealed record Flight(int Index, SplittingGame Game, CertifiedSolver Solver);
}
