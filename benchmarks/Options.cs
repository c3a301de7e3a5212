using System.Globalization;

namespace InteractionLab.Benchmarks;

/// <summary>Options of a benchmark: pairs of <c>--name value</c>.</summary>
internal static class Options
{
    /// <summary>The value of an option, or null.</summary>
    public static string? Text(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <summary>A whole number.</summary>
    public static int Number(string[] args, string name, int otherwise) => Optional(args, name) ?? otherwise;

    /// <summary>A whole number, or null where it is not given.</summary>
    public static int? Optional(string[] args, string name) => Text(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
