using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>One attempt at a masked-samples job: owns the games and the network.</summary>
internal sealed class MaskedSamplesRun : IPipelinedRun
{
    private readonly MaskedSamplesSpec _spec;
    private readonly GameSource _source;
    private readonly GameEvaluator _network;
    private readonly SampleFinder _samples;
    private readonly string _solving;

    /// <summary>Opens the dataset.</summary>
    public MaskedSamplesRun(MaskedSamplesSpec spec, NetworkGames games, CatalogModel model, IJobContext context, RateMemory rates)
    {
        _spec = spec;
        _source = new GameSource(games, context, rates);
        _network = _source.Open(NetworkFile.Of(model, games.Ask));
        _solving = RateKeys.Of(NetworkFile.Of(model, games.Ask), games.Spec, games.Dataset.Summary.SampleShape).Solve(spec.Interactions, games.PlayerCount);
        _samples = new SampleFinder(games.Samples, _network.IsCorrect, OriginOf);
    }

    /// <inheritdoc/>
    public int Ahead => CellsAhead.Of(_source.Games.PlayerCount);

    /// <inheritdoc/>
    public Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) =>
        CellStart.Run(() => BeginCell(index, progress, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _network.Dispose();
        _source.Dispose();
        return ValueTask.CompletedTask;
    }

    private string OriginOf(int cell) => _source.OriginOf(_source.Games.Samples.Keys[cell]);

    private Task<CellPayload> BeginCell(int cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var passes = new CellPasses(OriginOf(cell));
        if (_samples.Find(cell, passes, cancellation) is not { } index)
        {
            return Task.FromResult(new CellPayload(GameCell.AbsentBytes(passes), "no further correctly classified sample"));
        }

        _source.ChoosePlayers(index, passes, cancellation);
        var sample = _source.Sample(index);
        var prediction = _network.Predict(index, passes);
        var target = _source.TargetOf(sample, prediction);
        var header = new GameHeader
        {
            Index = index,
            Label = sample.Label,
            Prediction = prediction,
            Target = target,
            Players = _source.PlayersOf(index).Players,
            AttributionDelta = _source.AttributionOf(index)?.Delta,
            PlayerNames = _source.NamesOf(index),
        };
        return EndCellAsync(header, passes, _network.EvaluateAsync(index, target, passes, progress, cancellation), cancellation);
    }

    private async Task<CellPayload> EndCellAsync(GameHeader header, CellPasses passes, Task<EvaluatedGame> evaluation, CancellationToken cancellation)
    {
        var game = await evaluation.ConfigureAwait(false);
        var played = header with { RunNotes = game.Notes, ForwardPasses = passes.Made, SavedPasses = passes.Saved };
        return await SolverThreads.Run(() => Decompose(played, game.V, cancellation), cancellation).ConfigureAwait(false);
    }

    private CellPayload Decompose(GameHeader header, double[] v, CancellationToken cancellation)
    {
        var decomposition = SolverWork.Timed(_source.Rates, _solving, 1, () => AndOrSolver.Solve(v, _spec.Interactions.Options, cancellation));
        var message = string.Create(CultureInfo.InvariantCulture, $"sample {header.Index}: class {header.Target}, v {v[0]:G4} to {v[^1]:G4}, gap {decomposition.Gap:G2}");
        return new CellPayload(GameCell.ToBytes(header, v, decomposition), message);
    }
}
