using System.Text.Json;
using System.Text.Json.Serialization;

namespace InteractionLab.Experiments.Common;

/// <summary>A field that takes a number or a word: <c>select: 10 | "all"</c>, <c>target: 3 | "label"</c>, <c>batch: 64 | "auto"</c>.</summary>
[JsonConverter(typeof(NumberOrWordConverter))]
public readonly record struct NumberOrWord
{
    private NumberOrWord(int? number, string? word)
    {
        Number = number;
        Word = word;
    }

    /// <summary>The number, null where it is a word.</summary>
    public int? Number { get; }

    /// <summary>The word, null where it is a number.</summary>
    public string? Word { get; }

    /// <summary>A number.</summary>
    public static NumberOrWord Of(int number) => new(number, null);

    /// <summary>A word.</summary>
    public static NumberOrWord Of(string word) => new(null, word);

    /// <summary>Reads one of the words, or a whole number in a range.</summary>
    internal static NumberOrWord? Read(SpecValue? value, int from, int to, params IReadOnlyList<string> words)
    {
        if (value is not { } given)
        {
            return null;
        }

        if (given.Kind == JsonValueKind.Number && given.Element.TryGetInt64(out var number) && number >= from && number <= to)
        {
            return Of((int)number);
        }

        if (given.Kind == JsonValueKind.String && given.TryText(out var text) && words.Contains(text))
        {
            return Of(text);
        }

        given.FaultType($"{string.Join(", ", words.Select(word => $"\"{word}\""))} or a whole number from {from} to {to}");
        return null;
    }

    private sealed class NumberOrWordConverter : JsonConverter<NumberOrWord>
    {
        public override NumberOrWord Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? Of(reader.GetInt32()) : Of(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, NumberOrWord value, JsonSerializerOptions options)
        {
            if (value.Number is { } number)
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                writer.WriteStringValue(value.Word);
            }
        }
    }
}
