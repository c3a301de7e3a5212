using System.Globalization;
using System.Text.Json;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Zoo;

/// <summary>Reads an architecture strictly: unknown and doubled options are faults, and reading goes on past each.</summary>
internal static class ZooReader
{
    public static ZooArchitecture? Read(JsonElement element, Action<string, string> fault)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            fault("", "must be an object such as {\"name\": \"mlp\", \"depth\": 3}");
            return null;
        }

        var clean = true;
        void Fault(string field, string why)
        {
            clean = false;
            fault(field, why);
        }

        var fields = Fields(element, Fault);
        if (Family(fields, Fault) is not { } family)
        {
            return null;
        }

        var options = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var option in family.Options)
        {
            var given = fields.Remove(option.Name, out var value) && value.ValueKind != JsonValueKind.Null;
            if ((given ? Value(option, value, Fault) : option.Default) is { } chosen)
            {
                options.Add(option.Name, chosen);
            }
        }

        foreach (var name in fields.Keys)
        {
            Fault(name, $"is no option of {family.Name}; its options are {string.Join(", ", family.Options.Select(option => option.Name))}");
        }

        return clean ? new ZooArchitecture(family, options) : null;
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement element, Action<string, string> fault)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = Text(() => property.Name) is { } text ? Printable.Text(text) : "\uFFFD";
            if (!fields.TryAdd(name, property.Value))
            {
                fault(name, "is given twice");
            }
        }

        return fields;
    }

    /// <summary>A string; null where it holds a lone surrogate, which is not text and so fits no name and no word.</summary>
    private static string? Text(Func<string?> get)
    {
        try
        {
            return get();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ZooFamily? Family(Dictionary<string, JsonElement> fields, Action<string, string> fault)
    {
        var names = string.Join(", ", ModelZoo.Architectures.Select(family => family.Name));
        if (!fields.Remove("name", out var name))
        {
            fault("name", $"is required: one of {names}");
            return null;
        }

        var text = name.ValueKind == JsonValueKind.String ? Text(name.GetString) : null;
        var found = ModelZoo.Architectures.FirstOrDefault(family => family.Name == text);
        if (found is null)
        {
            fault("name", $"must be one of {names}");
        }

        return found;
    }

    private static object? Value(ZooOption option, JsonElement value, Action<string, string> fault)
    {
        object? read = option.Type switch
        {
            ZooOptionType.Whole when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) => whole,
            ZooOptionType.Number when value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) => number,
            ZooOptionType.Flag when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
            ZooOptionType.Word when value.ValueKind == JsonValueKind.String => Text(value.GetString),
            _ => null,
        };
        if (read is not null && Allowed(option, read))
        {
            return read;
        }

        fault(option.Name, $"must be {Wanted(option)}");
        return null;
    }

    private static bool Allowed(ZooOption option, object value) => value switch
    {
        _ when option.Choices is { } choices => choices.Contains(value),
        bool => true,
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && number >= option.Minimum && number <= option.Maximum,
    };

    private static string Wanted(ZooOption option) => option.Type switch
    {
        ZooOptionType.Flag => "true or false",
        _ when option.Choices is { } choices => $"one of {string.Join(", ", choices)}",
        ZooOptionType.Whole => string.Create(CultureInfo.InvariantCulture, $"a whole number from {option.Minimum} to {option.Maximum}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"a number from {option.Minimum} to {option.Maximum}"),
    };
}
