using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>
/// Text of a form as JSON and back. What is not a number goes into the spec as it was typed: the server names the
/// field, so the form and the API have one set of rules.
/// </summary>
internal static class FormText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly char[] Separators = [',', ' ', ';', '\n', '\t'];

    /// <summary>JSON of which every object can be read: a name that occurs twice in one is a fault of the text.</summary>
    /// <exception cref="JsonException">It is not JSON, or a name occurs twice.</exception>
    public static JsonNode? Parse(string text) => JsonNode.Parse(text, documentOptions: Strict);

    /// <summary>A number, a word, or null where nothing was typed.</summary>
    public static JsonNode? Number(string? text)
    {
        text = text?.Trim();
        return string.IsNullOrEmpty(text) ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }

    /// <summary>A list such as <c>0, 3, 8-11</c>; a range stands for its whole numbers.</summary>
    public static JsonArray List(string? text)
    {
        var list = new JsonArray();
        foreach (var part in (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (ends.Length == 2 && int.TryParse(ends[0], out var from) && int.TryParse(ends[1], out var to) && from <= to && to - from < 100_000)
            {
                for (var i = from; i <= to; i++)
                {
                    list.Add(i);
                }
            }
            else
            {
                list.Add(Number(part));
            }
        }

        return list;
    }

    /// <summary>Sets a member unless there is nothing to set.</summary>
    public static JsonObject With(this JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }

        return target;
    }

    /// <summary>A member, or null.</summary>
    public static JsonElement? Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A member as text: strings as they are, everything else as JSON.</summary>
    public static string? Read(this JsonElement element, string name) =>
        element.Get(name) is { } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    /// <summary>The members of a spec that a form has no field for, as they came: they go back into the spec.</summary>
    public static JsonObject Unknown(JsonElement spec, IEnumerable<string> fields)
    {
        var (known, extras) = (fields.Select(field => field.Split('.')[0]).ToHashSet(), new JsonObject());
        if (spec.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in spec.EnumerateObject().Where(m => m.Value.ValueKind is not JsonValueKind.Null && !known.Contains(m.Name)))
            {
                extras[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }
        }

        return extras;
    }

    /// <summary>Sets the members of another object.</summary>
    public static JsonObject With(this JsonObject target, JsonObject others)
    {
        foreach (var (name, value) in others)
        {
            target[name] = value?.DeepClone();
        }

        return target;
    }

    /// <summary>An array of numbers as <c>1, 2, 3</c>.</summary>
    public static string Join(JsonElement array) => string.Join(", ", array.EnumerateArray().Select(v => v.GetRawText()));
}
