using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Cells;
using InteractionLab.Experiments.Common;
using InteractionLab.Interactions;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Experiments.MaskedSamples;

/// <summary>One attempt at a masked-samples job: owns the session and the dataset.</summary>
internal sealed class MaskedSamplesRun : IExperimentRun
{
    // How a sample's progress divides between the network and the solver.
    private const double NetworkShare = 0.9;
    private readonly MaskedSamplesSpec _spec;
    private readonly string _sha256;
    private readonly SamplePlan _samples;
    private readonly PlayerPlan _players;
    private readonly MaskedModel _network;
    private readonly IDataset _dataset;
    private readonly RateMemory _rates;
    private readonly float[] _baseline;
    private readonly CorrectSamples? _correct;

    /// <summary>Takes over the network and the dataset.</summary>
    public MaskedSamplesRun(
        MaskedSamplesSpec spec, string sha256, IReadOnlyList<int> shape, SamplePlan samples, PlayerPlan players, MaskedModel network, IDataset dataset, RateMemory rates)
    {
        (_spec, _sha256, _samples, _players, _network, _dataset, _rates) = (spec, sha256, samples, players, network, dataset, rates);
        _baseline = spec.Baseline!.Of(shape, () => dataset.Mean);
        _correct = samples.Indices is null ? new CorrectSamples(samples.Pools, IsCorrect) : null;
        if (spec.Value!.Target is { Number: { } target } && target >= network.Classes)
        {
            throw new ExperimentException($"The target is class {target}, but the model has {network.Classes} classes.");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => _network.Notes;

    /// <inheritdoc/>
    public Task<CellPayload> RunCellAsync(int index, IProgress<double>? progress, CancellationToken cancellation) =>
        Task.Run(() => Named(() => RunCell(index, progress, cancellation)), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _network.Dispose();
        _dataset.Dispose();
        return ValueTask.CompletedTask;
    }

    private CellPayload RunCell(int cell, IProgress<double>? progress, CancellationToken cancellation)
    {
        var index = _samples.Indices is { } indices ? indices[cell] : _correct!.Find(cell, cancellation);
        if (index is null)
        {
            return new CellPayload(GameCell.AbsentBytes(), "no further correctly classified sample");
        }

        var sample = _dataset.Get(index.Value);
        var prediction = Predict(sample);
        var target = TargetOf(sample, prediction);
        var players = _players.For(sample.Index);
        var v = Evaluate(sample, players.Layout, target, progress, cancellation);
        var started = Stopwatch.GetTimestamp();
        var decomposition = AndOrSolver.Solve(v, _spec.Interactions.Options, cancellation);
        _rates.Record(RateKeys.Solve(_spec.Interactions, _players.Count), 1, Stopwatch.GetElapsedTime(started));
        progress?.Report(1);
        var header = new GameHeader { Index = sample.Index, Label = sample.Label, Prediction = prediction, Target = target, Players = players.Players, RunNotes = Notes };
        var message = string.Create(CultureInfo.InvariantCulture, $"sample {sample.Index}: class {target}, v {v[0]:G4} to {v[^1]:G4}, gap {decomposition.Gap:G2}");
        return new CellPayload(GameCell.ToBytes(header, v, decomposition), message);
    }

    private double[] Evaluate(Sample sample, PlayerLayout layout, int target, IProgress<double>? progress, CancellationToken cancellation)
    {
        var masks = new uint[1 << layout.Players];
        for (var mask = 0; mask < masks.Length; mask++)
        {
            masks[mask] = (uint)mask;
        }

        var v = new double[masks.Length];
        var started = Stopwatch.GetTimestamp();
        var share = progress is null ? null : new Share(progress, NetworkShare);
        _network.Evaluate(sample.Values, _baseline, layout, target, masks, v, share, cancellation);
        _rates.Record(RateKeys.Rows(_spec, _sha256), v.Length, Stopwatch.GetElapsedTime(started));
        var bad = Array.FindIndex(v, value => !double.IsFinite(value));
        return bad < 0
            ? v
            : throw new ExperimentException($"The network's output for sample {sample.Index} under mask {bad} is no finite number: its interactions are undefined.");
    }

    private int Predict(Sample sample)
    {
        var logits = _network.Logits(sample.Values);
        var best = 0;
        for (var k = 1; k < logits.Length; k++)
        {
            best = logits[k] > logits[best] ? k : best;
        }

        return best;
    }

    private bool IsCorrect(int index)
    {
        var sample = _dataset.Get(index);
        return Predict(sample) == sample.Label;
    }

    private int TargetOf(Sample sample, int prediction)
    {
        var target = _spec.Value!.Target!.Value;
        var y = target.Number ?? (target.Word == ValueSpec.Predicted ? prediction : sample.Label
            ?? throw new ExperimentException($"Sample {sample.Index} has no label."));

        // Known before the job where the graph says how many classes it has; found out here where it does not.
        return y >= 0 && y < _network.Classes ? y : throw new ExperimentException($"Sample {sample.Index} has label {y}, outside the model's {_network.Classes} classes.");
    }

    private static CellPayload Named(Func<CellPayload> compute)
    {
        try
        {
            return compute();
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException(exception.Message, exception);
        }
    }

    private sealed class Share(IProgress<double> whole, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(value * share);
    }
}
