namespace InteractionLab.Models.Archives;

/// <summary>Makes names that came from outside fit for a message.</summary>
internal static class Printable
{
    private const int Longest = 80;

    /// <summary>The text without control characters and not longer than a line.</summary>
    public static string Text(string text)
    {
        var clean = string.Create(Math.Min(text.Length, Longest), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
            }
        });
        return text.Length > Longest ? clean + "..." : clean;
    }
}
