using System.Globalization;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Gradients;

namespace InteractionLab.Experiments.Networks;

/// <summary>A sample's players with how well the quadrature behind the choice added up.</summary>
/// <param name="Players">The players.</param>
/// <param name="Delta">Sum of the integrated gradients less the change of v from the baseline to the sample.</param>
/// <param name="Note">What the reader of the result should know.</param>
internal sealed record AttributedPlayers(SamplePlayers Players, double Delta, string Note);

/// <summary>
/// Players by attribution: the grid cells with the largest summed |integrated gradients| of the job's first network at the
/// masked tensor, for the v that the job computes. Opens the network on torch when the first sample is asked for; a pure
/// function of the spec, the network and the sample.
/// </summary>
internal sealed class AttributionPlayers(GameSource source, NetworkFile network) : IDisposable
{
    // Above this share of the change of v, the choice deserves a word.
    private const double WorthSaying = 0.05;
    private readonly Dictionary<int, AttributedPlayers> _known = [];
    private DifferentiableModel? _model;

    /// <summary>The players of a sample; computed once.</summary>
    /// <exception cref="ExperimentException">The network cannot be differentiated.</exception>
    public AttributedPlayers Of(int index) => _known.TryGetValue(index, out var known) ? known : _known[index] = Choose(index);

    /// <inheritdoc/>
    public void Dispose() => _model?.Dispose();

    private AttributedPlayers Choose(int index)
    {
        try
        {
            _model ??= DifferentiableModel.Open(OnnxModel.Load(network.Read()), source.Games.Dataset.Summary.SampleShape, source.Spec.Device);
            var sample = source.Sample(index);
            double[] cells = [.. sample.Values.Select(cell => (double)cell)];
            double[] baseline = [.. source.Baseline.Select(cell => (double)cell)];
            var target = source.TargetOf(sample, Logits.Predict<double>(_model.Logits(cells)));
            if (target < 0 || target >= _model.Classes)
            {
                throw new ExperimentException($"Sample {index} asks for class {target}, but the model has {_model.Classes} classes.");
            }

            var attribution = _model.IntegratedGradients(cells, baseline, target, source.Spec.Value!.Type);
            return new AttributedPlayers(source.Games.Players.Strongest(attribution.Values), attribution.ConvergenceDelta, NoteOf(index, attribution));
        }
        catch (ModelRejectedException exception)
        {
            throw new ExperimentException($"The players of sample {index} cannot be chosen by attribution with the model '{network.Name}': {exception.Message}", exception);
        }
    }

    private static string NoteOf(int index, AttributionResult attribution)
    {
        var change = Math.Abs(attribution.VSample - attribution.VBaseline);
        return Math.Abs(attribution.ConvergenceDelta) <= WorthSaying * change
            ? "Players were chosen by integrated gradients of 50 Gauss-Legendre steps."
            : string.Create(CultureInfo.InvariantCulture, $"The integrated gradients that chose the players of sample {index} miss the change of v ({attribution.VSample - attribution.VBaseline:G3}) by {attribution.ConvergenceDelta:G2}.");
    }
}
