using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;
using InteractionLab.Models.Execution;

namespace InteractionLab.Experiments.Games;

/// <summary>One attempt at a games job: owns the dataset, where there is one. Games and pairs are decomposed beside each other.</summary>
internal sealed class GamesRun(GamesSpec spec, int games, int players, GameTablesSource source, RateMemory rates) : IPipelinedRun
{
    /// <summary>How many are decomposed at once: one a processor of the job's share.</summary>
    public static int Beside => ProcessorShare.Threads;

    /// <inheritdoc/>
    public int Ahead => Beside;

    /// <inheritdoc/>
    public Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return CellStart.Run(() => index < games ? BeginGame(index, cancellation) : BeginPair(spec.Pairs![index - games], cancellation), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        source.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<CellPayload> BeginGame(int game, CancellationToken cancellation)
    {
        var v = source.Read(game);
        return SolverThreads.Run(() => RunGame(game, v, cancellation), cancellation);
    }

    private Task<CellPayload> BeginPair(int[] pair, CancellationToken cancellation)
    {
        var (first, second) = (source.Read(pair[0]), source.Read(pair[1]));
        return SolverThreads.Run(() => RunPair(pair, first, second, cancellation), cancellation);
    }

    private CellPayload RunGame(int game, double[] v, CancellationToken cancellation)
    {
        var decomposition = Named($"Game {game}", () => Timed(SolverWork.Key(spec.Interactions, players, joint: false), () => AndOrSolver.Solve(v, spec.Interactions.Options, cancellation)));
        var orders = Timed(SolverWork.MultiOrderKey(players), () => MultiOrderInteractions.Of(v));
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

    private CellPayload RunPair(int[] pair, double[] first, double[] second, CancellationToken cancellation)
    {
        var joint = Named($"Games {pair[0]} and {pair[1]}", () => Timed(SolverWork.Key(spec.Interactions, players, joint: true), () => AndOrSolver.SolveJoint(first, second, spec.Interactions.Options, cancellation)));
        var message = string.Create(CultureInfo.InvariantCulture, $"games {pair[0]} and {pair[1]}: joint objective {joint.Objective:G6}, gap {joint.Gap:G2}");
        return new CellPayload(PairCell.ToBytes(pair[0], pair[1], joint), message);
    }

    private T Timed<T>(string rate, Func<T> compute) => SolverWork.Timed(rates, rate, 1, compute);

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
