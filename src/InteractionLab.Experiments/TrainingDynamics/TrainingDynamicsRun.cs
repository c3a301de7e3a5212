using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>One attempt at a training-dynamics job: owns the datasets and the network that plays at the moment.</summary>
internal sealed class TrainingDynamicsRun(
    DynamicsLayout layout, InteractionsSpec interactions, NetworkGames train, NetworkGames test, Func<int, CancellationToken, Task<CatalogModel>> findModel, IJobContext context, RateMemory rates) : IExperimentRun
{
    // How a game's progress divides between the network and the solver.
    private const double NetworkShare = 0.9;
    private readonly GameSource _train = new(train, context, rates);
    private readonly GameSource _test = new(test, context, rates);
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);
    private Playing? _playing;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [.. _notes];

    /// <inheritdoc/>
    public async Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (network, from, to) = layout.At(index);
        if (_playing?.Network != network)
        {
            _playing?.Dispose();
            _playing = null;
            var model = await findModel(network, cancellation).ConfigureAwait(false);
            _playing = new Playing(network, model, _train.Open(NetworkFile.Of(model)), _test.Open(NetworkFile.Of(model)));
        }

        return await Task.Run(() => RunBlock(layout.Keys[index], _playing, from, to, progress, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _playing?.Dispose();
        _train.Dispose();
        _test.Dispose();
        return ValueTask.CompletedTask;
    }

    private CellPayload RunBlock(string key, Playing playing, int from, int to, IProgress<double>? progress, CancellationToken cancellation)
    {
        var passes = new CellPasses(_train.OriginOf(key));
        var games = new List<(GameHeader Header, double[] V, Decomposition Decomposition)>();
        for (var sample = from; sample < to; sample++)
        {
            var share = 1.0 / (to - from);
            games.Add(Play(playing, sample, passes, progress is null ? null : new ShareOfProgress(progress, share, (sample - from) * share), cancellation));
        }

        var header = new BlockHeader { Model = playing.Model.Id, Made = passes.Made, Saved = passes.Saved };
        var gap = games.Max(game => game.Decomposition.Gap);
        var message = string.Create(CultureInfo.InvariantCulture, $"{playing.Model.Name}: samples {to} of {layout.Samples}, gap at most {gap:G2}");
        return new CellPayload(BlockCell.ToBytes(header, games), message);
    }

    private (GameHeader Header, double[] V, Decomposition Decomposition) Play(Playing playing, int place, CellPasses passes, ShareOfProgress? progress, CancellationToken cancellation)
    {
        var isTrain = layout.IsTrain(place);
        var (source, network) = isTrain ? (_train, playing.Train) : (_test, playing.Test);
        var index = source.Games.Samples.Indices![isTrain ? place : place - layout.TrainSamples];
        var sample = source.Sample(index);
        var prediction = network.Predict(index, passes);
        var target = source.TargetOf(sample, prediction);
        var game = network.Evaluate(index, target, passes, progress is null ? null : new ShareOfProgress(progress, NetworkShare), cancellation);
        _notes.UnionWith(game.Notes);
        var started = Stopwatch.GetTimestamp();
        var decomposition = AndOrSolver.Solve(game.V, interactions.Options, cancellation);
        rates.Record(RateKeys.Solve(interactions, layout.Players), 1, Stopwatch.GetElapsedTime(started));
        progress?.Report(1);
        var header = new GameHeader
        {
            Index = index,
            Label = sample.Label,
            Prediction = prediction,
            Target = target,
            Players = source.PlayersOf(index).Players,
            RunNotes = game.Notes,
        };
        return (header, game.V, decomposition);
    }

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
