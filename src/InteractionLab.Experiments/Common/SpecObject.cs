using System.Text.Json;

namespace InteractionLab.Experiments.Common;

/// <summary>
/// An object of a spec, read strictly: a field that nobody asked for is a fault (<see cref="RejectUnknown"/>), and so is
/// one given twice. A field that is null counts as absent.
/// </summary>
internal sealed class SpecObject
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly SpecFaults _faults;

    /// <summary>Takes the fields of <paramref name="element"/>, which is an object.</summary>
    public SpecObject(JsonElement element, string path, SpecFaults faults)
    {
        Path = path;
        _faults = faults;
        foreach (var field in element.EnumerateObject())
        {
            var name = NameOf(field);
            if (!_fields.TryAdd(name, field.Value))
            {
                faults.Add(PathOf(name), "is given twice");
            }
        }
    }

    /// <summary>The JSON path; empty for the spec itself.</summary>
    public string Path { get; }

    /// <summary>The names that are given, for objects whose fields are names of something.</summary>
    public IReadOnlyCollection<string> Names => _fields.Keys;

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Get(name) is not null;

    /// <summary>A field, or null where it is absent.</summary>
    public SpecValue? Get(string name)
    {
        if (!_known.Contains(name))
        {
            _known.Add(name);
        }

        return _fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new SpecValue(value, PathOf(name), _faults)
            : null;
    }

    /// <summary>A field that must be there.</summary>
    public SpecValue? Require(string name)
    {
        var value = Get(name);
        if (value is null)
        {
            Fault(name, "is required");
        }

        return value;
    }

    /// <summary>Records a fault of a field.</summary>
    public void Fault(string name, string why) => _faults.Add(PathOf(name), why);

    /// <summary>Records every field that was not asked for.</summary>
    public void RejectUnknown()
    {
        foreach (var name in _fields.Keys.Except(_known))
        {
            Fault(name, $"is not known here; the fields are {string.Join(", ", _known)}");
        }
    }

    /// <summary>A name with a lone surrogate is not text; no field has it, so it is reported as unknown.</summary>
    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }

    private string PathOf(string name)
    {
        var shown = name.Length <= 80 ? name : string.Concat(name.AsSpan(0, 77), "...");
        return Path.Length == 0 ? shown : $"{Path}.{shown}";
    }
}
