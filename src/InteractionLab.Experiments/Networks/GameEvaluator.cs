using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Execution;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.Networks;

/// <summary>A game that a network played.</summary>
/// <param name="V">v(S) by mask, 2^n finite values.</param>
/// <param name="Notes">How the run differs from what was asked (device, batch dimension).</param>
internal sealed record EvaluatedGame(double[] V, IReadOnlyList<string> Notes);

/// <summary>
/// One network on the games of a job: outputs come from the cache where somebody left them, else from a session that is
/// opened then. For one thread at a time, beside the evaluations it has begun; owns the session.
/// </summary>
internal sealed class GameEvaluator(GameSource source, NetworkFile network) : IDisposable
{
    // How a cell's progress divides between the mean at a cut and the masks.
    private const double MeanShare = 0.3;
    private readonly Dictionary<int, float[]> _logits = [];
    private readonly Lock _timing = new();
    private MaskedModel? _session;
    private int _rowsAtFirst;
    private RateKeys? _rates;
    private CutBaseline? _cutBaseline;
    private long _lastEnd;

    /// <summary>SHA-256 of the network's file.</summary>
    public string Sha256 => network.Sha256;

    /// <summary>Logits of an unmasked sample; counted once.</summary>
    /// <exception cref="ExperimentException">The network cannot be masked or fails to run.</exception>
    public float[] Logits(int index, CellPasses passes) => Logits(source.Sample(index), passes);

    /// <summary>The class predicted for an unmasked sample: the largest logit, the first of equal ones.</summary>
    public int Predict(int index, CellPasses passes) => Networks.Logits.Predict<float>(Logits(index, passes));

    /// <summary>Whether the class predicted is the label (<see cref="Logits.AreCorrect"/>).</summary>
    public bool IsCorrect(int index, CellPasses passes) => source.Sample(index) is { Label: { } label } sample && Networks.Logits.AreCorrect(Logits(sample, passes), label);

    /// <summary>v over all masks of a sample.</summary>
    /// <param name="index">The sample.</param>
    /// <param name="target">The class y (<see cref="GameSource.TargetOf"/>).</param>
    /// <param name="passes">Counts the rows.</param>
    /// <param name="progress">Share done, 0..1.</param>
    /// <param name="cancellation">Stops the run in progress; nothing of it is kept.</param>
    /// <exception cref="ExperimentException">The network cannot be masked, fails to run, has no such class, or gives no finite number.</exception>
    public EvaluatedGame Evaluate(int index, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation) =>
        Begin(AllMasks(index, target, cancellation), target, passes, passes, progress, cancellation).Run();

    /// <summary>
    /// Begins to compute v over all masks of a sample; otherwise as <see cref="Evaluate(int, int, CellPasses, IProgress{double}?, CancellationToken)"/>.
    /// What looks at the dataset and into the cache, and the baseline, is over when this returns; the masks are run meanwhile, after
    /// those of evaluations begun before. <paramref name="passes"/> is the evaluation's until it has ended.
    /// </summary>
    public Task<EvaluatedGame> EvaluateAsync(int index, int target, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var begun = Begin(AllMasks(index, target, cancellation), target, passes, passes, progress, cancellation);
        return begun.Kept is { } kept ? Task.FromResult(kept) : OwnThread.Run(begun.Run, cancellation);
    }

    /// <summary>
    /// v of the masks of a list, in its order; otherwise as over all masks. The row that shows how many classes there are
    /// is not counted: <see cref="Logits(int, CellPasses)"/> does that for whoever owns it.
    /// </summary>
    public EvaluatedGame Evaluate(int index, int target, MaskList masks, CellPasses passes, IProgress<double>? progress, CancellationToken cancellation)
    {
        var layout = source.PlayersOf(index).Layout;
        var sample = source.Sample(index);
        var work = new Work(sample, layout, masks.Count, rows => source.Keys.Masks(network.Key, sample, layout, target, masks, rows), Listed);
        return Begin(work, target, passes, new CellPasses(passes.Origin), progress, cancellation).Run();

        int Listed(MaskedModel session, Masking masking, double[] v) =>
            session.Evaluate(sample.Values, masking.Baseline, masking.Layout, target, masks, v, masking.Progress, cancellation);
    }

