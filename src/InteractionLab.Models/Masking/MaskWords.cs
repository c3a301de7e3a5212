namespace InteractionLab.Models.Masking;

/// <summary>Masks over any number of players: bit i % 64 of word i / 64 of a row says that player i is present.</summary>
internal readonly ref struct MaskWords(ReadOnlySpan<ulong> words, int wordsOfMask)
{
    /// <summary>The words of all masks.</summary>
    public ReadOnlySpan<ulong> Words { get; } = words;

    /// <summary>Words of one mask.</summary>
    public int WordsOfMask => wordsOfMask;

    /// <summary>How many masks there are.</summary>
    public int Count => Words.Length / wordsOfMask;

    /// <summary>The words of a mask.</summary>
    public ReadOnlySpan<ulong> this[int index] => Words.Slice(index * wordsOfMask, wordsOfMask);
}
