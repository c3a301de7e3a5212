namespace InteractionLab.Models.Datasets;

/// <summary>
/// Names in a dataset folder: <c>meta.json</c> (written last: without it there is no dataset), <c>x.npy</c> [N, shape]
/// of u1, f4, i4 for text (token ids), or f8 for games, as uploaded; <c>y.npy</c> [N] i4; <c>mean.npy</c> [shape] f8,
/// normalised (pictures and tables); <c>words.txt</c>, the vocabulary by line from 0 (text).
/// </summary>
internal static class StoredLayout
{
    public const string Meta = "meta.json";
    public const string Values = "x.npy";
    public const string Labels = "y.npy";
    public const string Mean = "mean.npy";
    public const string Words = "words.txt";

    /// <summary>Length of the header of <see cref="Values"/>: room for a count that is only known at the end.</summary>
    public const int HeaderLength = 256;

    /// <summary>Removes whatever an import has written.</summary>
    public static void Clear(string folder)
    {
        foreach (var name in (ReadOnlySpan<string>)[Meta, Values, Labels, Mean, Words])
        {
            File.Delete(Path.Combine(folder, name));
        }
    }
}
