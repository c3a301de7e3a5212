using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Training;

/// <summary>The paper's variants (interaction-bottleneck.txt, section 6.3; method.md §5).</summary>
public enum ModulationPreset
{
    /// <summary>No modulation.</summary>
    Normal,

    /// <summary>Suppresses 0.7..1.</summary>
    Low,

    /// <summary>Encourages 0.3..0.7.</summary>
    Mid,

    /// <summary>Suppresses 0..0.5.</summary>
    High,
}

/// <summary>Reads the field <c>modulation</c>: a list of losses, or the name of one of the paper's variants.</summary>
internal static class ModulationReader
{
    private const double LargestWeight = 1e6;

    private static readonly Dictionary<string, ModulationPreset> Presets = Enum.GetValues<ModulationPreset>().ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The word for a variant of the paper.</summary>
    public static string NameOf(ModulationPreset preset) => EnumWords.Of(preset);

    /// <summary>The losses of a variant of the paper.</summary>
    public static IReadOnlyList<Modulation> Of(ModulationPreset preset) => preset switch
    {
        ModulationPreset.Low => [new(ModulationKind.Suppress, 0.7, 1, 1)],
        ModulationPreset.Mid => [new(ModulationKind.Encourage, 0.3, 0.7, 1)],
        ModulationPreset.High => [new(ModulationKind.Suppress, 0, 0.5, 1)],
        _ => [],
    };

    /// <summary>Which of the paper's variants losses are, whatever their weight, unless it is 0, and their pairs; null for others.</summary>
    public static ModulationPreset? PresetOf(IReadOnlyList<Modulation> losses)
    {
        var ranges = losses.Select(loss => loss with { Weight = Math.Sign(loss.Weight), Pairs = 1 }).ToArray();
        return Enum.GetValues<ModulationPreset>().Select(preset => (ModulationPreset?)preset).FirstOrDefault(preset => Of(preset!.Value).SequenceEqual(ranges));
    }

    /// <summary>Reads the field; empty where it is absent or wrong.</summary>
    /// <param name="value">The field.</param>
    /// <param name="otherwise">What may stand there in place of a name, for the error.</param>
    public static IReadOnlyList<Modulation> Read(SpecValue? value, string otherwise = "a list")
    {
        if (value is not { } given)
        {
            return [];
        }

        if (given.Kind == JsonValueKind.String && given.TryText(out var name))
        {
            if (Presets.TryGetValue(name, out var preset))
            {
                return Of(preset);
            }

            given.FaultType($"{otherwise}, or one of {string.Join(", ", Presets.Keys)}");
            return [];
        }

        if (given.Kind == JsonValueKind.Array && given.Element.GetArrayLength() == 0)
        {
            return [];
        }

        return [.. (given.AsList() ?? []).Select(ReadOne).OfType<Modulation>()];
    }

    private static Modulation? ReadOne(SpecValue value)
    {
        if (value.AsObject() is not { } fields)
        {
            return null;
        }

        var type = fields.Require("type")?.AsEnum<ModulationKind>();
        var from = fields.Require("from")?.AsNumber(0, 1);
        var to = fields.Require("to")?.AsNumber(0, 1);
        var weight = fields.Get("weight")?.AsNumber(0, LargestWeight) ?? 1;
        var pairs = (int?)fields.Get("pairs")?.AsInteger(1, Modulation.MostPairs) ?? 1;
        if (from >= to)
        {
            fields.Fault("to", FormattableString.Invariant($"must be above from, {from}"));
        }

        fields.RejectUnknown();
        return type is { } kind && from < to ? new Modulation(kind, from.Value, to.Value, weight, pairs) : null;
    }
}
