namespace InteractionLab.Models.Masking;

/// <summary>Masks over any number of players: bit i % 64 of word i / 64 of a row says that player i is present.</summary>
internal readonly ref struct MaskWords(ReadOnlySpan<ulong> words, int wordsOfMask)
{
    private readonly ReadOnlySpan<ulong> words = words;

    /// <summary>How many masks there are.</summary>
    public int Count => words.Length / wordsOfMask;

    /// <summary>The words of a mask.</summary>
    public ReadOnlySpan<ulong> this[int index] => words.Slice(index * wordsOfMask, wordsOfMask);
}
