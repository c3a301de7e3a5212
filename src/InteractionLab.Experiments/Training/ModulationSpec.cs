using InteractionLab.Experiments.Common;
using InteractionLab.Models.Training.Terms;

namespace InteractionLab.Experiments.Training;

/// <summary>Reads the field <c>modulation</c>: a list of losses, or the name of one of the paper's variants.</summary>
internal static class ModulationReader
{
    private const double LargestWeight = 1e6;

    // interaction-bottleneck.txt, section 6.3; method.md section 5.
    private static readonly Dictionary<string, Modulation[]> Presets = new(StringComparer.Ordinal)
    {
        ["normal"] = [],
        ["low"] = [new(ModulationKind.Suppress, 0.7, 1, 1)],
        ["mid"] = [new(ModulationKind.Encourage, 0.3, 0.7, 1)],
        ["high"] = [new(ModulationKind.Suppress, 0, 0.5, 1)],
    };

    /// <summary>Reads the field; empty where it is absent or wrong.</summary>
    public static IReadOnlyList<Modulation> Read(SpecValue? value)
    {
        if (value is not { } given)
        {
            return [];
        }

        if (given.Kind == System.Text.Json.JsonValueKind.String && given.TryText(out var name))
        {
            if (Presets.TryGetValue(name, out var preset))
            {
                return preset;
            }

            given.FaultType($"a list, or one of {string.Join(", ", Presets.Keys)}");
            return [];
        }

        if (given.Kind == System.Text.Json.JsonValueKind.Array && given.Element.GetArrayLength() == 0)
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
        if (from >= to)
        {
            fields.Fault("to", FormattableString.Invariant($"must be above from, {from}"));
        }

        fields.RejectUnknown();
        return type is { } kind && from < to ? new Modulation(kind, from.Value, to.Value, weight) : null;
    }
}
