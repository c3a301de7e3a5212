using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments.Games;

/// <summary>Where the tables come from: <c>[[v..]..]</c>, or the id of a dataset of games.</summary>
[JsonConverter(typeof(GamesSourceConverter))]
public sealed record GamesSource
{
    /// <summary>The tables themselves, 2^n values each in numeric mask order; null where they are a dataset.</summary>
    public IReadOnlyList<double[]>? Tables { get; init; }

    /// <summary>The dataset's id; null where the tables are given.</summary>
    public string? Dataset { get; init; }

    private sealed class GamesSourceConverter : JsonConverter<GamesSource>
    {
        public override GamesSource Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String
                ? new GamesSource { Dataset = reader.GetString() }
                : new GamesSource { Tables = JsonSerializer.Deserialize<double[][]>(ref reader, options) };

        public override void Write(Utf8JsonWriter writer, GamesSource value, JsonSerializerOptions options)
        {
            if (value.Dataset is not null)
            {
                writer.WriteStringValue(value.Dataset);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.Tables, options);
            }
        }
    }
}

/// <summary>Tables of 2^n outputs computed elsewhere, decomposed and measured; and pairs of them decomposed jointly.</summary>
public sealed record GamesSpec
{
    private const int MostPairs = 100_000;
    private const int LongestName = 200;

    /// <summary>The tables: all of one length 2^n, n = 1..<see cref="SpecLimits.MostPlayers"/>, finite.</summary>
    public GamesSource? Games { get; init; }

    /// <summary>A name for each game; absent: <c>game 0</c>, <c>game 1</c>, ...</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Pairs [a, b] of games whose joint decomposition is wanted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int[]>? Pairs { get; init; }

    /// <summary>How games are decomposed.</summary>
    public InteractionsSpec Interactions { get; init; } = new();

    /// <summary>Which interactions count.</summary>
    public SalienceSpec Salience { get; init; } = new();

    /// <summary>Reads the fields; wrong parts are null or default.</summary>
    internal static GamesSpec Read(SpecObject fields) => new()
    {
        Games = ReadGames(fields.Require("games")),
        Names = ReadNames(fields.Get("names")),
        Pairs = ReadPairs(fields.Get("pairs")),
        Interactions = InteractionsSpec.Read(fields.Get("interactions")),
        Salience = SalienceSpec.Read(fields.Get("salience")),
    };

    private static GamesSource? ReadGames(SpecValue? value)
    {
        if (value is not { } given)
        {
            return null;
        }

        if (given.Kind == JsonValueKind.String)
        {
            return given.AsText() is { } id ? new GamesSource { Dataset = id } : null;
        }

        if (given.Kind != JsonValueKind.Array)
        {
            given.FaultType("tables [[v..]..] or the id of a dataset of games");
            return null;
        }

        if (given.AsList() is not { } items)
        {
            return null;
        }

        var length = items[0].Kind == JsonValueKind.Array ? items[0].Element.GetArrayLength() : (int?)null;
        var tables = items.Select(item => ReadTable(item, length)).ToArray();
        return tables.Contains(null) ? null : new GamesSource { Tables = tables! };
    }

    private static double[]? ReadTable(SpecValue item, int? length)
    {
        if (item.AsList() is not { } items)
        {
            return null;
        }

        if (FaultOfLength(items.Count) is { } why)
        {
            item.Fault(why);
        }
        else if (items.Count != length && length is not null)
        {
            item.Fault($"has {items.Count} values, the first game {length}: all games of a job have the same players");
        }

        var table = new double[items.Count];
        var whole = true;
        for (var i = 0; i < table.Length; i++)
        {
            var number = items[i].AsNumber();
            whole &= number is not null;
            table[i] = number ?? 0;
        }

        return whole ? table : null;
    }

    /// <summary>What is wrong with a table of that many values, or null.</summary>
    internal static string? FaultOfLength(long length) => length < 2 || length > 1 << SpecLimits.MostPlayers || !BitOperations.IsPow2(length)
        ? $"has {length} values; a game of n players has 2^n, n = 1..{SpecLimits.MostPlayers}"
        : null;

    private static string[]? ReadNames(SpecValue? value)
    {
        var names = value?.AsList()?.Select(item =>
        {
            var text = item.AsText();
            if (text?.Length > LongestName)
            {
                item.Fault($"is longer than {LongestName} characters");
            }

            return text ?? string.Empty;
        });
        return names?.ToArray();
    }

    private static IReadOnlyList<int[]>? ReadPairs(SpecValue? value)
    {
        if (value is not { } given || (given.Kind == JsonValueKind.Array && given.Element.GetArrayLength() == 0))
        {
            return null;
        }

        if (given.AsList() is not { } items)
        {
            return null;
        }

        if (items.Count > MostPairs)
        {
            given.Fault($"{items.Count} pairs: at most {MostPairs}");
            return null;
        }

        var seen = new HashSet<(long, long)>();
        return [.. items.Select(item => ReadPair(item, seen)).OfType<int[]>()];
    }

    private static int[]? ReadPair(SpecValue item, HashSet<(long, long)> seen)
    {
        if (item.AsList() is not { } ends)
        {
            return null;
        }

        if (ends.Count != 2)
        {
            item.Fault($"must be [a, b], not {ends.Count} numbers");
            return null;
        }

        var (a, b) = (ends[0].AsInteger(0, int.MaxValue), ends[1].AsInteger(0, int.MaxValue));
        if (a is null || b is null)
        {
            return null;
        }

        if (a == b)
        {
            item.Fault($"joins game {a} with itself");
        }
        else if (!seen.Add((a.Value, b.Value)))
        {
            item.Fault($"[{a}, {b}] is given twice");
        }

        return [(int)a, (int)b];
    }
}
