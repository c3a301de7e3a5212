using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Zoo;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>A network of the zoo with its options, as the zoo describes them.</summary>
public sealed class ArchitectureForm
{
    private readonly Dictionary<string, Dictionary<string, string>> values = ModelZoo.Architectures.ToDictionary(
        family => family.Name,
        family => family.Options.ToDictionary(option => option.Name, option => option.Default is bool flag ? flag ? "true" : "false" : Convert.ToString(option.Default, CultureInfo.InvariantCulture) ?? ""));

    /// <summary>The family.</summary>
    public string Name { get; set; } = ModelZoo.Architectures.Any(f => f.Name == "resnet") ? "resnet" : ModelZoo.Architectures[0].Name;

    /// <summary>The family as the zoo describes it; null for a name the zoo does not know.</summary>
    public ZooFamily? Family => ModelZoo.Architectures.FirstOrDefault(f => f.Name == Name);

    /// <summary>An option of the family as it was typed.</summary>
    public string this[string option]
    {
        get => values.GetValueOrDefault(Name)?.GetValueOrDefault(option) ?? "";
        set => values[Name][option] = value;
    }

    /// <summary>The field of a spec; an option left empty takes its default.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name };
        foreach (var option in Family?.Options ?? [])
        {
            json.With(option.Name, option.Type == ZooOptionType.Flag ? JsonValue.Create(this[option.Name] == "true") : FormText.Number(this[option.Name]));
        }

        return json;
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement architecture)
    {
        Name = architecture.Read("name") ?? Name;
        foreach (var option in Family?.Options ?? [])
        {
            this[option.Name] = architecture.Read(option.Name) ?? this[option.Name];
        }
    }

    /// <summary>Moves to a family that takes samples of this kind.</summary>
    public void FitTo(SampleKind? kind)
    {
        if (kind is { } given && Family is { } family && !family.Kinds.Contains(given))
        {
            Name = ModelZoo.Architectures.FirstOrDefault(f => f.Kinds.Contains(given))?.Name ?? Name;
        }
    }
}
