using InteractionLab.Experiments.Cells;
using InteractionLab.Interactions;

namespace InteractionLab.Experiments.TrainingDynamics;

/// <summary>What a cell says beside its arrays.</summary>
internal sealed record BlockHeader
{
    /// <summary>Id of the network's model.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>Its games, in the order of samples.</summary>
    public GameHeader[] Games { get; init; } = [];

    /// <summary>Forward passes made.</summary>
    public long Made { get; init; }

    /// <summary>Forward passes whose outputs were kept from before.</summary>
    public long Saved { get; init; }
}

/// <summary>Games of one network on consecutive samples, as a cell keeps them.</summary>
internal sealed record BlockCell(BlockHeader Header, IReadOnlyList<GameCell> Games)
{
    /// <summary>The bytes of a cell.</summary>
    public static byte[] ToBytes(BlockHeader header, IReadOnlyList<(GameHeader Header, double[] V, Decomposition Decomposition)> games) => CellFile.Write(
        header with { Games = [.. games.Select(game => game.Header.With(game.Decomposition))] },
        [.. games.SelectMany((game, i) => new[] { ($"v{i}", game.V), ($"and{i}", game.Decomposition.And), ($"or{i}", game.Decomposition.Or), ($"delta{i}", game.Decomposition.Delta) })]);

    /// <summary>Reads a cell and checks it.</summary>
    public static BlockCell Read(Stream stream)
    {
        var (header, arrays) = CellFile.Read<BlockHeader>(stream);
        return new BlockCell(header, [.. header.Games.Select((game, i) => new GameCell(game, arrays[$"v{i}"], arrays[$"and{i}"], arrays[$"or{i}"], arrays[$"delta{i}"]))]);
    }
}