    /// <summary>What absent cells of the cut tensor become for a sample, where there is a cut.</summary>
    /// <exception cref="ExperimentException">The network cannot be cut or fails to run.</exception>
    public float[] BaselineAtCut(Sample sample, string origin, IProgress<double>? progress, CancellationToken cancellation)
    {
        float[] baseline = [];
        var session = Session();
        Named(() => baseline = (_cutBaseline ??= new CutBaseline(source, network)).Of(session, sample, origin, progress, cancellation));
        return baseline;
    }

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private Work AllMasks(int index, int target, CancellationToken cancellation)
    {
        var layout = source.PlayersOf(index).Layout;
        var sample = source.Sample(index);
        return new Work(sample, layout, 1 << layout.Players, rows => source.Keys.Table(network.Key, sample, layout, target, rows), All);

        int All(MaskedModel session, Masking masking, double[] v)
        {
            var masks = new uint[v.Length];
            for (var mask = 0; mask < masks.Length; mask++)
            {
                masks[mask] = (uint)mask;
            }

            return session.Evaluate(sample.Values, masking.Baseline, masking.Layout, target, masks, v, masking.Progress, cancellation);
        }
    }

    /// <summary>The part of an evaluation that is for one thread at a time; what it leaves to be run is not.</summary>
    private Begun Begin(Work work, int target, CellPasses passes, CellPasses unmasked, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var classes = Logits(work.Sample, unmasked).Length;
        if (target < 0 || target >= classes)
        {
            // Known before the job where the graph says how many classes it has; found out here where it does not.
            throw new ExperimentException(source.Spec.Value!.Target!.Value.Number is null
                ? $"Sample {work.Sample.Index} has label {target}, outside the model's {classes} classes."
                : $"The target is class {target}, but the model has {classes} classes.");
        }

        IReadOnlyList<string> device = NetworkDevice.Note(source.Spec.Device, source.Spec.Executor.Runs()) is { } note ? [note] : [];
        IReadOnlyList<string> players = source.AttributionOf(work.Sample.Index) is { } attribution ? [attribution.Note] : [];
        if (KeptOutputs.Find(source.Values, work.Key(Rows()), work.Length) is { } kept)
        {
            passes.Count(kept.Outputs.Length, kept.Origin);
            progress?.Report(1);
            var game = new EvaluatedGame(kept.Outputs, [.. device, .. players, .. kept.Notes]);
            return new Begun(() => game, game);
        }

        var session = Session();
        var masking = MaskingOf(session, work, passes.Origin, progress, cancellation);
        return new Begun(() =>
        {
            var (v, ran) = Run(session, work, masking);
            var notes = session.Notes.Except(device).ToArray();
            KeptOutputs.Keep(source.Values, work.Key(Rows(ran)), passes.Origin, notes, v);
            passes.Count(v.Length, passes.Origin);
            return new EvaluatedGame(v, [.. device, .. players, .. notes]);
        });
    }

    private (double[] V, int Rows) Run(MaskedModel session, Work work, Masking masking)
    {
        var v = new double[work.Length];
        var ran = 0;
        var started = Stopwatch.GetTimestamp();
        Named(() => ran = work.Run(session, masking, v));
        source.Rates.Record(_rates!.Rows, v.Length, Alone(started));
        var bad = Array.FindIndex(v, value => !double.IsFinite(value));
        return bad < 0
            ? (v, ran)
            : throw new ExperimentException($"The network's output for sample {work.Sample.Index} under mask {bad} is no finite number: its interactions are undefined.");
    }

    /// <summary>What an evaluation that ends now took, without the time in which it stood behind one begun before.</summary>
    private TimeSpan Alone(long started)
    {
        lock (_timing)
        {
            var elapsed = Stopwatch.GetElapsedTime(Math.Max(started, _lastEnd));
            _lastEnd = Stopwatch.GetTimestamp();
            return elapsed;
        }
    }

