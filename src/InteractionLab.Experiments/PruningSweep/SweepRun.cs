using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Experiments.Speeds;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.PruningSweep;

/// <summary>One attempt at a sweep: owns the games, the evaluation samples and the networks in use.</summary>
internal sealed class SweepRun : IPipelinedRun
{
    /// <summary>How many cells are begun beyond the oldest that is not done: each holds many games, which are decomposed side by side.</summary>
    public const int MostAhead = 1;

    private readonly SweepLayout _layout;
    private readonly RateMemory _rates;
    private readonly GameSource _source;
    private readonly LabelledRows _rows;
    private readonly StepNetworks _steps;
    private readonly BaseBlocks _base;
    private readonly GameEvaluator[] _networks;
    private readonly SampleFinder _samples;
    private readonly string _solving;
    private readonly string _solvingPairs;
    private (string Sha256, GameEvaluator Network)? _pruned;

    // The rest of the last base cell begun: cells that compare with it wait for it.
    private Task _writing = Task.CompletedTask;

    /// <summary>Opens the datasets.</summary>
    public SweepRun(SweepLayout layout, IJobContext context, RateMemory rates)
    {
        (_layout, _rates) = (layout, rates);
        _source = new GameSource(layout.Games, context, rates);
        _rows = new LabelledRows(layout.Evaluation.Dataset, layout.Spec, context.Values, rates);
        _steps = new StepNetworks(layout, context);
        _networks = [.. layout.Networks.Select(model => _source.Open(NetworkFile.Of(model, layout.Games.Ask)))];
        _samples = new SampleFinder(layout.Games.Samples, _networks[0].IsCorrect, place => BaseOrigin(place / layout.Spec.BlockSize));
        _base = new BaseBlocks(context, BeginBase);
        var keys = RateKeys.Of(NetworkFile.Of(layout.Model, layout.Games.Ask), layout.Spec, layout.Games.Dataset.Summary.SampleShape);
        (_solving, _solvingPairs) = (keys.Solve(layout.Spec.Interactions, layout.Games.PlayerCount), keys.Solve(layout.Spec.Interactions, layout.Games.PlayerCount, joint: true));
    }

    /// <inheritdoc/>
    public int Ahead => MostAhead;

    /// <inheritdoc/>
    public async Task<Task<CellPayload>> BeginCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (kind, step, block) = _layout.CellAt(index);
        if (kind == SweepCellKind.Base)
        {
            var written = await Task.Factory.StartNew(() => _base.BeginAsync(block, progress, cancellation), cancellation, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).ConfigureAwait(false);
            _writing = written;
            return Payload(written, $"model and {_layout.References.Count} references, samples {block + 1} of {_layout.Blocks}");
        }

        var network = await _steps.GetAsync(step, cancellation).ConfigureAwait(false);
        if (kind == SweepCellKind.Evaluation)
        {
            return await CellStart.Run(() => Task.FromResult(Evaluate(network, step, block, progress, cancellation)), cancellation).ConfigureAwait(false);
        }

        await _writing.ConfigureAwait(false);
        var unpruned = await Task.Run(() => _base.ReadAsync(block, cancellation), cancellation).ConfigureAwait(false);
        return await CellStart.Run(() => BeginPruned(network, unpruned, step, block, progress, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var network in _networks)
        {
            network.Dispose();
        }

        _pruned?.Network.Dispose();
        _rows.Dispose();
        _source.Dispose();
        return ValueTask.CompletedTask;
    }

    private string BaseOrigin(int block) => _source.OriginOf(SweepLayout.BaseKey(block));

    private static async Task<CellPayload> Payload(Task<byte[]> bytes, string message) => new(await bytes.ConfigureAwait(false), message);

