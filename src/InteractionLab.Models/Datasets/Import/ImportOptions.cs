using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Archives;

namespace InteractionLab.Models.Datasets;

/// <summary>The options of an upload; every fault names its option.</summary>
internal sealed class ImportOptions
{
    private const int LongestList = 1_000_000;
    private readonly JsonElement _options;

    public ImportOptions(JsonElement options)
    {
        _options = options;
        if (options.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw new DatasetRejectedException("options", "must be a JSON object");
        }
    }

    /// <summary>Refuses every option that the format does not have.</summary>
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
                throw new DatasetRejectedException($"options.{Printable.Text(property.Name)}", $"is no option of this format (it has {string.Join(", ", names!)})");
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

        return value.ValueKind == JsonValueKind.String && words.Contains(value.GetString()!)
            ? value.GetString()!
            : throw new DatasetRejectedException($"options.{name}", $"must be {string.Join(" or ", words!)}");
    }

    /// <summary><c>mean</c> and <c>std</c>.</summary>
    public Normalisation Normalisation()
    {
        var std = Scale("std");
        return std.Values?.Any(v => v <= 0) == true
            ? throw new DatasetRejectedException("options.std", "must be above 0")
            : new Normalisation(Scale("mean"), std);
    }

    /// <summary>A list of whole numbers, or null where absent.</summary>
    public int[]? Integers(string name)
    {
        if (Get(name) is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > LongestList)
        {
            throw new DatasetRejectedException($"options.{name}", "must be a list of whole numbers");
        }

        return [.. value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var i)
            ? i
            : throw new DatasetRejectedException($"options.{name}", "must be a list of whole numbers"))];
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

        var list = value.ValueKind switch
        {
            JsonValueKind.Number => (double[])[Number(name, value)],
            JsonValueKind.Array when value.GetArrayLength() is > 0 and <= LongestList => [.. value.EnumerateArray().Select(v => Number(name, v))],
            _ => throw ScaleFault(name),
        };
        return new NormalisationPart(false, list);
    }

    private static double Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && float.IsFinite((float)number) ? number : throw ScaleFault(name);

    private static DatasetRejectedException ScaleFault(string name) =>
        new($"options.{name}", "must be a number, a list of numbers or \"auto\"");
}
