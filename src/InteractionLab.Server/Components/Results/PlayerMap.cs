using System.Globalization;
using System.Text.Json;
using InteractionLab.Models.Datasets;
using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results;

/// <summary>A rectangle of pixels.</summary>
public readonly record struct Patch(int X, int Y, int Width, int Height);

/// <summary>What the players of a job are called, and where they lie on a sample's picture.</summary>
public sealed class PlayerMap
{
    private const int MostPixels = 4096;
    private readonly string type;
    private readonly int? rows;
    private readonly int? columns;
    private readonly int[][] groups = [];
    private readonly IReadOnlyList<string>? columnNames;
    private IReadOnlyList<string>? ownNames;
    private HashSet<string> repeated = [];

    /// <summary>Reads the players of a job's spec.</summary>
    public PlayerMap(JobView job, DatasetView? dataset)
    {
        var players = job.Spec.Get("players") ?? default;
        Cut = job.Spec.Read("cut");
        type = players.Read("type") ?? "";
        rows = players.Get("rows")?.GetInt32();
        columns = players.Get("columns")?.GetInt32();
        columnNames = dataset?.ColumnNames;
        if (players.Get("groups") is { ValueKind: JsonValueKind.Array } given)
        {
            groups = [.. given.EnumerateArray().Select(g => g.EnumerateArray().Select(c => c.GetInt32()).ToArray())];
        }

        if (dataset is { Kind: SampleKind.Image, SampleShape: [_, var height, var width] })
        {
            (DatasetId, Height, Width) = (dataset.Id, height, width);
        }
    }

    /// <summary>The map of a sample whose players have names of their own.</summary>
    public PlayerMap Called(IReadOnlyList<string> names)
    {
        var map = (PlayerMap)MemberwiseClone();
        map.ownNames = names;
        map.repeated = [.. names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key)];
        return map;
    }

    /// <summary>The dataset whose pictures show the players; null where there are none.</summary>
    public string? DatasetId { get; }

    /// <summary>The tensor whose cells the players own; null where it is the input.</summary>
    public string? Cut { get; }

    /// <summary>Width of a picture in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of a picture in pixels.</summary>
    public int Height { get; }

    /// <summary>Whether players can be drawn on a picture.</summary>
    public bool HasPictures => DatasetId is not null;

    /// <summary>What a player is, in the plural.</summary>
    public string Noun => type switch { "grid" => "patches", "columns" => "columns", "groups" => "groups", "tokens" => HasPictures ? "positions" : "words", _ => "players" };

    /// <summary>The name of player <paramref name="i"/> of a sample whose players are given.</summary>
    public string Name(IReadOnlyList<int> players, int i)
    {
        var number = i < players.Count ? players[i] : i;
        if (ownNames is { } names && i < names.Count)
        {
            // A comma between braces and a word that stands twice must be told from the others.
            var word = names[i].Contains(',', StringComparison.Ordinal) ? $"“{names[i]}”" : names[i];
            return repeated.Contains(names[i]) ? string.Create(CultureInfo.InvariantCulture, $"{word} at {number}") : word;
        }

        return type switch
        {
            "columns" when columnNames is { } columnNamed && number < columnNamed.Count => columnNamed[number],
            "groups" => $"g{number}",
            _ => number.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The names of the players of a mask.</summary>
    public string Names(IReadOnlyList<int> players, IEnumerable<int> members) => "{" + string.Join(", ", members.Select(i => Name(players, i))) + "}";

    /// <summary>Where a player lies on the picture; patches of a cut tensor are drawn as patches of the picture that it is made of.</summary>
    public IReadOnlyList<Patch> Patches(IReadOnlyList<int> players, int i)
    {
        if (!HasPictures || i >= players.Count)
        {
            return [];
        }

        return type switch
        {
            "grid" => [GridPatch(players[i])],
            "groups" when rows is not null => [.. groups[players[i]].Select(GridPatch)],
            "groups" when Cut is null => [.. groups[players[i]].Select(c => c % (Width * Height)).Distinct().Take(MostPixels).Select(p => new Patch(p % Width, p / Width, 1, 1))],
            _ => [],
        };
    }

    // Patch r takes the pixels y with floor(y * rows / height) = r, so it starts at the ceiling of r * height / rows.
    private Patch GridPatch(int cell)
    {
        var (r, c) = (cell / columns!.Value, cell % columns.Value);
        var (top, left) = (Ceiling(r * Height, rows!.Value), Ceiling(c * Width, columns.Value));
        return new Patch(left, top, Ceiling((c + 1) * Width, columns.Value) - left, Ceiling((r + 1) * Height, rows.Value) - top);
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
