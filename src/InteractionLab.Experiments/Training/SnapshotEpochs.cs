using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Training;

/// <summary>Which epochs' networks are kept: <c>"every"</c> or a list of epochs. The last epoch of each round of pruning is kept in any case.</summary>
[JsonConverter(typeof(SnapshotEpochsConverter))]
public sealed record SnapshotEpochs
{
    private const string Every = "every";

    private SnapshotEpochs(IReadOnlyList<int>? epochs) => Epochs = epochs;

    /// <summary>Every epoch, 0 included.</summary>
    public static SnapshotEpochs All { get; } = new((IReadOnlyList<int>?)null);

    /// <summary>The epochs in rising order; null for every one.</summary>
    public IReadOnlyList<int>? Epochs { get; }

    /// <summary>Some epochs.</summary>
    public static SnapshotEpochs Of(IEnumerable<int> epochs) => new([.. epochs.Distinct().Order()]);

    /// <summary>Whether the network at the end of an epoch is kept.</summary>
    public bool Contains(int epoch) => Epochs is null || Epochs.Contains(epoch);

    /// <summary>Reads the field; every epoch where it is absent or wrong.</summary>
    internal static SnapshotEpochs Read(SpecValue? value, int mostEpochs)
    {
        if (value is not { } given)
        {
            return All;
        }

        if (given.Kind == JsonValueKind.Array)
        {
            var items = given.AsList() ?? [];
            var epochs = items.Select(item => item.AsInteger(0, mostEpochs)).ToArray();
            return Of(epochs.OfType<long>().Select(epoch => (int)epoch));
        }

        if (given.Kind != JsonValueKind.String || !given.TryText(out var word) || word != Every)
        {
            given.FaultType($"\"{Every}\" or a list of epochs");
        }

        return All;
    }

    private sealed class SnapshotEpochsConverter : JsonConverter<SnapshotEpochs>
    {
        public override SnapshotEpochs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var faults = new SpecFaults();
            var read = SnapshotEpochs.Read(new SpecValue(JsonElement.ParseValue(ref reader), "snapshots", faults), int.MaxValue);
            return faults.IsClean("snapshots") ? read : throw new JsonException("The snapshots are neither \"every\" nor a list of epochs.");
        }

        public override void Write(Utf8JsonWriter writer, SnapshotEpochs value, JsonSerializerOptions options)
        {
            if (value.Epochs is null)
            {
                writer.WriteStringValue(Every);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.Epochs, options);
            }
        }
    }
}
