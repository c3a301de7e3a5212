using System.Globalization;
using System.Text;

namespace InteractionLab.Experiments.Common;

/// <summary>What names that people give may hold.</summary>
public static class DisplayNames
{
    /// <summary>Why a name with an unseen character is refused.</summary>
    public const string Unseen = "must not have control characters or others that are not seen";

    /// <summary>Whether a name has a character that is not seen: control and format characters, which can turn the text around, and breaks of lines.</summary>
    public static bool HasUnseen(string name) => name.EnumerateRunes().Any(IsUnseen);

    /// <summary>The name without such characters.</summary>
    public static string WithoutUnseen(string name) => string.Concat(name.EnumerateRunes().Where(rune => !IsUnseen(rune)));

    // The joiners belong to the spelling of some languages, and to pictures made of several.
    private static bool IsUnseen(Rune rune) => rune.Value is not (0x200C or 0x200D) &&
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
