using System.Text.Json;
using System.Text.Json.Serialization;

namespace InteractionLab.Models.Zoo;

/// <summary>
/// An architecture of the zoo with every option that has a value. In JSON one object: <c>{"name": "mlp", "depth": 5, ...}</c>.
/// Made by <see cref="ModelZoo.Read"/>; equal where name and options are.
/// </summary>
[JsonConverter(typeof(ZooArchitectureConverter))]
public sealed class ZooArchitecture : IEquatable<ZooArchitecture>
{
    private readonly SortedDictionary<string, object> _options;

    internal ZooArchitecture(ZooFamily family, IEnumerable<KeyValuePair<string, object>> options)
    {
        Family = family;
        _options = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in options)
        {
            _options.Add(name, value);
        }
    }

    /// <summary>The name in a spec: <c>mlp</c>, <c>resnet</c>, ...</summary>
    public string Name => Family.Name;

    /// <summary>Values by option, defaults filled in: longs, doubles, bools or strings.</summary>
    public IReadOnlyDictionary<string, object> Options => _options;

    internal ZooFamily Family { get; }

    /// <inheritdoc />
    public bool Equals(ZooArchitecture? other) => other is not null && Name == other.Name && _options.SequenceEqual(other._options);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ZooArchitecture);

    /// <inheritdoc />
    public override int GetHashCode() => _options.Aggregate(Name.GetHashCode(StringComparison.Ordinal), HashCode.Combine);

    /// <summary>The name and the options: <c>resnet depth 20, width 16</c>.</summary>
    public override string ToString() =>
        $"{Name} {string.Join(", ", Family.Options.Where(option => _options.ContainsKey(option.Name)).Select(option => FormattableString.Invariant($"{option.Name} {_options[option.Name]}")))}".TrimEnd();

    internal int Integer(string option) => checked((int)(long)_options[option]);

    internal int? IntegerOrNull(string option) => _options.ContainsKey(option) ? Integer(option) : null;

    internal double Number(string option) => (double)_options[option];

    internal bool Flag(string option) => (bool)_options[option];

    internal string Word(string option) => (string)_options[option];

    private sealed class ZooArchitectureConverter : JsonConverter<ZooArchitecture>
    {
        public override ZooArchitecture Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var element = JsonElement.ParseValue(ref reader);
            var faults = new List<string>();
            return ModelZoo.Read(element, (field, why) => faults.Add($"{field} {why}")) ?? throw new JsonException(string.Join("; ", faults));
        }

        public override void Write(Utf8JsonWriter writer, ZooArchitecture value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("name", value.Name);
            foreach (var option in value.Family.Options)
            {
                if (value._options.TryGetValue(option.Name, out var chosen))
                {
                    writer.WritePropertyName(option.Name);
                    JsonSerializer.Serialize(writer, chosen, chosen.GetType(), options);
                }
            }

            writer.WriteEndObject();
        }
    }
}
