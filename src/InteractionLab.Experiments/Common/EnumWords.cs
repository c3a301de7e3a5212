using System.Text.Json;

namespace InteractionLab.Experiments.Common;

/// <summary>The words by which specs and results name the values of an enum.</summary>
internal static class EnumWords
{
    /// <summary>The name of a value in kebab case.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
