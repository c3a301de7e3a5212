using System.Text.Json.Serialization;

namespace InteractionLab.Experiments.Common;

/// <summary>What a player is.</summary>
public enum PlayersKind
{
    /// <summary>Patches of a grid over a picture.</summary>
    Grid,

    /// <summary>Every column of a table.</summary>
    Columns,

    /// <summary>Tokens of a text.</summary>
    Tokens,

    /// <summary>Lists of cells.</summary>
    Groups,
}

/// <summary>How grid cells become players.</summary>
public enum PlayerChoice
{
    /// <summary>The cells given, the same for every sample.</summary>
    List,

    /// <summary>A random choice for each sample, named by the seed and the sample's index.</summary>
    Random,

    /// <summary>The cells with the largest attribution.</summary>
    Attribution,
}

/// <summary>
/// The players (method.md §1). <c>grid</c>: <see cref="Rows"/> x <see cref="Columns"/> patches numbered row by row;
/// where the picture is no multiple of the grid, patch r takes the pixels y with ⌊y·rows/height⌋ = r, so patches differ
/// by at most one pixel a side. <c>columns</c>: one player a column. <c>groups</c>: each player is a list of cells: grid
/// cells where rows and columns are given, else cells of the network's input, row-major (a pixel of a picture has one
/// cell a channel). <c>tokens</c>: words of a text by position, never [PAD]: all (texts of one length then), as many as
/// <see cref="Select"/> says, drawn for each sample by the seed, or <see cref="Groups"/> of positions.
/// </summary>
public sealed record PlayersSpec
{
    /// <summary>The kind.</summary>
    public PlayersKind Type { get; init; }

    /// <summary>Grid rows, 1..1024.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Rows { get; init; }

    /// <summary>Grid columns, 1..1024.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Columns { get; init; }

    /// <summary>How many grid cells or tokens are players, or <c>all</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NumberOrWord? Select { get; init; }

    /// <summary>How the cells are chosen; absent where all are players.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PlayerChoice? By { get; init; }

    /// <summary>The cells of <c>by: "list"</c>; player i is cell i of this list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Cells { get; init; }

    /// <summary>The seed of <c>by: "random"</c>, and of tokens drawn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seed { get; init; }

    /// <summary>
    /// Whether a text with fewer tokens than <see cref="Select"/> is taken, [PAD] positions being its further players: they change
    /// nothing, so texts of different length have the same number of players.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Pad { get; init; }

    /// <summary>Words that are never players, whatever their case.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? StopWords { get; init; }

    /// <summary>The cells of each player of <c>groups</c>; the positions of each player of <c>tokens</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<int>>? Groups { get; init; }
}
