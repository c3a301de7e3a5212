using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// A table of numbers (RFC 4180, UTF-8 or with a byte order mark), its cells separated by commas, semicolons or tabs.
/// The first line is a header when the label is given by name, when <c>header</c> says so, or when none of its cells
/// (other than the label's) is a number. Rows are named by the line on which they begin, from 1; empty lines are passed
/// over.
/// </summary>
internal static class CsvFormat
{
    private const int LongestRow = 1 << 22;
    private const int MostColumns = 100_000;
    private static readonly SearchValues<char> Separators = SearchValues.Create(",;\t|");

    public static DatasetSummary Import(ImportRequest request)
    {
        request.Options.Allow("label", "mean", "std", "header", "separator");
        var normalisation = request.Options.Normalisation();
        var label = ColumnOption.Read(request.Options, "label", mayBeNone: true);
        var header = request.Options.Flag("header");
        var separator = Separator(request.Options);
        request.Options.ThrowIfAny();
        var file = request.SingleFile();
        using var stream = ImportRequest.Open(file);
        using var csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            TrimWhitespace = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRow,
            TrackLineNumbers = true,
        });
        try
        {
            return Read(request, csv, label, header, normalisation);
        }
        catch (Exception e) when (e is InvalidDataException or CsvFormatException)
        {
            throw ImportRequest.Fault(file.FileName, e.Message, e);
        }
    }

    private static DatasetSummary Read(ImportRequest request, CsvReader csv, ColumnOption label, bool? header, Normalisation normalisation)
    {
        if (!csv.Read())
        {
            throw new InvalidDataException("it holds no rows");
        }

        if (csv.FieldCount > MostColumns)
        {
            throw new InvalidDataException($"row {csv.LineNumber} has more than {MostColumns} columns");
        }

        string[] cells = [.. Enumerable.Range(0, csv.FieldCount).Select(column => Text(csv, column))];
        var hasHeader = label.Name is not null || (header ?? LooksLikeHeader(cells, label));
        var names = hasHeader ? HeaderNames(cells) : [.. cells.Select((_, i) => $"column {i}")];
        var labelColumn = label.Column(names);
        string[] features = [.. names.Where((_, i) => i != labelColumn)];
        if (features.Length == 0)
        {
            throw new InvalidDataException($"it has no column beside the label (the separator is '{Shown(csv.Separator)}')");
        }

        using var writer = new DatasetWriter(request, SampleKind.Tabular, NpyType.F4, [features.Length]);
        var labels = new CsvLabels();
        var values = new float[features.Length];
        if (hasHeader && !csv.Read())
        {
            throw new InvalidDataException("it holds a header and no rows");
        }

        do
        {
            ReadRow(csv, names, labelColumn, labels, values);
            writer.Append(values);
        }
        while (csv.Read());

        var (classes, classNames) = labelColumn < 0 ? (null, null) : labels.Finish();
        var echo = ImportOptions.Echo(("label", label.Echo()), ("header", hasHeader), ("separator", Shown(csv.Separator)));
        return writer.Finish(normalisation, classes, classNames, features, echo);
    }

    private static void ReadRow(CsvReader csv, string[] names, int labelColumn, CsvLabels labels, float[] values)
    {
        if (csv.FieldCount != names.Length)
        {
            throw new InvalidDataException($"row {csv.LineNumber} has {csv.FieldCount} cells; {names.Length} were expected (the separator is '{Shown(csv.Separator)}')");
        }

        for (int column = 0, feature = 0; column < names.Length; column++)
        {
            if (column == labelColumn)
            {
                labels.Add(Text(csv, column), csv.LineNumber, names[column]);
                continue;
            }

            if (!float.TryParse(csv.GetSpan(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
            {
                var cell = Text(csv, column);
                throw new InvalidDataException($"row {csv.LineNumber}, column '{names[column]}': '{Printable.Text(cell)}' is not a finite number{Hint(cell, csv.Separator)}");
            }

            values[feature++] = value;
        }
    }

    /// <summary>What may be behind a cell that is no number.</summary>
    private static string Hint(string cell, char separator) =>
        double.TryParse(cell.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _) && cell.Contains(',', StringComparison.Ordinal)
            ? ": a decimal comma; decimals are written with a point, and thousands are not grouped"
            : cell.AsSpan().ContainsAny(Separators) ? $": the separator is '{Shown(separator)}' (option separator)" : "";

    /// <summary>A cell as text; bytes that are not UTF-8 are refused.</summary>
    private static string Text(CsvReader csv, int column)
    {
        var bytes = csv.GetSpan(column);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes).Trim() : throw new InvalidDataException($"it is not UTF-8 text (row {csv.LineNumber})");
    }

    /// <summary>The separator asked for; null where it is to be detected.</summary>
    private static char? Separator(ImportOptions options)
    {
        switch (options.Get("separator"))
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } word when word.GetString() is "auto" or "," or ";" or "\t" or "tab":
                return word.GetString() switch { "auto" => null, "tab" => '\t', var sign => sign![0] };
            default:
                options.Fault("separator", "must be \"auto\", \",\", \";\" or \"tab\"");
                return null;
        }
    }

    private static string Shown(char separator) => separator == '\t' ? "tab" : separator.ToString();

    private static bool LooksLikeHeader(string[] cells, ColumnOption label) =>
        !cells.Where((_, i) => i != label.Index || cells.Length == 1).Any(c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private static string[] HeaderNames(string[] cells)
    {
        string[] names = [.. cells.Select(Printable.Text)];
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