    /// <summary>At a cut the baseline is the network's own, and so is the number of channels that the players' places have.</summary>
    private Masking MaskingOf(MaskedModel session, Work work, string origin, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (source.Games.Cut is not { } cut)
        {
            return new Masking(source.Baseline, work.Layout, progress);
        }

        // A mean over the dataset takes long once; its part of the progress is passed over where it is there already.
        var first = progress is null ? null : new ShareOfProgress(progress, MeanShare);
        var baseline = BaselineAtCut(work.Sample, origin, first, cancellation);
        return new Masking(baseline, CutFit.Onto(work.Layout, cut.Shape, session.MaskedShape, network.Name), progress is null ? null : new ShareOfProgress(progress, 1 - MeanShare, MeanShare));
    }

    private float[] Logits(Sample sample, CellPasses passes)
    {
        if (_logits.TryGetValue(sample.Index, out var known))
        {
            return known;
        }

        var key = source.Keys.Logits(network.Key, sample);
        var kept = KeptOutputs.Find(source.Values, key, length: null);
        var logits = kept is { } found ? [.. found.Outputs.Select(logit => (float)logit)] : Run(sample);
        if (kept is null)
        {
            KeptOutputs.Keep(source.Values, key, passes.Origin, [], [.. logits.Select(logit => (double)logit)]);
        }

        passes.Count(1, kept?.Origin ?? passes.Origin);
        return _logits[sample.Index] = logits;
    }

    private float[] Run(Sample sample)
    {
        var session = Session();
        float[] logits = [];
        var started = Stopwatch.GetTimestamp();
        Named(() => logits = session.Logits(sample.Values));
        source.Rates.Record(_rates!.Single, 1, Stopwatch.GetElapsedTime(started));
        return logits;
    }

    /// <summary>
    /// How many rows run at once: the last bits depend on it, so the name of outputs says it. Opens nothing where the lab remembers.
    /// </summary>
    /// <param name="ran">With how many rows outputs were computed; null before they are.</param>
    private string Rows(int? ran = null)
    {
        if (source.Spec.Batch.Number is null && source.Speed is null)
        {
            return source.Spec.Batch.Word!;
        }

        // Where memory ran out, fewer ran at once than were asked for.
        var now = ran ?? _session?.BatchSize;
        var lowered = now != _rowsAtFirst ? now : null;
        var rows = lowered ?? source.Spec.Batch.Number ?? now ?? source.RememberedRows(network) ?? Session().BatchSize;
        return rows.ToString(CultureInfo.InvariantCulture);
    }

    private MaskedModel Session()
    {
        if (_session is not null)
        {
            return _session;
        }

        try
        {
            var started = Stopwatch.GetTimestamp();
            var (model, shape) = (network.Open(), source.Games.Dataset.Summary.SampleShape);
            _session = MaskedModel.Build(model, shape, NetworkWork.OptionsOf(source.Spec, source.Speed));
            _rowsAtFirst = _session.BatchSize;
            _rates = RateKeys.Of(model, source.Spec, shape);
            source.Rates.Record(_rates.Open, 1, Stopwatch.GetElapsedTime(started));
            return _session;
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException($"The model '{network.Name}' cannot be masked: {exception.Message}", exception);
        }
    }

    private static void Named(Action run)
    {
        try
        {
            run();
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException(exception.Message, exception);
        }
    }

    /// <summary>Outputs to be had: of which sample and players, how many there are, their name in the cache where so many rows run at once, and how to compute them, which says with how many rows it did.</summary>
    private sealed record Work(Sample Sample, PlayerLayout Layout, int Length, Func<string, string> Key, Func<MaskedModel, Masking, double[], int> Run);

    /// <summary>An evaluation begun: what gives its outputs, and these where they were kept, so that nothing is left to run.</summary>
    private sealed record Begun(Func<EvaluatedGame> Run, EvaluatedGame? Kept = null);

    /// <summary>What a sample's absent cells become, and whose cells they are, in this network's tensor.</summary>
    private sealed record Masking(float[] Baseline, PlayerLayout Layout, IProgress<double>? Progress);
}
