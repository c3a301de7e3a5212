using System.Globalization;
using System.Text;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// A table of numbers, UTF-8. The first line is a header when the label is given by name, when <c>header</c> says so,
/// or when none of its cells (other than the label's) is a number.
/// </summary>
internal static class CsvFormat
{
    public static DatasetSummary Import(ImportRequest request)
    {
        request.Options.Allow("label", "mean", "std", "header");
        var normalisation = request.Options.Normalisation();
        var label = ColumnOption.Read(request.Options, "label", mayBeNone: true);
        var header = request.Options.Flag("header");
        request.Options.ThrowIfAny();
        var file = request.SingleFile();
        using var stream = ImportRequest.Open(file);
        using var text = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return Read(request, new CsvReader(text), label, header, normalisation);
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(file.FileName, e.Message, e);
        }
        catch (DecoderFallbackException e)
        {
            throw ImportRequest.Fault(file.FileName, "it is not UTF-8 text", e);
        }
    }

    private static DatasetSummary Read(ImportRequest request, CsvReader csv, ColumnOption label, bool? header, Normalisation normalisation)
    {
        var cells = new List<string>();
        if (!csv.Read(cells))
        {
            throw new InvalidDataException("it holds no rows");
        }

        var hasHeader = label.Name is not null || (header ?? LooksLikeHeader(cells, label));
        var names = hasHeader ? HeaderNames(cells) : [.. Enumerable.Range(0, cells.Count).Select(i => $"column {i}")];
        var labelColumn = label.Column(names);
        string[] features = [.. names.Where((_, i) => i != labelColumn)];
        if (features.Length == 0)
        {
            throw new InvalidDataException("it has no column beside the label");
        }

        using var writer = new DatasetWriter(request, SampleKind.Tabular, NpyType.F4, [features.Length]);
        var labels = new CsvLabels();
        var values = new float[features.Length];
        if (hasHeader && !csv.Read(cells))
        {
            throw new InvalidDataException("it holds a header and no rows");
        }

        do
        {
            ReadRow(cells, csv.Row, names, labelColumn, labels, values);
            writer.Append(values);
        }
        while (csv.Read(cells));

        var (classes, classNames) = labelColumn < 0 ? (null, null) : labels.Finish();
        var echo = ImportOptions.Echo(("label", label.Echo()), ("header", hasHeader));
        return writer.Finish(normalisation, classes, classNames, features, echo);
    }

    private static void ReadRow(List<string> cells, long row, string[] names, int labelColumn, CsvLabels labels, float[] values)
    {
        if (cells.Count != names.Length)
        {
            throw new InvalidDataException($"row {row} has {cells.Count} cells; {names.Length} were expected");
        }

        for (int column = 0, feature = 0; column < names.Length; column++)
        {
            var cell = cells[column].Trim();
            if (column == labelColumn)
            {
                labels.Add(cell, row, names[column]);
                continue;
            }

            if (!float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
            {
                throw new InvalidDataException($"row {row}, column '{names[column]}': '{Printable.Text(cell)}' is not a finite number");
            }

            values[feature++] = value;
        }
    }

    private static bool LooksLikeHeader(List<string> cells, ColumnOption label) =>
        !cells.Where((_, i) => i != label.Index || cells.Count == 1).Any(c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private static string[] HeaderNames(List<string> cells)
    {
        var names = cells.Select(c => Printable.Text(c.Trim())).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                throw new InvalidDataException($"column {i} has no name in the header");
            }
        }

        return names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new InvalidDataException($"the header names '{twice.Key}' twice")
            : names;
    }
}
