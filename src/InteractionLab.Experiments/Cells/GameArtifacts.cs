using InteractionLab.Models.Arrays;

namespace InteractionLab.Experiments.Cells;

/// <summary>The arrays of a job for NumPy, streamed from the cells when asked for: one game in memory at a time.</summary>
internal static class GameArtifacts
{
    private const string Npz = "application/x-npz";

    /// <summary>
    /// <c>values.npz</c>: <c>v</c> [games, 2^n] float64 and <c>index</c> [games] int64; a dataset of games is read from it.
    /// <c>interactions.npz</c>: <c>and</c>, <c>or</c>, <c>delta</c> like v, <c>index</c>, and <c>players</c> [games, n] int64.
    /// </summary>
    public static IReadOnlyList<ResultArtifact> Of(GameCells games) =>
    [
        new("values.npz", Npz, (output, cancellation) => Task.Run(() => WriteValues(games, output, cancellation), cancellation)),
        new("interactions.npz", Npz, (output, cancellation) => Task.Run(() => WriteInteractions(games, output, cancellation), cancellation)),
    ];

    private static void WriteValues(GameCells games, Stream output, CancellationToken cancellation)
    {
        using var npz = new NpzWriter(output, leaveOpen: true);
        WriteTable(npz, "v", games, cell => cell.V, cancellation);
        WriteIndex(npz, games);
        npz.Complete();
    }

    private static void WriteInteractions(GameCells games, Stream output, CancellationToken cancellation)
    {
        using var npz = new NpzWriter(output, leaveOpen: true);
        WriteTable(npz, "and", games, cell => cell.And, cancellation);
        WriteTable(npz, "or", games, cell => cell.Or, cancellation);
        WriteTable(npz, "delta", games, cell => cell.Delta, cancellation);
        WriteIndex(npz, games);
        var players = npz.Add<long>("players", games.Headers.Count, PlayersOf(games));
        foreach (var header in games.Headers)
        {
            players.Write([.. header.Players.Select(player => (long)player)]);
        }

        npz.Complete();
    }

    private static void WriteTable(NpzWriter npz, string name, GameCells games, Func<GameCell, double[]> part, CancellationToken cancellation)
    {
        var table = npz.Add<double>(name, games.Headers.Count, games.Headers.Count == 0 ? 0 : 1L << PlayersOf(games));
        for (var k = 0; k < games.Headers.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            table.Write(part(games.Read(k)));
        }
    }

    private static void WriteIndex(NpzWriter npz, GameCells games) =>
        npz.Write<long>("index", [.. games.Headers.Select(header => (long)header.Index)]);

    private static int PlayersOf(GameCells games) => games.Headers.Count == 0 ? 0 : games.Headers[0].Players.Length;
}
