using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>One attempt at a training-dynamics job: owns the datasets and the network that plays at the moment.</summary>
internal sealed class TrainingDynamicsRun(
    DynamicsLayout layout, InteractionsSpec interactions, NetworkGames train, NetworkGames test, Func<int, CancellationToken, Task<CatalogModel>> findModel, IJobContext context, RateMemory rates) : IPipelinedRun
{
    private readonly GameSource _train = new(train, context, rates);
    private readonly GameSource _test = new(test, context, rates);
    private Playing? _playing;

    /// <inheritdoc/>
    public int Ahead => CellsAhead.Of(layout.Players, layout.BlockSize);

    /// <inheritdoc/>
    public async Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (network, from, to) = layout.At(index);
        if (_playing?.Network != network)
        {
            _playing?.Dispose();
            _playing = null;
            var model = await findModel(network, cancellation).ConfigureAwait(false);
            _playing = new Playing(network, model, _train.Open(NetworkFile.Of(model, train.Ask)), _test.Open(NetworkFile.Of(model, train.Ask)));
        }

        return await CellStart.Run(() => BeginBlock(index, _playing, from, to, progress, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _playing?.Dispose();
        _train.Dispose();
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<CellPayload> BeginBlock(int cell, Playing playing, int from, int to, IProgress<double>? progress, CancellationToken cancellation)
    {
        var passes = new CellPasses(_train.OriginOf(layout.Keys[cell]));
        var games = new List<PlayedGame>();
        for (var sample = from; sample < to; sample++)
        {
            var share = 1.0 / (to - from);
            games.Add(Play(playing, sample, passes, progress is null ? null : new ShareOfProgress(progress, share, (sample - from) * share), cancellation));
        }

        var header = new BlockHeader { Model = playing.Model.Id, Made = passes.Made, Saved = passes.Saved };
        return SolverThreads.Run(() => Decompose(to, playing.Model, header, games, cancellation), cancellation);
    }

    /// <summary>
    /// Decomposes a block: a full one of games that are small enough shares the processor's vectors among them.
    /// </summary>
    private CellPayload Decompose(int to, CatalogModel model, BlockHeader header, List<PlayedGame> games, CancellationToken cancellation)
    {
        var keys = RateKeys.Of(NetworkFile.Of(model, train.Ask), test.Spec, test.Dataset.Summary.SampleShape);
        var solved = SolverWork.Timed(
            rates, keys.Solve(interactions, layout.Players, together: layout.BlockSize), games.Count, () => AndOrSolver.SolveBatch([.. games.Select(game => game.V)], interactions.Options, cancellation));
        var message = string.Create(CultureInfo.InvariantCulture, $"{model.Name}: samples {to} of {layout.Samples}, gap at most {solved.Max(decomposition => decomposition.Gap):G2}");
        return new CellPayload(BlockCell.ToBytes(header, [.. games.Zip(solved, (game, decomposition) => (game.Header, game.V, decomposition))]), message);
    }

    private PlayedGame Play(Playing playing, int place, CellPasses passes, ShareOfProgress? progress, CancellationToken cancellation)
    {
        var isTrain = layout.IsTrain(place);
        var (source, network) = isTrain ? (_train, playing.Train) : (_test, playing.Test);
        var index = source.Games.Samples.Indices![isTrain ? place : place - layout.TrainSamples];
        if (playing.Network == 0)
        {
            source.ChoosePlayers(index, passes, cancellation);
        }

        var sample = source.Sample(index);
        var prediction = network.Predict(index, passes);
        var target = source.TargetOf(sample, prediction);
        var game = network.Evaluate(index, target, passes, progress, cancellation);
        var header = new GameHeader
        {
            Index = index,
            Label = sample.Label,
            Prediction = prediction,
            Target = target,
            Players = source.PlayersOf(index).Players,
            RunNotes = game.Notes,
        };
        return new PlayedGame(header, game.V);
    }

    private sealed record PlayedGame(GameHeader Header, double[] V);

    /// <summary>A network open on both splits.</summary>
    private sealed record Playing(int Network, CatalogModel Model, GameEvaluator Train, GameEvaluator Test) : IDisposable
    {
        public void Dispose()
        {
            Train.Dispose();
            Test.Dispose();
        }
    }
}
