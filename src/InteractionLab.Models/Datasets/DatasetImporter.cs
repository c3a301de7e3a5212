using System.Text.Json;

namespace InteractionLab.Models.Datasets;

/// <summary>Turns uploads of every format into the one stored form (see <see cref="StoredLayout"/>).</summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>cifar10</c></term><description>Binary batches, optionally with batches.meta.txt. Options <c>mean</c>, <c>std</c>.</description></item>
/// <item><term><c>idx</c></term><description>Samples of 1 to 4 dimensions and optionally labels, plain or gzip. Options <c>mean</c>, <c>std</c>,
/// <c>layout</c> (as of npz).</description></item>
/// <item><term><c>images</c></term><description>PNG, JPEG, WebP and BMP of one size, turned as their EXIF data say: a zip
/// of class folders, a flat zip, or single files. Options <c>mean</c>, <c>std</c>, <c>channels</c> (1, 3 or "auto"),
/// <c>labels</c> (for files without class folders).</description></item>
/// <item><term><c>csv</c></term><description>One file. Options <c>label</c> (name, index or null; required), <c>mean</c>,
/// <c>std</c>, <c>header</c>, <c>separator</c> (",", ";", "tab" or "auto": found in the first lines).</description></item>
/// <item><term><c>npz</c></term><description><c>x</c> [N, ...] and optionally <c>y</c> ([N], [N, 1] or one-hot [N, classes]),
/// or games <c>v</c> [N, 2^n]. Options <c>mean</c>, <c>std</c>, <c>layout</c> ("chw" or "hwc": where the channels
/// lie; found for square pictures, needed where an array looks like both), <c>x</c> and <c>y</c> (names of the arrays, where they have others).</description></item>
/// <item><term><c>tsv-text</c></term><description>Tab-separated tables and a vocabulary file (a word a line, [PAD] first,
/// with [UNK]). Options <c>text</c> and <c>label</c> (name or index of the column; label may be null), <c>vocabulary</c>
/// (name of that file; the only one not named .tsv unless given), <c>length</c> (48), <c>lowerCase</c> (false),
/// <c>header</c> (true).</description></item>
/// </list>
/// <c>mean</c> and <c>std</c> are a number, a list with one entry a channel (or column), or "auto" (over the dataset);
/// they default to 0 and 1. Eight-bit pixels are scaled to 0..1 first; everything else is taken as it is.
/// </remarks>
public static class DatasetImporter
{
    private static readonly Dictionary<string, Func<ImportRequest, DatasetSummary>> ByName = new(StringComparer.Ordinal)
    {
        ["cifar10"] = Cifar10Format.Import,
        ["idx"] = IdxFormat.Import,
        ["images"] = ImagesFormat.Import,
        ["csv"] = CsvFormat.Import,
        ["npz"] = NpzFormat.Import,
        ["tsv-text"] = TsvTextFormat.Import,
    };

    /// <summary>The formats, by their name in the API.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. ByName.Keys];

    /// <summary>Reads the files and writes the dataset into <paramref name="folder"/>, which exists and is empty.</summary>
    /// <param name="files">The upload, in its order.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="options">An object; undefined or null stands for an empty one.</param>
    /// <param name="folder">Where the dataset goes; empty again when the import fails.</param>
    /// <param name="limits">Bounds on what may be unpacked.</param>
    /// <param name="cancellation">Stops the import between samples.</param>
    /// <exception cref="DatasetRejectedException">The upload is refused, with the field at fault and the reason.</exception>
    public static DatasetSummary Import(IReadOnlyList<UploadedFile> files, string format, JsonElement options, string folder, ImportLimits limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(limits);
        if (format is null || !ByName.TryGetValue(format, out var import))
        {
            throw new DatasetRejectedException("format", $"must be one of {string.Join(", ", Formats)}");
        }

        if (files.Count == 0)
        {
            throw new DatasetRejectedException("files", "at least one file is needed");
        }

        try
        {
            return import(new ImportRequest(files, format, new ImportOptions(options), folder, limits, cancellation));
        }
        catch (Exception e)
        {
            StoredLayout.Clear(folder);
            if (e is InvalidDataException)
            {
                throw new DatasetRejectedException("files", e.Message, e);
            }

            throw;
        }
    }
}
