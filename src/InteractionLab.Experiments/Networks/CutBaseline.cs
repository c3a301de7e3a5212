using InteractionLab.Experiments.Common;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Masking;

namespace InteractionLab.Experiments.Networks;

/// <summary>
/// What absent cells become in the cut tensor of one network. The mean over the dataset takes a pass of the head for each of
/// its samples; it is kept beside the outputs, so no job computes it twice.
/// </summary>
internal sealed class CutBaseline(GameSource source, NetworkFile network)
{
    private float[]? _shared;

    /// <summary>The baseline of a sample: as many numbers as the cut tensor has cells.</summary>
    /// <param name="session">The network, cut.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="origin">The cell that asks.</param>
    /// <param name="progress">Share done, 0..1, where there is much to do.</param>
    /// <param name="cancellation">Stops the mean; nothing of it is kept then.</param>
    /// <exception cref="Models.Onnx.ModelRejectedException">The network failed to run.</exception>
    public float[] Of(MaskedModel session, Sample sample, string origin, IProgress<double>? progress, CancellationToken cancellation) => source.Spec.Baseline!.Type switch
    {
        BaselineKind.DatasetMean => _shared ??= Mean(session, origin, progress, cancellation),
        BaselineKind.Constant => _shared ??= Constant(session.MaskedShape),
        BaselineKind.Token => session.Feature(Replaced(sample)),
        BaselineKind.SampleMean => SampleMean(session, sample),
        _ => _shared ??= new float[Cells(session)],
    };

    private static int Cells(MaskedModel session) => new MaskedSpace(session.MaskedShape).Cells;

    private float[] Mean(MaskedModel session, string origin, IProgress<double>? progress, CancellationToken cancellation)
    {
        var key = source.Keys.CutMean(network.Key);
        if (KeptOutputs.Find(source.Values, key, Cells(session)) is { } kept)
        {
            return [.. kept.Outputs.Select(cell => (float)cell)];
        }

        using var dataset = DatasetReader.Open(source.Games.BaselineDataset.Folder);
        var mean = session.MeanFeature(dataset.Summary.Count, index => dataset.Get(index).Values, progress, cancellation);

        // From here every other attempt finds it.
        KeptOutputs.Keep(source.Values, key, origin, [], [.. mean.Select(cell => (double)cell)]);
        return mean;
    }

    private float[] Constant(IReadOnlyList<int> shape)
    {
        var value = source.Spec.Baseline!.Value!;
        var axis = BaselineSpec.ChannelAxis(shape);
        var inner = shape.Skip(axis + 1).Aggregate(1, (product, side) => product * side);
        if (value.Count != 1 && value.Count != shape[axis])
        {
            throw new ExperimentException($"The baseline has {value.Count} numbers, and the cut tensor of the network '{network.Name}' {shape[axis]} channels.");
        }

        return [.. Enumerable.Range(0, new MaskedSpace(shape).Cells).Select(cell => (float)value[value.Count == 1 ? 0 : cell / inner % shape[axis]])];
    }

    /// <summary>The text with every word but the padding replaced by the baseline's token.</summary>
    private float[] Replaced(Sample sample)
    {
        var (token, pad) = ((float)source.Spec.Baseline!.Value![0], source.Games.Dataset.Summary.Vocabulary!.Pad);
        return [.. sample.Values.Select(id => (int)id == pad ? id : token)];
    }

    /// <summary>In each channel the mean over the sample's positions: of a text those that are words, of a picture without a class token.</summary>
    private float[] SampleMean(MaskedModel session, Sample sample)
    {
        var shape = session.MaskedShape;
        var feature = session.Feature(sample.Values);
        var axis = BaselineSpec.ChannelAxis(shape);
        var inner = shape.Skip(axis + 1).Aggregate(1, (product, side) => product * side);
        var counted = Counted(shape, sample, inner);
        var (sums, counts) = (new double[shape[axis]], new int[shape[axis]]);
        for (var cell = 0; cell < feature.Length; cell++)
        {
            var channel = cell / inner % shape[axis];
            sums[channel] += counted[cell] ? feature[cell] : 0;
            counts[channel] += counted[cell] ? 1 : 0;
        }

        return [.. Enumerable.Range(0, feature.Length).Select(cell => cell / inner % shape[axis]).Select(channel => (float)(sums[channel] / Math.Max(1, counts[channel])))];
    }

    private bool[] Counted(IReadOnlyList<int> shape, Sample sample, int inner)
    {
        var space = new MaskedSpace(shape, source.Games.Dataset.Summary.SampleShape);
        if (shape.Count == 2 && source.Games.Dataset.Summary.Vocabulary is { } vocabulary && shape[0] == sample.Values.Length)
        {
            return [.. Enumerable.Range(0, space.Cells).Select(cell => (int)sample.Values[cell / (inner * shape[1])] != vocabulary.Pad)];
        }

        var places = space.Picture()?.PlaceOf;
        return [.. Enumerable.Range(0, space.Cells).Select(cell => places is null || places[cell] >= 0)];
    }
}
