using System.Text.Json;
using InteractionLab.Testing;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>The games with known answers, where they are.</summary>
internal static class KnownGames
{
    public static IReadOnlyList<JsonElement> All()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("vectors", "games.json")));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }

    public static double[] Numbers(JsonElement game, string field) => [.. game.GetProperty(field).EnumerateArray().Select(value => value.GetDouble())];

    /// <summary>A random game.</summary>
    public static double[] Random(int players, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1 << players).Select(_ => (random.NextDouble() * 6) - 2)];
    }

    public static string Json(params IEnumerable<double[]> games) => JsonSerializer.Serialize(games);
}
