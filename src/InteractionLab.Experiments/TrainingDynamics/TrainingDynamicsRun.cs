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
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);
    private Playing? _playing;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [.. _notes];

    /// <inheritdoc/>
    public int Ahead => 1;

    /// <inheritdoc/>
    public async Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (network, from, to) = layout.At(index);
        if (_playing?.Network != network)
        {
            _playing?.Dispose();
            _playing = null;
            var model = await findModel(network, cancellation).ConfigureAwait(false);
            _playing = new Playing(network, model, _train.Open(NetworkFile.Of(model)), _test.Open(NetworkFile.Of(model)));
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
        var games = new List<Task<PlayedGame>>();
        for (var sample = from; sample < to; sample++)
        {
            var share = 1.0 / (to - from);
            games.Add(Play(playing, sample, passes, progress is null ? null : new ShareOfProgress(progress, share, (sample - from) * share), cancellation));
        }

        return EndAsync(to, playing.Model, new BlockHeader { Model = playing.Model.Id, Made = passes.Made, Saved = passes.Saved }, games);
    }

    private async Task<CellPayload> EndAsync(int to, CatalogModel model, BlockHeader header, List<Task<PlayedGame>> solving)
    {
        var games = await Task.WhenAll(solving).ConfigureAwait(false);
        var gap = games.Max(game => game.Decomposition.Gap);
        var message = string.Create(CultureInfo.InvariantCulture, $"{model.Name}: samples {to} of {layout.Samples}, gap at most {gap:G2}");
        return new CellPayload(BlockCell.ToBytes(header, [.. games.Select(game => (game.Header, game.V, game.Decomposition))]), message);
    }

    /// <summary>Plays a game; the task is its decomposition.</summary>
    private Task<PlayedGame> Play(Playing playing, int place, CellPasses passes, ShareOfProgress? progress, CancellationToken cancellation)
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
        _notes.UnionWith(game.Notes);
        var header = new GameHeader
        {
            Index = index,
            Label = sample.Label,
            Prediction = prediction,
            Target = target,
            Players = source.PlayersOf(index).Players,
            RunNotes = game.Notes,
        };
        return SolverThreads.Run(() => new PlayedGame(header, game.V, Decompose(game.V, cancellation)), cancellation);
    }

    private Decomposition Decompose(double[] v, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var decomposition = AndOrSolver.Solve(v, interactions.Options, cancellation);
        rates.Record(SolverWork.Key(interactions, layout.Players, joint: false), 1, Stopwatch.GetElapsedTime(started));
        return decomposition;
    }

    private sealed record PlayedGame(GameHeader Header, double[] V, Decomposition Decomposition);

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
