using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Bottleneck;

/// <summary>The orders to measure: <c>"all"</c>, or ratios m/(n-2) in 0..1.</summary>
/// <param name="Ratios">The ratios; null is all orders.</param>
[JsonConverter(typeof(OrderSelectionConverter))]
public sealed record OrderSelection(IReadOnlyList<double>? Ratios)
{
    private const string All = "all";
    private const int MostRatios = 1024;

    /// <summary>0, 0.1, ..., 1: what is measured where nothing is asked for and masks are sampled.</summary>
    public static OrderSelection Tenths { get; } = new([.. Enumerable.Range(0, 11).Select(k => k / 10.0)]);

    /// <summary>The orders m of n players, ascending, each once: a ratio stands for the nearest order.</summary>
    public IReadOnlyList<int> Of(int players) => Ratios is null
        ? [.. Enumerable.Range(0, players - 1)]
        : [.. Ratios.Select(ratio => (int)Math.Round(ratio * (players - 2), MidpointRounding.AwayFromZero)).Distinct().Order()];

    /// <summary>Reads the field; null where it is absent or wrong.</summary>
    internal static OrderSelection? Read(SpecValue? value)
    {
        if (value is not { } given)
        {
            return null;
        }

        if (given.Kind == JsonValueKind.String && given.TryText(out var text) && text == All)
        {
            return new OrderSelection(null as IReadOnlyList<double>);
        }

        if (given.Kind != JsonValueKind.Array)
        {
            given.FaultType($"\"{All}\" or an array of ratios");
            return null;
        }

        var ratios = given.AsList()?.Select(item => item.AsNumber(0, 1)).ToArray();
        if (ratios?.Length > MostRatios)
        {
            given.Fault($"has {ratios.Length} ratios; at most {MostRatios}");
        }

        return ratios is null || ratios.Contains(null) ? null : new OrderSelection([.. ratios.Select(ratio => ratio!.Value)]);
    }

    private sealed class OrderSelectionConverter : JsonConverter<OrderSelection>
    {
        public override OrderSelection Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.TokenType == JsonTokenType.String ? null : JsonSerializer.Deserialize<double[]>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, OrderSelection value, JsonSerializerOptions options)
        {
            if (value.Ratios is null)
            {
                writer.WriteStringValue(All);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.Ratios, options);
            }
        }
    }
}
