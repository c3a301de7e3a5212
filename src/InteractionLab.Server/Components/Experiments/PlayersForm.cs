using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Who the players are.</summary>
public sealed class PlayersForm
{
    /// <summary>The paths of its fields.</summary>
    public static readonly string[] Fields = ["players", "players.type", "players.rows", "players.columns", "players.select", "players.by", "players.cells", "players.seed", "players.groups", "players.stopWords"];

    private const int LargestDrawnSide = 32;

    /// <summary><c>grid</c>, <c>columns</c>, <c>tokens</c> or <c>groups</c>.</summary>
    public string Type { get; set; } = "grid";

    public string Rows { get; set; } = "8";

    public string Columns { get; set; } = "8";

    /// <summary><c>random</c>, <c>attribution</c>, <c>list</c> or <c>all</c>.</summary>
    public string By { get; set; } = "random";

    public string Select { get; set; } = "10";

    public string Seed { get; set; } = "0";

    /// <summary>Words that are no players, apart by spaces.</summary>
    public string StopWords { get; set; } = "";

    /// <summary>The cells chosen, in the order of their players.</summary>
    public List<int> Cells { get; } = [];

    /// <summary>The cells of each group.</summary>
    public List<List<int>> Groups { get; } = [[]];

    /// <summary>The group that a click on the grid fills.</summary>
    public int CurrentGroup { get; set; }

    /// <summary>Groups of input cells or of words, which no grid shows, as they came with a spec.</summary>
    public JsonArray? RawGroups { get; private set; }

    /// <summary>Rows and columns where both are numbers that a grid can be drawn with.</summary>
    public (int Rows, int Columns)? Grid =>
        Type is "grid" or "groups" && Side(Rows) is { } rows && Side(Columns) is { } columns ? (rows, columns) : null;

    /// <summary>What is still missing; null where nothing is.</summary>
    public string? Missing => this is { Type: "grid", By: "list", Cells.Count: 0 } ? "Choose cells on the picture."
        : this is { Type: "groups", RawGroups: null } && Groups.TrueForAll(g => g.Count == 0) ? "Fill the groups on the picture."
        : null;

    /// <summary>The field of a spec.</summary>
    public JsonObject ToJson()
    {
        var players = new JsonObject { ["type"] = Type };
        switch (Type)
        {
            case "grid":
                players.With("rows", FormText.Number(Rows)).With("columns", FormText.Number(Columns));
                WriteChoice(players);
                break;
            case "tokens" when RawGroups is null:
                WriteTokens(players);
                break;
            case "groups" or "tokens" when RawGroups is not null:
                players["groups"] = RawGroups.DeepClone();
                break;
            case "groups":
                players.With("rows", FormText.Number(Rows)).With("columns", FormText.Number(Columns));
                players["groups"] = new JsonArray([.. Groups.Where(g => g.Count > 0).Select(g => (JsonNode)Array(g))]);
                break;
        }

        return players;
    }

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement players)
    {
        Type = players.Read("type") ?? Type;
        Rows = players.Read("rows") ?? Rows;
        Columns = players.Read("columns") ?? Columns;
        Seed = players.Read("seed") ?? Seed;
        var select = players.Read("select");
        Select = select is null or "all" ? Select : select;
        By = players.Read("by") ?? (players.Get("cells") is not null ? "list" : Type == "tokens" && select is not (null or "all") ? "random" : "all");
        StopWords = players.Get("stopWords") is { ValueKind: JsonValueKind.Array } words ? string.Join(' ', words.EnumerateArray().Select(word => word.ToString())) : "";
        if (players.Get("cells") is { ValueKind: JsonValueKind.Array } cells)
        {
            Cells.Clear();
            Cells.AddRange(Ints(cells));
        }

        if (players.Get("groups") is { ValueKind: JsonValueKind.Array } groups)
        {
            RawGroups = players.Get("rows") is null ? JsonNode.Parse(groups.GetRawText()) as JsonArray : null;
            Groups.Clear();
            Groups.AddRange(groups.EnumerateArray().Where(g => g.ValueKind == JsonValueKind.Array).Select(g => Ints(g).ToList()));

            // A click fills the current group, so there always is one.
            CurrentGroup = 0;
            if (Groups.Count == 0)
            {
                Groups.Add([]);
            }
        }
    }

    /// <summary>Moves to players that samples of this kind can have.</summary>
    public void FitTo(SampleKind? kind) => Type = (kind, Type) switch
    {
        (SampleKind.Text, _) => "tokens",
        (SampleKind.Tabular, "grid" or "tokens") => "columns",
        (SampleKind.Image, "columns" or "tokens") => "grid",
        var (_, type) => type,
    };

    /// <summary>Leaves groups of input cells behind and starts with a grid.</summary>
    public void StartGroupsOnGrid()
    {
        RawGroups = null;
        Groups.Clear();
        Groups.Add([]);
        CurrentGroup = 0;
    }

    /// <summary>Adds a cell to the chosen ones or the current group, or takes it out.</summary>
    public void Toggle(int cell)
    {
        if (Type == "grid")
        {
            if (!Cells.Remove(cell))
            {
                Cells.Add(cell);
            }

            return;
        }

        var current = Groups[CurrentGroup];
        if (current.Remove(cell))
        {
            return;
        }

        // A cell belongs to one player at most.
        Groups.ForEach(g => g.Remove(cell));
        current.Add(cell);
    }

    private void WriteTokens(JsonObject players)
    {
        if (By == "all")
        {
            players["select"] = "all";
        }
        else
        {
            players.With("select", FormText.Number(Select)).With("seed", FormText.Number(Seed));
        }

        if (StopWords.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } words)
        {
            players["stopWords"] = new JsonArray([.. words.Select(word => (JsonNode)word)]);
        }
    }

    private void WriteChoice(JsonObject players)
    {
        switch (By)
        {
            case "all":
                players["select"] = "all";
                break;
            case "list":
                players["by"] = "list";
                players["cells"] = Array(Cells);
                break;
            case "attribution":
                players.With("select", FormText.Number(Select))["by"] = By;
                break;
            default:
                players.With("select", FormText.Number(Select))["by"] = By;
                players.With("seed", FormText.Number(Seed));
                break;
        }
    }

    private static JsonArray Array(IEnumerable<int> cells) => new([.. cells.Select(c => (JsonNode)c)]);

    private static IEnumerable<int> Ints(JsonElement array) => array.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Number && c.TryGetInt32(out _)).Select(c => c.GetInt32());

    private static int? Side(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) && side is >= 1 and <= LargestDrawnSide ? side : null;
}