    /// <summary>Plays the games of a base cell; the task decomposes them and gives the cell's bytes.</summary>
    private Task<byte[]> BeginBase(int block, IProgress<double>? progress, CancellationToken cancellation)
    {
        var passes = new CellPasses(BaseOrigin(block));
        var arrays = new SweepArrays();
        var notes = new SortedSet<string>(StringComparer.Ordinal);
        var samples = new List<Task<BaseSample>>();
        var places = _layout.Places(block).ToArray();
        for (var k = 0; k < places.Length; k++)
        {
            var index = _samples.Find(places[k], passes, cancellation);
            var share = progress is null ? null : new ShareOfProgress(progress, 1.0 / places.Length, (double)k / places.Length);
            samples.Add(index is { } found ? BeginBase(found, k, passes, arrays, notes, share, cancellation) : Task.FromResult(BaseSample.Absent));
        }

        return EndBaseAsync();

        async Task<byte[]> EndBaseAsync()
        {
            var solved = await Task.WhenAll(samples).ConfigureAwait(false);
            return new SweepCell<BaseBlock>(new BaseBlock(passes.Made, passes.Saved, [.. notes], solved), arrays).ToBytes();
        }
    }

    private Task<BaseSample> BeginBase(int index, int place, CellPasses passes, SweepArrays arrays, SortedSet<string> notes, ShareOfProgress? progress, CancellationToken cancellation)
    {
        _source.ChoosePlayers(index, passes, cancellation);
        var sample = _source.Sample(index);
        var predictions = new int[_networks.Length];
        var decompositions = new Task<Evidence?>[_networks.Length];
        var target = 0;
        for (var m = 0; m < _networks.Length; m++)
        {
            // A model named twice plays once.
            if (_layout.SameAs(_networks[m].Sha256) is { } same && same < m)
            {
                predictions[m] = predictions[same];
                arrays.AddValues(place, m, arrays.V(place, same));
            }
            else
            {
                predictions[m] = _networks[m].Predict(index, passes);
                target = m == 0 ? _source.TargetOf(sample, predictions[0]) : target;
                var share = progress is null ? null : new ShareOfProgress(progress, 1.0 / _networks.Length, (double)m / _networks.Length);
                var game = _networks[m].Evaluate(index, target, passes, share, cancellation);
                notes.UnionWith(game.Notes);
                arrays.AddValues(place, m, game.V);
            }

            var (network, v) = (m, arrays.V(place, m));
            decompositions[m] = m > 0 || _layout.Spec.Decomposition == DecompositionKind.Separate
                ? SolverThreads.Run<Evidence?>(() => Evidence.Of(arrays.AddDecomposition(place, network, Solve(index, v, cancellation))), cancellation)
                : Task.FromResult<Evidence?>(null);
        }

        var players = _source.PlayersOf(index).Players;
        return EndAsync();

        async Task<BaseSample> EndAsync() => new(index, sample.Label, target, players, predictions, await Task.WhenAll(decompositions).ConfigureAwait(false));
    }

    /// <summary>Plays the games of a pruned network; the task decomposes them.</summary>
    private Task<CellPayload> BeginPruned(StepNetwork network, SweepCell<BaseBlock> unpruned, int step, int block, IProgress<double>? progress, CancellationToken cancellation)
    {
        var ratio = _layout.Steps[step].Ratio;
        var passes = new CellPasses(_source.OriginOf(_layout.Keys()[_layout.PrunedCell(step, block)]));
        var notes = new SortedSet<string>(StringComparer.Ordinal);
        var arrays = new SweepArrays();
        var samples = new List<Task<PrunedSample?>>();
        var count = unpruned.Header.Samples.Count;
        for (var k = 0; k < count; k++)
        {
            var share = progress is null ? null : new ShareOfProgress(progress, 1.0 / count, (double)k / count);
            samples.Add(unpruned.Header.Samples[k].IsAbsent ? Task.FromResult<PrunedSample?>(null) : BeginPruned(network, unpruned, k, passes, arrays, notes, share, cancellation));
        }

        return EndPrunedAsync();

        async Task<CellPayload> EndPrunedAsync()
        {
            var solved = await Task.WhenAll(samples).ConfigureAwait(false);
            var header = new PrunedBlock(passes.Made, passes.Saved, [.. notes], network.Achieved, network.Parameters, network.File.Sha256, network.Model, solved);
            var message = string.Create(CultureInfo.InvariantCulture, $"ratio {ratio:0.####} ({network.Achieved:0.####} reached), samples {block + 1} of {_layout.Blocks}");
            return new CellPayload(new SweepCell<PrunedBlock>(header, arrays).ToBytes(), message);
        }
    }

