using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Training;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.ModulationStudy;

/// <summary>One way of training.</summary>
/// <param name="Name">What a person reads; each once.</param>
/// <param name="Modulation">The modulation losses; none for the network as it is usually trained.</param>
public sealed record VariantSpec(string Name, IReadOnlyList<Modulation> Modulation)
{
    /// <summary>The most seeds a variant is trained with.</summary>
    internal const int MostSeeds = 20;

    private const int MostVariants = 8;
    private const int LongestName = 60;

    /// <summary>The paper's four.</summary>
    internal static IReadOnlyList<VariantSpec> Paper { get; } =
        [.. Enum.GetValues<ModulationPreset>().Select(preset => new VariantSpec(ModulationReader.NameOf(preset), ModulationReader.Of(preset)))];

    /// <summary>Which of the paper's it is; null for others.</summary>
    internal ModulationPreset? Preset => ModulationReader.PresetOf(Modulation);

    /// <summary>Reads the field: names of the paper's variants and objects; the paper's four where it is absent.</summary>
    internal static IReadOnlyList<VariantSpec> ReadAll(SpecValue? value)
    {
        if (value is not { } given)
        {
            return Paper;
        }

        if (given.AsList() is not { } items)
        {
            return [];
        }

        if (items.Count is < 2 or > MostVariants)
        {
            given.Fault($"{items.Count} variants: must be 2 to {MostVariants}, to be compared");
        }

        var variants = items.Take(MostVariants).Select(Read).ToArray();
        for (var i = 0; i < variants.Length; i++)
        {
            if (Array.FindIndex(variants, other => other.Name == variants[i].Name) is var first && first < i && variants[i].Name.Length > 0)
            {
                items[i].Fault($"the name '{variants[i].Name}' is already that of variants[{first}]");
            }
            else if (Array.FindIndex(variants, other => other.Modulation.SequenceEqual(variants[i].Modulation)) is var same && same < i && given.Faults.IsClean(items[i].Path))
            {
                items[i].Fault($"trains as variants[{same}] does");
            }
        }

        return variants;
    }

    private static VariantSpec Read(SpecValue value)
    {
        if (value.Kind == JsonValueKind.String)
        {
            var known = ModulationReader.Read(value, "an object with modulation and name");
            return new VariantSpec(value.TryText(out var word) ? word : string.Empty, known);
        }

        if (value.AsObject() is not { } fields)
        {
            return new VariantSpec(string.Empty, []);
        }

        var modulation = ModulationReader.Read(fields.Require("modulation"));
        var name = (fields.Has("name") || ModulationReader.PresetOf(modulation) is not { } preset ? fields.Require("name")?.AsText() : ModulationReader.NameOf(preset)) ?? string.Empty;
        if (name.Length > LongestName)
        {
            fields.Fault("name", $"is longer than {LongestName} characters");
        }
        else if (DisplayNames.HasUnseen(name))
        {
            fields.Fault("name", DisplayNames.Unseen);
        }

        fields.RejectUnknown();
        return new VariantSpec(name, modulation);
    }
}
