using System.Text.Json;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Cells;

/// <summary>What the plans of both kinds of this build share: games in cells, pairs after them.</summary>
internal abstract class GamePlanBase : IGamePlan
{
    public required JsonElement Spec { get; init; }

    public required IReadOnlyList<string> Cells { get; init; }

    public abstract string Unit { get; }

    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> Datasets { get; init; } = [];

    public required ExperimentEstimate Estimate { get; init; }

    public required int Games { get; init; }

    public int Pairs => Cells.Count - Games;

    protected abstract SalienceRule Salience { get; }

    public abstract Task<ExperimentEstimate> EstimateAsync(CancellationToken cancellation);

    public abstract Task<IExperimentRun> StartAsync(IJobContext context, CancellationToken cancellation);

    public Task<ExperimentOutput> CompleteAsync(ICellSource cells, CancellationToken cancellation) =>
        Task.Run(() => Complete(cells, cancellation), cancellation);

    public Task<GameDetail?> ReadGameAsync(ICellSource cells, int cell, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cell);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cell, Games);
        return Task.Run(() => ReadGame(cells, cell, cancellation), cancellation);
    }

    public Task<PairDetail?> ReadPairAsync(ICellSource cells, int pair, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pair);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(pair, Pairs);
        return Task.Run(() => ReadPair(cells, pair), cancellation);
    }

    protected abstract ExperimentOutput Complete(ICellSource cells, CancellationToken cancellation);

    protected virtual PairDetail? ReadPair(ICellSource cells, int pair) => null;

    private GameDetail? ReadGame(ICellSource cells, int cell, CancellationToken cancellation)
    {
        var games = GameCells.Open(cells, Games, cancellation);
        var k = games.Positions.ToList().IndexOf(cell);
        return k < 0 ? null : GameDetail.From(games.Read(k), games.Threshold(Salience, k));
    }
}