    private Task<PrunedSample?> BeginPruned(StepNetwork network, SweepCell<BaseBlock> unpruned, int k, CellPasses passes, SweepArrays arrays, SortedSet<string> notes, ShareOfProgress? progress, CancellationToken cancellation)
    {
        var sample = unpruned.Header.Samples[k];
        int prediction;
        double[] v;
        if (network.Same is { } same)
        {
            (prediction, v) = (sample.Predictions[same], unpruned.Arrays.V(k, same));
        }
        else
        {
            var evaluator = Evaluator(network.File);
            prediction = evaluator.Predict(sample.Index, passes);
            var game = evaluator.Evaluate(sample.Index, sample.Target, passes, progress, cancellation);
            notes.UnionWith(game.Notes);
            v = game.V;
        }

        arrays.AddValues(k, SweepArrays.Pruned, v);
        var original = unpruned.Arrays.V(k, 0);
        return SolverThreads.Run<PrunedSample?>(() => Decompose(sample.Index, k, prediction, original, v, arrays, cancellation), cancellation);
    }

    private PrunedSample Decompose(int index, int k, int prediction, double[] original, double[] v, SweepArrays arrays, CancellationToken cancellation)
    {
        if (_layout.Spec.Decomposition == DecompositionKind.Separate)
        {
            var alone = arrays.AddDecomposition(k, SweepArrays.Pruned, Solve(index, v, cancellation));
            return new PrunedSample(index, prediction, null, Evidence.Of(alone), null, alone.Converged);
        }

        var pair = SolveJoint(index, original, v, cancellation);
        arrays.AddDecomposition(k, 0, pair.First);
        arrays.AddDecomposition(k, SweepArrays.Pruned, pair.Second);
        return new PrunedSample(index, prediction, Evidence.Of(pair.First), Evidence.Of(pair.Second), pair.Gap, pair.Converged);
    }

    private CellPayload Evaluate(StepNetwork network, int step, int block, IProgress<double>? progress, CancellationToken cancellation)
    {
        var indices = _layout.Evaluation.Indices.Skip(block * SweepLayout.EvaluationBlock).Take(SweepLayout.EvaluationBlock).ToArray();
        var passes = new CellPasses(_source.OriginOf(_layout.Keys()[_layout.EvaluationCell(step, block)]));
        var score = _rows.Score(network.File, indices, passes, progress, cancellation);
        var message = string.Create(CultureInfo.InvariantCulture, $"ratio {_layout.Steps[step].Ratio:0.####}: {score.Correct} of {indices.Length} correct");
        return new CellPayload(CellFile.Write(new EvaluationCell(passes.Made, passes.Saved, score.Correct, score.Loss)), message);
    }

    private GameEvaluator Evaluator(NetworkFile file)
    {
        if (_pruned is { } open && open.Sha256 == file.Sha256)
        {
            return open.Network;
        }

        _pruned?.Network.Dispose();
        var network = _source.Open(file);
        _pruned = (file.Sha256, network);
        return network;
    }

    private Decomposition Solve(int index, double[] v, CancellationToken cancellation) =>
        Timed(index, _solving, () => AndOrSolver.Solve(v, _layout.Spec.Interactions.Options, cancellation));

    private JointDecomposition SolveJoint(int index, double[] v, double[] pruned, CancellationToken cancellation)
    {
        var pair = Timed(index, _solvingPairs, () => AndOrSolver.SolveJoint(v, pruned, _layout.Spec.Interactions.Options, cancellation));

        // Guarantee: equal games have equal interactions. The program is symmetric in the two; so is its solver but for rounding.
        return v.AsSpan().SequenceEqual(pruned) ? pair with { Second = pair.First } : pair;
    }

    private T Timed<T>(int index, string rate, Func<T> solve)
    {
        try
        {
            return SolverWork.Timed(_rates, rate, 1, solve);
        }
        catch (InvalidGameException exception)
        {
            throw new ExperimentException($"Sample {index}: {exception.Message}", exception);
        }
    }
}
