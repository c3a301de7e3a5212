using System.Text.Json;

namespace InteractionLab.Models.Datasets;

/// <summary>What the samples of a dataset are.</summary>
public enum SampleKind
{
    /// <summary>Pixels [channels, height, width].</summary>
    Image,

    /// <summary>Columns [d].</summary>
    Tabular,

    /// <summary>Tokens.</summary>
    Text,

    /// <summary>Tables of 2^n outputs computed elsewhere, for the <c>games</c> experiment: [2^n] doubles.</summary>
    Games,
}

/// <summary>What the lab says of a dataset.</summary>
/// <param name="Kind">Image, tabular, text or games.</param>
/// <param name="Format">The format it was uploaded in.</param>
/// <param name="Count">Samples.</param>
/// <param name="SampleShape">Shape of one sample as the network takes it, without the batch dimension.</param>
/// <param name="Classes">Number of classes, 0 where there are no labels.</param>
/// <param name="ClassNames">Names by class where the upload had them.</param>
/// <param name="ColumnNames">Names by column, tabular only.</param>
/// <param name="Options">The options of the upload with defaults filled in.</param>
public sealed record DatasetSummary(SampleKind Kind, string Format, int Count, IReadOnlyList<int> SampleShape, int Classes, IReadOnlyList<string>? ClassNames, IReadOnlyList<string>? ColumnNames, JsonElement Options);

/// <summary>A dataset upload was refused; <see cref="Field"/> is the form field at fault (<c>files</c>, <c>format</c>, <c>options.mean</c>).</summary>
public sealed class DatasetRejectedException(string field, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The form field at fault.</summary>
    public string Field { get; } = field;
}

/// <summary>A file of an upload, already on disk under a name of our choosing; <paramref name="FileName"/> is only a label.</summary>
public sealed record UploadedFile(string FileName, string Path, long Length);

/// <summary>Bounds on what an upload may unpack to.</summary>
public sealed record ImportLimits
{
    /// <summary>The most entries of a zip.</summary>
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>The most bytes all entries of a zip, or the decoded samples, may take.</summary>
    public long MaxUnpackedBytes { get; init; } = 8L << 30;

    /// <summary>The most pixels of one picture.</summary>
    public long MaxPixels { get; init; } = 64L << 20;
}

/// <summary>Turns uploads of every format into the one stored form.</summary>
public static class DatasetImporter
{
    /// <summary>The formats, by their name in the API.</summary>
    public static IReadOnlyList<string> Formats => throw new NotImplementedException();

    /// <summary>Reads the files and writes the dataset into <paramref name="folder"/>, which exists and is empty.</summary>
    /// <exception cref="DatasetRejectedException">The upload is refused, with the field at fault and the reason.</exception>
    public static DatasetSummary Import(IReadOnlyList<UploadedFile> files, string format, JsonElement options, string folder, ImportLimits limits, CancellationToken cancellation) => throw new NotImplementedException();
}

/// <summary>One sample, ready for the network.</summary>
/// <param name="Index">Position in the dataset.</param>
/// <param name="Label">Class, null where there is none.</param>
/// <param name="Values">Normalised values, row-major, of <see cref="DatasetSummary.SampleShape"/>.</param>
public sealed record Sample(int Index, int? Label, float[] Values);

/// <summary>An opened dataset. Reading is safe from several threads.</summary>
public interface IDataset : IDisposable
{
    /// <summary>What it is.</summary>
    DatasetSummary Summary { get; }

    /// <summary>Sample <paramref name="index"/>, normalised.</summary>
    Sample Get(int index);

    /// <summary>Labels of all samples without their values; null where there are none.</summary>
    IReadOnlyList<int>? Labels { get; }

    /// <summary>Mean of every cell over the dataset, after normalisation: the <c>dataset-mean</c> baseline, shape of one sample.</summary>
    float[] Mean { get; }

    /// <summary>The sample as it was uploaded, as a PNG; null unless the kind is image.</summary>
    byte[]? Png(int index);

    /// <summary>The 2^n values of game <paramref name="index"/>; only for <see cref="SampleKind.Games"/>.</summary>
    double[] Game(int index);
}

/// <summary>Opens what <see cref="DatasetImporter"/> wrote.</summary>
public static class DatasetReader
{
    /// <summary>Opens a dataset folder.</summary>
    public static IDataset Open(string folder) => throw new NotImplementedException();
}
