using System.Globalization;

namespace InteractionLab.Benchmarks;

/// <summary>An option of a benchmark.</summary>
/// <param name="Name">As it is given, with its dashes.</param>
/// <param name="Takes">What follows it; empty where nothing does.</param>
/// <param name="Help">What it does.</param>
/// <param name="Fault">What its value must be, where it is not that; else null.</param>
internal sealed record BenchmarkOption(string Name, string Takes, string Help, Func<string, string?> Fault)
{
    /// <summary>The network measured.</summary>
    public static BenchmarkOption Model { get; } = Text("--model", "NAME", "a file, or a network of shared/models (cifar_resnet8_e12 and cifar_vit)");

    /// <summary>Threads of each side.</summary>
    public static BenchmarkOption Threads { get; } = Number("--threads", "threads of each side (one a processor)");

    /// <summary>The PyTorch compared with.</summary>
    public static BenchmarkOption Python { get; } = Text("--python", "FILE", "a python3 with torch (/usr/bin/python3)");

    /// <summary>A whole number from 1 up.</summary>
    public static BenchmarkOption Number(string name, string help) =>
        new(name, "N", help, text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? null : "takes a whole number from 1 up");

    /// <summary>A number from 0 up.</summary>
    public static BenchmarkOption Real(string name, string help) =>
        new(name, "X", help, text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0 && double.IsFinite(number) ? null : "takes a number from 0 up");

    /// <summary>Any text.</summary>
    public static BenchmarkOption Text(string name, string takes, string help) => new(name, takes, help, text => text.Length > 0 ? null : "takes a name");

    /// <summary>One of some words, or several with commas between.</summary>
    public static BenchmarkOption Words(string name, string help, IReadOnlyCollection<string> words, bool several = false) =>
        new(name, several ? "NAME,NAME" : "NAME", help, text => (several ? text.Split(',') : [text]).All(words.Contains) ? null : $"takes {(several ? "some" : "one")} of {string.Join(", ", words)}");

    /// <summary>A word by itself.</summary>
    public static BenchmarkOption Flag(string name, string help) => new(name, "", help, _ => null);
}
