using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>
/// The options of an upload. Reading goes on past a fault, which names its option; once all are read,
/// <see cref="ThrowIfAny"/> tells of every one.
/// </summary>
internal sealed class ImportOptions
{
    private const int LongestList = 1_000_000;
    private readonly JsonElement _options;
    private readonly List<(string Field, string Message)> _faults = [];

    public ImportOptions(JsonElement options)
    {
        _options = options;
        if (options.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw new DatasetRejectedException("options", "must be a JSON object");
        }
    }

    /// <summary>Records a fault of an option.</summary>
    public void Fault(string name, string message)
    {
        if (!_faults.Contains(($"options.{name}", message)))
        {
            _faults.Add(($"options.{name}", message));
        }
    }

    /// <summary>Refuses the upload where an option is wrong.</summary>
    /// <exception cref="DatasetRejectedException">With every fault.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new DatasetRejectedException(_faults);
        }
    }

    /// <summary>Records every option that the format does not have.</summary>
    public void Allow(params ReadOnlySpan<string> names)
    {
        if (_options.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in _options.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                Fault(Printable.Text(property.Name), names.Length == 0 ? "games take no options" : $"is no option of this format (it has {string.Join(", ", names!)})");
            }
        }
    }

    /// <summary>An option as sent; null where it is absent.</summary>
    public JsonElement? Get(string name) =>
        _options.ValueKind == JsonValueKind.Object && _options.TryGetProperty(name, out var value) ? value : null;

    /// <summary>An option that is one of a few words.</summary>
    public string Word(string name, params ReadOnlySpan<string> words)
    {
        if (Get(name) is not { } value)
        {
            return words[0];
        }

        if (value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()!))
        {
            return value.GetString()!;
        }

        Fault(name, $"must be {string.Join(" or ", words!)}");
        return words[0];
    }

    /// <summary>true or false, null where absent.</summary>
    public bool? Flag(string name)
    {
        switch (Get(name)?.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case null or JsonValueKind.Null:
                return null;
            default:
                Fault(name, "must be true or false");
                return null;
        }
    }

    /// <summary>A whole number in a range, both ends included; null where absent.</summary>
    public int? Integer(string name, int from, int to)
    {
        if (Get(name) is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= from && number <= to)
        {
            return number;
        }

        Fault(name, $"must be a whole number from {from} to {to}");
        return null;
    }

    /// <summary><c>mean</c> and <c>std</c>.</summary>
    public Normalisation Normalisation()
    {
        var mean = Scale("mean");
        var std = Scale("std");
        if (std.Values?.Any(v => v <= 0) == true)
        {
            Fault("std", "must be above 0");
        }

        return new Normalisation(mean, std);
    }

    /// <summary>A list of whole numbers, or null where absent.</summary>
    public int[]? Integers(string name)
    {
        if (Get(name) is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var list = new List<int>();
        var whole = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= LongestList;
        JsonElement[] items = whole ? [.. value.EnumerateArray()] : [];
        foreach (var item in items)
        {
            whole &= item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _);
            list.Add(whole ? item.GetInt32() : 0);
        }

        if (!whole)
        {
            Fault(name, "must be a list of whole numbers");
        }

        return whole ? [.. list] : null;
    }

    /// <summary>The object to be echoed, with an entry for each option.</summary>
    public static JsonObject Echo(params ReadOnlySpan<(string Name, JsonNode? Value)> entries)
    {
        var echo = new JsonObject();
        foreach (var (name, value) in entries)
        {
            echo[name] = value;
        }

        return echo;
    }

    private NormalisationPart Scale(string name)
    {
        if (Get(name) is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return new NormalisationPart(false, null);
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() == "auto")
        {
            return new NormalisationPart(true, null);
        }

        double?[] list = value.ValueKind switch
        {
            JsonValueKind.Number => [Number(value)],
            JsonValueKind.Array when value.GetArrayLength() is > 0 and <= LongestList => [.. value.EnumerateArray().Select(Number)],
            _ => [null],
        };
        if (list.Contains(null))
        {
            Fault(name, "must be a number, a list of numbers or \"auto\"");
            return new NormalisationPart(false, null);
        }

        return new NormalisationPart(false, [.. list.Select(number => number!.Value)]);
    }

    private static double? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && float.IsFinite((float)number) ? number : null;
}
