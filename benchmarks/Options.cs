using System.Globalization;

namespace InteractionLab.Benchmarks;

/// <summary>Options of a benchmark: pairs of <c>--name value</c>.</summary>
internal static class Options
{
    /// <summary>What is wrong with a command line, in a line; null where nothing is.</summary>
    public static string? Fault(string[] args, IReadOnlyList<BenchmarkOption> known)
    {
        for (var k = 0; k < args.Length; k++)
        {
            if (known.FirstOrDefault(option => option.Name == args[k]) is not { } option)
            {
                return $"there is no option '{args[k]}'";
            }

            if (option.Takes.Length > 0 && (++k == args.Length || option.Fault(args[k]) is not null))
            {
                return k == args.Length ? $"{option.Name} needs {option.Takes}" : $"{option.Name} {option.Fault(args[k])}, not '{args[k]}'";
            }
        }

        return null;
    }

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
