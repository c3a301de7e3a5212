using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Games;

/// <summary>One attempt at a games job: owns the dataset, where there is one.</summary>
internal sealed class GamesRun(GamesSpec spec, int games, int players, GameTablesSource source, RateMemory rates) : IExperimentRun
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [];

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return Task.Run(() => index < games ? RunGame(index, cancellation) : RunPair(spec.Pairs![index - games], cancellation), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        source.Dispose();
        return ValueTask.CompletedTask;
    }

    private CellPayload RunGame(int game, CancellationToken cancellation)
    {
        var v = source.Read(game);
        var started = Stopwatch.GetTimestamp();
        var decomposition = Named($"Game {game}", () => AndOrSolver.Solve(v, spec.Interactions.Options, cancellation));
        var orders = MultiOrderInteractions.Of(v);
        rates.Record(GamesPlan.RateKey(spec, players, joint: false), 1, Stopwatch.GetElapsedTime(started));
        var header = new GameHeader
        {
            Index = game,
            Name = spec.Names?[game] ?? $"game {game}",
            Players = [.. Enumerable.Range(0, players)],
            MultiOrder = new MultiOrderSummary(RelativeStrength.Of(orders), orders.ShapleyValues, orders.ShapleyInteractions(), orders.EfficiencyError),
        };
        var message = string.Create(CultureInfo.InvariantCulture, $"{header.Name}: objective {decomposition.Objective:G6}, gap {decomposition.Gap:G2}");
        return new CellPayload(GameCell.ToBytes(header, v, decomposition), message);
    }

    private CellPayload RunPair(int[] pair, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var joint = Named($"Games {pair[0]} and {pair[1]}", () => AndOrSolver.SolveJoint(source.Read(pair[0]), source.Read(pair[1]), spec.Interactions.Options, cancellation));
        rates.Record(GamesPlan.RateKey(spec, players, joint: true), 1, Stopwatch.GetElapsedTime(started));
        var message = string.Create(CultureInfo.InvariantCulture, $"games {pair[0]} and {pair[1]}: joint objective {joint.Objective:G6}, gap {joint.Gap:G2}");
        return new CellPayload(PairCell.ToBytes(pair[0], pair[1], joint), message);
    }

    /// <summary>A table that no check before could refuse (values of a dataset too large to be decomposed) is the job's fault, named.</summary>
    private static T Named<T>(string what, Func<T> compute)
    {
        try
        {
            return compute();
        }
        catch (InvalidGameException exception)
        {
            throw new ExperimentException($"{what}: {exception.Message}", exception);
        }
    }
}
