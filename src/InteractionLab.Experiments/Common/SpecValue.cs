using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace InteractionLab.Experiments.Common;

/// <summary>
/// A value of a spec and its path. Each <c>As...</c> gives the value, or records why it cannot and gives null, so that
/// reading goes on and every fault is found.
/// </summary>
internal readonly record struct SpecValue(JsonElement Element, string Path, SpecFaults Faults)
{
    /// <summary>The JSON type.</summary>
    public JsonValueKind Kind => Element.ValueKind;

    /// <summary>Records a fault of this value.</summary>
    public void Fault(string why) => Faults.Add(Path, why);

    /// <summary>A string that is not empty.</summary>
    public string? AsText()
    {
        if (Kind != JsonValueKind.String)
        {
            return Wrong<string>("a string");
        }

        if (!TryText(out var text) || string.IsNullOrWhiteSpace(text))
        {
            Fault("must not be empty");
            return null;
        }

        return text;
    }

    /// <summary>true or false.</summary>
    public bool? AsFlag() => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => WrongValue<bool>("true or false"),
    };

    /// <summary>A whole number in a range, both ends included.</summary>
    public long? AsInteger(long from, long to)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"a whole number from {from} to {to}");
        if (Kind != JsonValueKind.Number || !Element.TryGetInt64(out var value) || value < from || value > to)
        {
            return WrongValue<long>(range);
        }

        return value;
    }

    /// <summary>A finite number.</summary>
    public double? AsNumber()
    {
        if (Kind != JsonValueKind.Number || !Element.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            return WrongValue<double>("a finite number");
        }

        return value;
    }

    /// <summary>A finite number in a range.</summary>
    public double? AsNumber(double from, double to, bool excludeFrom = false)
    {
        var value = AsNumber();
        if (value < from || value > to || (excludeFrom && value == from))
        {
            Fault(string.Create(CultureInfo.InvariantCulture, $"must be {(excludeFrom ? "above" : "at least")} {from} and at most {to}, not {value}"));
            return null;
        }

        return value;
    }

    /// <summary>One of the names of an enum, in kebab case.</summary>
    public T? AsEnum<T>()
        where T : struct, Enum
    {
        var names = Enum.GetValues<T>().Select(EnumWords.Of).ToArray();
        var position = Kind == JsonValueKind.String && TryText(out var text) ? Array.IndexOf(names, text) : -1;
        return position >= 0 ? Enum.GetValues<T>()[position] : WrongValue<T>("one of " + string.Join(", ", names));
    }

    /// <summary>An object.</summary>
    public SpecObject? AsObject() => Kind == JsonValueKind.Object ? new SpecObject(Element, Path, Faults) : Wrong<SpecObject>("an object");

    /// <summary>The items of an array that is not empty.</summary>
    public IReadOnlyList<SpecValue>? AsList()
    {
        if (Kind != JsonValueKind.Array)
        {
            return Wrong<IReadOnlyList<SpecValue>>("an array");
        }

        if (Element.GetArrayLength() == 0)
        {
            Fault("must not be empty");
            return null;
        }

        var self = this;
        return [.. Element.EnumerateArray().Select((item, i) => new SpecValue(item, string.Create(CultureInfo.InvariantCulture, $"{self.Path}[{i}]"), self.Faults))];
    }

    /// <summary>Records that another type or range was asked for.</summary>
    public void FaultType(string wanted) => Fault($"must be {wanted}, not {Describe()}");

    private T? Wrong<T>(string wanted)
        where T : class
    {
        FaultType(wanted);
        return null;
    }

    private T? WrongValue<T>(string wanted)
        where T : struct
    {
        FaultType(wanted);
        return null;
    }

    /// <summary>A string with a lone surrogate has no text; it is as wrong as any other wrong word.</summary>
    public bool TryText([NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Element.GetString();
        }
        catch (InvalidOperationException)
        {
            text = null;
        }

        return text is not null;
    }

    private string Describe()
    {
        var raw = Kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => TryText(out var text) ? $"\"{text}\"" : "a string that is not text",
            JsonValueKind.Undefined => "nothing",
            _ => Element.GetRawText(),
        };
        return raw.Length <= 60 ? raw : string.Concat(raw.AsSpan(0, 57), "...");
    }
}
