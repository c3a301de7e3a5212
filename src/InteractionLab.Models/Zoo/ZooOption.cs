namespace InteractionLab.Models.Zoo;

/// <summary>What an option of an architecture takes.</summary>
public enum ZooOptionType
{
    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>One of a few words.</summary>
    Word,
}

/// <summary>An option of an architecture.</summary>
/// <param name="Name">The field's name in a spec.</param>
/// <param name="Type">What it takes.</param>
/// <param name="Default">A long, double, bool or string; null where the dataset decides.</param>
/// <param name="Description">What it does.</param>
public sealed record ZooOption(string Name, ZooOptionType Type, object? Default, string Description)
{
    /// <summary>Smallest number allowed.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest number allowed.</summary>
    public double? Maximum { get; init; }

    /// <summary>The only values allowed, longs or strings; null where the range decides.</summary>
    public IReadOnlyList<object>? Choices { get; init; }

    internal static ZooOption Integer(string name, long? standard, long from, long to, string description) =>
        new(name, ZooOptionType.Whole, standard, description) { Minimum = from, Maximum = to };

    internal static ZooOption OneOf(string name, long standard, string description, params ReadOnlySpan<long> choices)
    {
        var boxed = new object[choices.Length];
        for (var i = 0; i < boxed.Length; i++)
        {
            boxed[i] = choices[i];
        }

        return new ZooOption(name, ZooOptionType.Whole, standard, description) { Choices = boxed };
    }

    internal static ZooOption Number(string name, double standard, double from, double to, string description) =>
        new(name, ZooOptionType.Number, standard, description) { Minimum = from, Maximum = to };

    internal static ZooOption Flag(string name, bool standard, string description) => new(name, ZooOptionType.Flag, standard, description);

    /// <summary>A word; the first is the default.</summary>
    internal static ZooOption Word(string name, string description, params ReadOnlySpan<string> words) =>
        new(name, ZooOptionType.Word, words[0], description) { Choices = words.ToArray() };
}
