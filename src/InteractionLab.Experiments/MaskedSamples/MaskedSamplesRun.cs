using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>One attempt at a masked-samples job: owns the games and the network.</summary>
internal sealed class MaskedSamplesRun : IExperimentRun
{
    // How a sample's progress divides between the network and the solver.
    private const double NetworkShare = 0.9;
    private readonly MaskedSamplesSpec _spec;
    private readonly GameSource _source;
    private readonly GameEvaluator _network;
    private readonly SampleFinder _samples;
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);

    /// <summary>Opens the dataset.</summary>
    public MaskedSamplesRun(MaskedSamplesSpec spec, NetworkGames games, CatalogModel model, IJobContext context, RateMemory rates)
    {
        _spec = spec;
        _source = new GameSource(games, context, rates);
        _network = _source.Open(NetworkFile.Of(model));
        _samples = new SampleFinder(games.Samples, _network.IsCorrect, OriginOf);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [.. _notes];

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) =>
        Task.Run(() => RunCell(index, progress, cancellation), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _network.Dispose();
        _source.Dispose();
        return ValueTask.CompletedTask;
    }

    private string OriginOf(int cell) => _source.OriginOf(_source.Games.Samples.Keys[cell]);

    private CellPayload RunCell(int cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var passes = new CellPasses(OriginOf(cell));
        if (_samples.Find(cell, passes, cancellation) is not { } index)
        {
            return new CellPayload(GameCell.AbsentBytes(passes), "no further correctly classified sample");
        }

        var sample = _source.Sample(index);
        var prediction = _network.Predict(index, passes);
        var target = _source.TargetOf(sample, prediction);
        var game = _network.Evaluate(index, target, passes, progress is null ? null : new ShareOfProgress(progress, NetworkShare), cancellation);
        _notes.UnionWith(game.Notes);
        var started = Stopwatch.GetTimestamp();
        var decomposition = AndOrSolver.Solve(game.V, _spec.Interactions.Options, cancellation);
        _source.Rates.Record(RateKeys.Solve(_spec.Interactions, _source.Games.PlayerCount), 1, Stopwatch.GetElapsedTime(started));
        progress?.Report(1);
        var header = new GameHeader
        {
            Index = index,
            Label = sample.Label,
            Prediction = prediction,
            Target = target,
            Players = _source.PlayersOf(index).Players,
            AttributionDelta = _source.AttributionOf(index)?.Delta,
            PlayerNames = _source.NamesOf(index),
            RunNotes = game.Notes,
            ForwardPasses = passes.Made,
            SavedPasses = passes.Saved,
        };
        var message = string.Create(CultureInfo.InvariantCulture, $"sample {index}: class {target}, v {game.V[0]:G4} to {game.V[^1]:G4}, gap {decomposition.Gap:G2}");
        return new CellPayload(GameCell.ToBytes(header, game.V, decomposition), message);
    }
}
