using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Archives;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// Texts in tab-separated tables (no quoting: a line is a row, a tab ends a cell), UTF-8, and a vocabulary file. Words
/// are split at spaces and looked up; a text is cut or filled with [PAD] to one length. Several tables of the same
/// columns follow one another. The summary says how many texts were cut, and how many hold no word of the vocabulary.
/// </summary>
internal static class TsvTextFormat
{
    private const int OrdinaryLength = 48;
    private const int MostTokens = 1 << 16;

    public static DatasetSummary Import(ImportRequest request)
    {
        var options = request.Options;
        options.Allow("text", "label", "vocabulary", "length", "lowerCase", "header");
        var columns = (Text: ColumnOption.Read(options, "text", mayBeNone: false), Label: ColumnOption.Read(options, "label", mayBeNone: true));
        var length = options.Integer("length", 1, MostTokens) ?? OrdinaryLength;
        var lowerCase = options.Flag("lowerCase") ?? false;
        var header = options.Flag("header") ?? true;
        if (!header && (columns.Text.Name ?? columns.Label.Name) is not null)
        {
            options.Fault("header", "must be true where a column is given by its name");
        }

        var vocabulary = VocabularyFile(request);
        options.ThrowIfAny();
        var tables = request.Files.Where(file => file != vocabulary).ToList();
        if (vocabulary is null || tables.Count == 0)
        {
            throw new DatasetRejectedException("files", "tsv-text takes one or more tables and a vocabulary file (a word a line)");
        }

        var words = WordList.Read(vocabulary);
        using var writer = new DatasetWriter(request, SampleKind.Text, NpyType.I4, [length]);
        var target = new TextRows(words, writer, length, lowerCase);
        foreach (var table in tables)
        {
            LineReader.Of(table, lines => target.Add(lines, columns, header));
        }

        writer.Words(words);
        var (classes, classNames) = columns.Label.Echo() is null ? (null, null) : target.Labels.Finish();
        var echo = ImportOptions.Echo(("text", columns.Text.Echo()), ("label", columns.Label.Echo()), ("vocabulary", Printable.Text(vocabulary.FileName)), ("length", length), ("lowerCase", lowerCase), ("header", header));
        if (target.Cut > 0)
        {
            echo["cutToLength"] = target.Cut;
        }

        if (target.Unknown > 0)
        {
            echo["onlyUnknownWords"] = target.Unknown;
        }

        return writer.Finish(Normalisation.None, classes, classNames, null, echo);
    }

    /// <summary>The file that the option names, or else the only one whose name does not end in .tsv.</summary>
    private static UploadedFile? VocabularyFile(ImportRequest request)
    {
        var given = request.Options.Get("vocabulary");
        if (given is null or { ValueKind: JsonValueKind.Null })
        {
            var others = request.Files.Where(file => !file.FileName.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase)).ToList();
            if (others.Count != 1)
            {
                request.Options.Fault("vocabulary", "is needed where not exactly one file has a name without .tsv: the name of the vocabulary file among the files");
            }

            return others.FirstOrDefault();
        }

        var name = given is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        var named = request.Files.Where(file => file.FileName == name).ToList();
        if (named.Count != 1)
        {
            request.Options.Fault("vocabulary", $"must be the name of one of the files ({Printable.Text(string.Join(", ", request.Files.Select(file => file.FileName)))})");
        }

        return named.FirstOrDefault();
    }

    /// <summary>Turns rows into token ids.</summary>
    private sealed class TextRows(WordList words, DatasetWriter writer, int length, bool lowerCase)
    {
        private readonly int[] _ids = new int[length];
        private readonly int _unknown = words.Summary.Unknown;
        private int _columns;

        public CsvLabels Labels { get; } = new();

        /// <summary>Texts that were longer than the length.</summary>
        public int Cut { get; private set; }

        /// <summary>Texts of which no word is in the vocabulary.</summary>
        public int Unknown { get; private set; }

        /// <summary>Appends the rows of a table; gives their number.</summary>
        public int Add(LineReader lines, (ColumnOption Text, ColumnOption Label) columns, bool header)
        {
            var first = lines.Read() ?? throw new InvalidDataException("it holds no rows");
            string[] cells = first.Split('\t');
            string[] names = header ? [.. cells.Select(cell => Printable.Text(cell.Trim()))] : [.. cells.Select((_, i) => $"column {i}")];
            _columns = names.Length;
            int text = columns.Text.Column(names), label = columns.Label.Column(names);
            if (text == label)
            {
                throw new DatasetRejectedException("options.label", "is the column of the text");
            }

            var before = writer.Count;
            for (var line = header ? lines.Read() : first; line is not null; line = lines.Read())
            {
                // A file may end in an empty line.
                if (line.Length > 0)
                {
                    AddRow(line, lines.Number + 1, text, label, names);
                }
            }

            return writer.Count > before ? writer.Count - before : throw new InvalidDataException("it holds a header and no rows");
        }

        private void AddRow(string line, long row, int text, int label, string[] names)
        {
            var cells = line.Split('\t');
            if (cells.Length != _columns)
            {
                throw new InvalidDataException($"row {row} has {cells.Length} cells; {_columns} were expected");
            }

            if (label >= 0)
            {
                Labels.Add(cells[label].Trim(), row, names[label]);
            }

            var found = (lowerCase ? cells[text].ToLowerInvariant() : cells[text]).Split(' ', length + 1, StringSplitOptions.RemoveEmptyEntries);
            Array.Clear(_ids);
            var known = false;
            for (var i = 0; i < Math.Min(length, found.Length); i++)
            {
                _ids[i] = words.Id(found[i]);
                known |= _ids[i] != _unknown;
            }

            Cut += found.Length > length ? 1 : 0;
            Unknown += found.Length > 0 && !known ? 1 : 0;
            writer.Append(_ids);
        }
    }
}
