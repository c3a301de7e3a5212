using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>One attempt at a bottleneck job: owns the games and the networks.</summary>
internal sealed class BottleneckRun : IExperimentRun, ICellSource
{
    /// <summary>Adding up a difference.</summary>
    public const string TermRate = "pair-sums";

    /// <summary>Seconds a difference where none was measured.</summary>
    public const double UsualTerm = 2e-8;

    private readonly BottleneckWork _work;
    private readonly GameSource _source;
    private readonly SampleFinder _samples;
    private readonly ICellSource _finished;
    private readonly IReadOnlyList<string> _keys;
    private readonly Dictionary<int, byte[]> _own = [];
    private readonly Dictionary<int, bool> _reached = [];
    private readonly SortedDictionary<int, Playing> _playing = [];
    private ContextSampler? _sampler;
    private (int Number, ContextRound Masks)? _round;

    /// <summary>Opens the dataset.</summary>
    public BottleneckRun(BottleneckWork work, IJobContext context, RateMemory rates)
    {
        (_work, _finished) = (work, context.Finished);
        _source = new GameSource(work.Games, context, rates);
        _keys = work.Keys;
        _samples = new SampleFinder(work.Games.Samples, (index, passes) => _playing[0].Network.IsCorrect(index, passes), place => _source.OriginOf(_keys[work.CellOf(0, place, 0)]));
    }

    /// <inheritdoc/>
    public int Count => _work.Cells;

    /// <summary>Cells of this attempt and of those before it.</summary>
    public Stream? Open(int index) => _own.TryGetValue(index, out var bytes) ? new MemoryStream(bytes, writable: false) : _finished.Open(index);

    /// <inheritdoc/>
    public async Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (round, _, network) = _work.Of(index);
        if (!IsNeeded(round))
        {
            return Kept(index, new CellPayload(BottleneckCell.Empty(new CellHeader { IsSkipped = true }), "not needed: the standard error asked for is reached"));
        }

        await OpenAsync(network, cancellation).ConfigureAwait(false);
        return await Task.Run(() => Kept(index, RunCell(index, progress, cancellation)), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var playing in _playing.Values)
        {
            playing.Network.Dispose();
        }

        _source.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Opens a network. Where they come one after another, the one before goes; the first stays where it may be asked for
    /// samples and classes (a training run's is not, and is not waited for).
    /// </summary>
    private async Task OpenAsync(int network, CancellationToken cancellation)
    {
        if (_work.Networks.OneAfterAnother)
        {
            foreach (var (other, playing) in _playing.Where(entry => entry.Key != network && (entry.Key > 0 || _work.Networks.Epochs is not null)).ToArray())
            {
                playing.Network.Dispose();
                _playing.Remove(other);
            }
        }

        foreach (var wanted in _work.Networks.Epochs is null ? [0, network] : new[] { network })
        {
            if (!_playing.ContainsKey(wanted))
            {
                var model = await _work.Networks.FindAsync(wanted, cancellation).ConfigureAwait(false);
                _playing[wanted] = new Playing(model, _source.Open(NetworkFile.Of(model, _source.Games.Ask)));
            }
        }
    }

    private CellPayload Kept(int index, CellPayload payload)
    {
        if (_work.Spec.StandardError is not null)
        {
            _own[index] = payload.Bytes.ToArray();
        }

        return payload;
    }

    private CellPayload RunCell(int cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (round, place, network) = _work.Of(cell);
        var passes = new CellPasses(_source.OriginOf(_keys[cell]));
        if (_samples.Find(place, round == 0 && network == 0 ? passes : null, cancellation) is not { } index)
        {
            return new CellPayload(BottleneckCell.Empty(new CellHeader { ForwardPasses = passes.Made, SavedPasses = passes.Saved }), "no further correctly classified sample");
        }

        // The unmasked row belongs to the first round's cell, whoever asks for it first.
        if (round == 0 && network == 0)
        {
            _source.ChoosePlayers(index, passes, cancellation);
        }

        var playing = _playing[network];
        playing.Network.Logits(index, round == 0 ? passes : new CellPasses(passes.Origin));
        var prediction = _work.Spec.Value!.Target!.Value.Word == Common.ValueSpec.Predicted ? _playing[0].Network.Predict(index, new CellPasses(passes.Origin)) : 0;
        var target = _source.TargetOf(_source.Sample(index), prediction);
        return _work.Rounds is null
            ? Exact(index, playing, target, passes, progress, cancellation)
            : Sampled(index, playing, round, target, passes, progress, cancellation);
    }

    private CellPayload Exact(int index, Playing playing, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var game = playing.Network.Evaluate(index, target, passes, progress, cancellation);
        var interactions = SolverWork.Timed(_source.Rates, SolverWork.MultiOrderKey(_work.Games.PlayerCount), 1, () => MultiOrderInteractions.Of(game.V));
        var message = string.Create(CultureInfo.InvariantCulture, $"sample {index}, {playing.Model.Name}: v {game.V[0]:G4} to {game.V[^1]:G4}");
        return new CellPayload(BottleneckCell.Write(Header(index, playing, passes, game), interactions, _work.Pairs.Pairs), message);
    }

    private CellPayload Sampled(int index, Playing playing, int round, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var masks = MasksOf(round);
        var game = playing.Network.Evaluate(index, target, masks.Masks, passes, progress, cancellation);
        var sums = new PairSums(_work.Orders.Count, _work.Pairs.Pairs.Count);
        var started = Stopwatch.GetTimestamp();
        sums.Add(masks, game.V);
        _source.Rates.Record(TermRate, masks.Terms.Count, Stopwatch.GetElapsedTime(started));
        var message = string.Create(CultureInfo.InvariantCulture, $"round {round + 1}, sample {index}, {playing.Model.Name}: {masks.Masks.Count} masks");
        return new CellPayload(BottleneckCell.Write(Header(index, playing, passes, game), sums), message);
    }

    private static CellHeader Header(int index, Playing playing, CellPasses passes, EvaluatedGame game) =>
        new() { Index = index, Model = playing.Model.Id, Name = playing.Model.Name, ForwardPasses = passes.Made, SavedPasses = passes.Saved, Notes = game.Notes };

    // Rounds come in order within an attempt; one that starts later draws those before it again, which costs no passes.
    private ContextRound MasksOf(int round)
    {
        if (_round is not { } current || current.Number > round)
        {
            _sampler = _work.Rounds!.Sampler();
            current = (-1, null!);
        }

        while (current.Number < round)
        {
            current = (current.Number + 1, _sampler!.Next(_work.Rounds!.Contexts[current.Number + 1]));
        }

        _round = current;
        return current.Masks;
    }

    // Decided once a round, from all cells of the rounds before it: every attempt decides the same.
    private bool IsNeeded(int round)
    {
        if (round == 0 || _work.Spec.StandardError is not { } wanted)
        {
            return true;
        }

        if (!_reached.TryGetValue(round, out var reached))
        {
            _reached[round] = reached = BottleneckReport.IsReached(_work, this, round, wanted);
        }

        return !reached;
    }

    /// <summary>A network that is open.</summary>
    private sealed record Playing(CatalogModel Model, GameEvaluator Network);
}
