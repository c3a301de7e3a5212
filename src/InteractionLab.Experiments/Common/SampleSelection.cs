using System.Text.Json;
using System.Text.Json.Serialization;

namespace InteractionLab.Experiments.Common;

/// <summary>
/// Which samples of a dataset: <c>[indices]</c>, <c>{from, to}</c> (to excluded) or
/// <c>{count, seed, correctOnly, perClass}</c>.
/// </summary>
[JsonConverter(typeof(SampleSelectionConverter))]
public abstract record SampleSelection
{
    private const int MostSamples = 10_000_000;

    private SampleSelection()
    {
    }

    /// <summary>Samples by index, each once.</summary>
    public sealed record ByIndex(IReadOnlyList<int> Indices) : SampleSelection;

    /// <summary>Samples <paramref name="From"/>..<paramref name="To"/>-1.</summary>
    public sealed record ByRange(int From, int To) : SampleSelection;

    /// <summary>
    /// The first samples of a seeded random order of the dataset (the same on every machine; a larger count begins with
    /// the smaller one's samples).
    /// </summary>
    /// <param name="Count">How many; of each class where <paramref name="PerClass"/>.</param>
    /// <param name="Seed">Names the order.</param>
    /// <param name="CorrectOnly">Only samples whose label the unmasked network predicts; decided while the job runs.</param>
    /// <param name="PerClass"><paramref name="Count"/> samples of every class instead of over all.</param>
    public sealed record AtRandom(int Count, long Seed, bool CorrectOnly, bool PerClass) : SampleSelection;

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static SampleSelection? Read(SpecValue? value, long seed)
    {
        if (value is not { } given)
        {
            return null;
        }

        if (given.Kind == JsonValueKind.Array)
        {
            return ReadIndices(given);
        }

        if (given.Kind != JsonValueKind.Object)
        {
            given.FaultType("[indices], {from, to} or {count, seed, correctOnly, perClass}");
            return null;
        }

        var fields = given.AsObject()!;
        SampleSelection? read = fields.Has("count") || !(fields.Has("from") || fields.Has("to"))
            ? ReadRandom(fields, seed)
            : ReadRange(fields);
        fields.RejectUnknown();
        return read;
    }

    private static ByIndex? ReadIndices(SpecValue given)
    {
        var positions = new Dictionary<int, int>();
        var items = given.AsList() ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].AsInteger(0, int.MaxValue) is { } index && !positions.TryAdd((int)index, i))
            {
                items[i].Fault($"sample {index} is already at position {positions[(int)index]}");
            }
        }

        return positions.Count == items.Count && items.Count > 0 ? new ByIndex([.. positions.Keys]) : null;
    }

    private static ByRange? ReadRange(SpecObject fields)
    {
        var from = fields.Require("from")?.AsInteger(0, int.MaxValue);
        var to = fields.Require("to")?.AsInteger(0, int.MaxValue);
        if (from >= to)
        {
            fields.Fault("to", $"must be above from ({from}): it is excluded");
            return null;
        }

        return from is null || to is null ? null : new ByRange((int)from, (int)to);
    }

    private static AtRandom? ReadRandom(SpecObject fields, long seed)
    {
        var count = fields.Require("count")?.AsInteger(1, MostSamples);
        var own = fields.Get("seed")?.AsInteger(0, SpecLimits.LargestSeed) ?? seed;
        var correctOnly = fields.Get("correctOnly")?.AsFlag() ?? false;
        var perClass = fields.Get("perClass")?.AsFlag() ?? false;
        return count is null ? null : new AtRandom((int)count, own, correctOnly, perClass);
    }

    private sealed class SampleSelectionConverter : JsonConverter<SampleSelection>
    {
        public override SampleSelection Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var faults = new SpecFaults();
            var read = SampleSelection.Read(new SpecValue(JsonElement.ParseValue(ref reader), "samples", faults), seed: 0);
            return read ?? throw new JsonException("The samples are not a selection.");
        }

        public override void Write(Utf8JsonWriter writer, SampleSelection value, JsonSerializerOptions options)
        {
            switch (value)
            {
                case ByIndex list:
                    JsonSerializer.Serialize(writer, list.Indices, options);
                    break;
                case ByRange range:
                    JsonSerializer.Serialize(writer, range, options);
                    break;
                case AtRandom random:
                    JsonSerializer.Serialize(writer, random, options);
                    break;
            }
        }
    }
}
