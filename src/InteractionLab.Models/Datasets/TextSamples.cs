namespace InteractionLab.Models.Datasets;

/// <summary>Token ids as words.</summary>
public static class TextSamples
{
    /// <summary>Positions of a text before the [PAD] that fills its end.</summary>
    public static int Length(this TokenVocabulary vocabulary, ReadOnlySpan<float> ids)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var length = ids.Length;
        while (length > 0 && ids[length - 1] == vocabulary.Pad)
        {
            length--;
        }

        return length;
    }

    /// <summary>The words of a text by position, without the [PAD] behind it; null unless the dataset holds text.</summary>
    public static IReadOnlyList<string>? TokensOf(this IDataset dataset, Sample sample)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(sample);
        return dataset is { Words: { } words, Summary.Vocabulary: { } vocabulary }
            ? [.. sample.Values.Take(vocabulary.Length(sample.Values)).Select(id => words[(int)id])]
            : null;
    }
}
