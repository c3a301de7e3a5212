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
    private readonly GameEvaluator[] _networks;
    private readonly SampleFinder _samples;
    private readonly ICellSource _finished;
    private readonly Dictionary<int, byte[]> _own = [];
    private readonly Dictionary<int, bool> _reached = [];
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);
    private ContextSampler? _sampler;
    private (int Number, ContextRound Masks)? _round;

    /// <summary>Opens the dataset.</summary>
    public BottleneckRun(BottleneckWork work, IJobContext context, RateMemory rates)
    {
        (_work, _finished) = (work, context.Finished);
        _source = new GameSource(work.Games, context, rates);
        _networks = [.. work.Models.Select(model => _source.Open(NetworkFile.Of(model)))];
        _samples = new SampleFinder(work.Games.Samples, _networks[0], place => _source.OriginOf(work.Keys[work.CellOf(0, place, 0)]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [.. _notes];

    /// <inheritdoc/>
    public int Count => _work.Cells;

    /// <summary>Cells of this attempt and of those before it.</summary>
    public Stream? Open(int index) => _own.TryGetValue(index, out var bytes) ? new MemoryStream(bytes, writable: false) : _finished.Open(index);

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var payload = RunCell(index, progress, cancellation);
            if (_work.Spec.StandardError is not null)
            {
                _own[index] = payload.Bytes.ToArray();
            }

            return payload;
        },
        cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var network in _networks)
        {
            network.Dispose();
        }

        _source.Dispose();
        return ValueTask.CompletedTask;
    }

    private CellPayload RunCell(int cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (round, place, model) = _work.Of(cell);
        if (round > 0 && IsReached(round))
        {
            return new CellPayload(BottleneckCell.Empty(new CellHeader { IsSkipped = true }), "not needed: the standard error asked for is reached");
        }

        var passes = new CellPasses(_source.OriginOf(_work.Keys[cell]));
        if (_samples.Find(place, round == 0 && model == 0 ? passes : null, cancellation) is not { } index)
        {
            return new CellPayload(BottleneckCell.Empty(new CellHeader { ForwardPasses = passes.Made, SavedPasses = passes.Saved }), "no further correctly classified sample");
        }

        // The unmasked row belongs to the first round's cell, whoever asks for it first.
        var unmasked = round == 0 ? passes : new CellPasses(passes.Origin);
        if (round == 0 && model == 0)
        {
            _source.ChoosePlayers(index, passes);
        }

        _networks[model].Logits(index, unmasked);
        var prediction = _work.Spec.Value!.Target!.Value.Word == Common.ValueSpec.Predicted ? _networks[0].Predict(index, new CellPasses(passes.Origin)) : 0;
        var target = _source.TargetOf(_source.Sample(index), prediction);
        return _work.Rounds is null
            ? Exact(index, model, target, passes, progress, cancellation)
            : Sampled(index, model, round, target, passes, progress, cancellation);
    }

    private CellPayload Exact(int index, int model, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var game = _networks[model].Evaluate(index, target, passes, progress, cancellation);
        _notes.UnionWith(game.Notes);
        var started = Stopwatch.GetTimestamp();
        var interactions = MultiOrderInteractions.Of(game.V);
        _source.Rates.Record(SolverWork.MultiOrderKey(_work.Games.PlayerCount), 1, Stopwatch.GetElapsedTime(started));
        var message = string.Create(CultureInfo.InvariantCulture, $"sample {index}, {_work.Models[model].Name}: v {game.V[0]:G4} to {game.V[^1]:G4}");
        return new CellPayload(BottleneckCell.Write(Header(index, passes, game), interactions), message);
    }

    private CellPayload Sampled(int index, int model, int round, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var masks = MasksOf(round);
        var game = _networks[model].Evaluate(index, target, masks.Masks, passes, progress, cancellation);
        _notes.UnionWith(game.Notes);
        var sums = new PairSums(_work.Orders.Count, _work.Pairs.Pairs.Count);
        var started = Stopwatch.GetTimestamp();
        sums.Add(masks, game.V);
        _source.Rates.Record(TermRate, masks.Terms.Count, Stopwatch.GetElapsedTime(started));
        var message = string.Create(CultureInfo.InvariantCulture, $"round {round + 1}, sample {index}, {_work.Models[model].Name}: {masks.Masks.Count} masks");
        return new CellPayload(BottleneckCell.Write(Header(index, passes, game), sums), message);
    }

    private static CellHeader Header(int index, CellPasses passes, EvaluatedGame game) =>
        new() { Index = index, ForwardPasses = passes.Made, SavedPasses = passes.Saved, Notes = game.Notes };

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
    private bool IsReached(int round)
    {
        if (_work.Spec.StandardError is not { } wanted)
        {
            return false;
        }

        if (!_reached.TryGetValue(round, out var reached))
        {
            _reached[round] = reached = BottleneckReport.IsReached(_work, this, round, wanted);
        }

        return reached;
    }
}
