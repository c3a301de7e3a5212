namespace InteractionLab.Models.Datasets;

/// <summary>One sample, ready for the network.</summary>
/// <param name="Index">Position in the dataset.</param>
/// <param name="Label">Class, null where there is none.</param>
/// <param name="Values">Normalised values, row-major, of <see cref="DatasetSummary.SampleShape"/>; of text the token ids, which single precision holds exactly.</param>
public sealed record Sample(int Index, int? Label, float[] Values);

/// <summary>An opened dataset. Reading is safe from several threads.</summary>
public interface IDataset : IDisposable
{
    /// <summary>What it is.</summary>
    DatasetSummary Summary { get; }

    /// <summary>Sample <paramref name="index"/>, normalised.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such sample.</exception>
    /// <exception cref="InvalidOperationException">The dataset holds games.</exception>
    Sample Get(int index);

    /// <summary>Labels of all samples without their values; null where there are none.</summary>
    IReadOnlyList<int>? Labels { get; }

    /// <summary>The words of text by token id; null for other kinds.</summary>
    IReadOnlyList<string>? Words { get; }

    /// <summary>Mean of every cell over the dataset, after normalisation: the <c>dataset-mean</c> baseline, shape of one sample; empty for text and games.</summary>
    float[] Mean { get; }

    /// <summary>The sample as it was uploaded, as a PNG; null unless the kind is image.</summary>
    /// <remarks>
    /// Eight-bit pixels are shown without loss. Pixels uploaded as numbers are drawn on the scale 0..1 or 0..255 if the
    /// whole dataset lies in it, else between its extremes. Neither one nor three channels: the first is shown.
    /// </remarks>
    byte[]? Png(int index);

    /// <summary>The 2^n values of game <paramref name="index"/>; only for <see cref="SampleKind.Games"/>.</summary>
    double[] Game(int index);
}
