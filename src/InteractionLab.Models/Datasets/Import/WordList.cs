using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>A vocabulary file: a word a line, whose number from 0 is its id. [PAD] has id 0; [UNK] must be there, [MASK] may.</summary>
internal sealed class WordList
{
    public const string Pad = "[PAD]";
    public const string Unknown = "[UNK]";
    public const string Mask = "[MASK]";

    // Ids must be whole in single precision, in which samples travel.
    private const int MostWords = 1 << 20;
    private const int LongestWord = 1000;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];

    private WordList()
    {
    }

    /// <summary>Words by id.</summary>
    public IReadOnlyList<string> Words => _words;

    public TokenVocabulary Summary => new(_words.Count, 0, _ids[Unknown], _ids.TryGetValue(Mask, out var mask) ? mask : null);

    public static WordList Read(UploadedFile file) => LineReader.Of(file, Read);

    /// <summary>The id of a word, [UNK]'s where the vocabulary lacks it.</summary>
    public int Id(string word) => _ids.TryGetValue(word, out var id) ? id : _ids[Unknown];

    private static WordList Read(LineReader lines)
    {
        var list = new WordList();
        while (lines.Read() is { } word)
        {
            list.Add(word, lines.Number);
        }

        if (list._words[0] != Pad)
        {
            throw new InvalidDataException($"its first line must be {Pad}, which fills the end of short texts; it is '{Printable.Text(list._words[0])}'");
        }

        return list._ids.ContainsKey(Unknown) ? list : throw new InvalidDataException($"it has no line {Unknown} for words it lacks");
    }

    private void Add(string word, long line)
    {
        if (word.Length is 0 or > LongestWord || word.Any(c => c == ' ' || char.IsControl(c)))
        {
            throw new InvalidDataException($"line {line} (from 0) is no word: '{Printable.Text(word)}'; a word has 1 to {LongestWord} characters and no spaces");
        }

        if (_words.Count == MostWords)
        {
            throw new InvalidDataException($"it has more than {MostWords} words");
        }

        if (!_ids.TryAdd(word, _words.Count))
        {
            throw new InvalidDataException($"line {line} (from 0) repeats '{Printable.Text(word)}' of line {_ids[word]}");
        }

        _words.Add(word);
    }
}
