using System.Diagnostics;
using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Networks;

/// <summary>A sample's players with how well the quadrature behind the choice added up.</summary>
/// <param name="Players">The players.</param>
/// <param name="Delta">Sum of the integrated gradients less the change of v from the baseline to the sample.</param>
/// <param name="Note">What the reader of the result should know.</param>
/// <param name="Origin">The cell that computed it (<see cref="CellPasses.Origin"/>).</param>
internal sealed record AttributedPlayers(SamplePlayers Players, double Delta, string Note, string Origin);

/// <summary>
/// Players by attribution: the grid cells with the largest summed |integrated gradients| of the job's first network at the
/// masked tensor, for the v that the job computes. Opens the network on torch when the first sample is asked for; a pure
/// function of the spec, the network and the sample.
/// </summary>
internal sealed class AttributionPlayers(GameSource source, NetworkFile network) : IDisposable
{
    /// <summary>Steps of the quadrature.</summary>
    public const int Steps = 50;

    /// <summary>Forward passes of one sample: a step is a pass with its gradient, which counts as three; v at both ends, and the prediction.</summary>
    public const int PassesOfSample = (3 * Steps) + 2 + 1;

    // Above this share of the change of v, the choice deserves a word.
    private const double WorthSaying = 0.05;

    // Kept behind the attribution: what it misses, and the change it should add up to.
    internal const int Evidence = 2;
    private readonly Dictionary<int, AttributedPlayers> _known = [];
    private DifferentiableModel? _model;
    private RateKeys? _rates;

    // Gives the baseline at the cut, where there is one.
    private GameEvaluator? _cut;

    /// <summary>The players of a sample; computed once, and by no later job again.</summary>
    /// <param name="index">The sample.</param>
    /// <param name="origin">The cell that asks.</param>
    /// <param name="cancellation">Stops what takes long.</param>
    /// <exception cref="ExperimentException">The network cannot be differentiated.</exception>
    public AttributedPlayers Of(int index, string origin, CancellationToken cancellation = default) =>
        _known.TryGetValue(index, out var known) ? known : _known[index] = Choose(index, origin, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _model?.Dispose();
        _cut?.Dispose();
    }

    private AttributedPlayers Choose(int index, string origin, CancellationToken cancellation)
    {
        var sample = source.Sample(index);
        var key = source.Keys.Attribution(network.Key, sample);
        var kept = KeptOutputs.Find(source.Values, key, (source.Games.Cut?.Cells ?? sample.Values.Length) + Evidence);
        if (kept is null)
        {
            var (computed, change) = Compute(index, sample, origin, cancellation);
            IEnumerable<double> values = source.Games.Cut is { } cut ? CutFit.Fold(computed.Values, [.. computed.Shape.Select(side => (int)side)], cut.Shape, network.Name) : computed.Values;
            kept = (origin, [], [.. values, computed.ConvergenceDelta, change]);
            KeptOutputs.Keep(source.Values, key, origin, [], kept.Value.Outputs);
        }

        var outputs = kept.Value.Outputs;
        return new AttributedPlayers(source.Games.Players.Strongest(outputs[..^Evidence]), outputs[^2], NoteOf(index, outputs[^2], outputs[^1]), kept.Value.Origin);
    }

    private (AttributionResult Attribution, double Change) Compute(int index, Sample sample, string origin, CancellationToken cancellation)
    {
        try
        {
            // Opened and averaged outside of what the rates are taken of.
            var atCut = source.Games.Cut is null ? null : (_cut ??= source.Open(network)).BaselineAtCut(sample, origin, null, cancellation);
            var started = Stopwatch.GetTimestamp();
            if (_model is null)
            {
                var (onnx, shape) = (network.Open(), source.Games.Dataset.Summary.SampleShape);
                _model = DifferentiableModel.Open(onnx, shape, source.Spec.Device);
                _rates = RateKeys.Of(onnx, source.Spec, shape);
                source.Rates.Record(_rates.OpenGradients, 1, Stopwatch.GetElapsedTime(started));
                started = Stopwatch.GetTimestamp();
            }

            double[] cells = [.. sample.Values.Select(cell => (double)cell)];
            double[] baseline = [.. (atCut ?? source.Baseline).Select(cell => (double)cell)];
            var target = source.TargetOf(sample, Logits.Predict<double>(_model.Logits(cells)));
            if (target < 0 || target >= _model.Classes)
            {
                throw new ExperimentException($"Sample {index} asks for class {target}, but the model has {_model.Classes} classes.");
            }

            var attribution = _model.IntegratedGradientsFrom(cells, baseline, target, source.Spec.Value!.Type, source.Spec.Cut, Steps, cancellation);
            source.Rates.Record(_rates!.Attribution, 1, Stopwatch.GetElapsedTime(started));
            return (attribution, attribution.VSample - attribution.VBaseline);
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException($"The players of sample {index} cannot be chosen by attribution with the model '{network.Name}': {exception.Message}", exception);
        }
    }

    private static string NoteOf(int index, double delta, double change) =>
        Math.Abs(delta) <= WorthSaying * Math.Abs(change)
            ? "Players were chosen by integrated gradients of 50 Gauss-Legendre steps."
            : string.Create(CultureInfo.InvariantCulture, $"The integrated gradients that chose the players of sample {index} miss the change of v ({change:G3}) by {delta:G2}.");
}
