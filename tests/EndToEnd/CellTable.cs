using Microsoft.Data.Sqlite;

namespace InteractionLab.EndToEnd;

/// <summary>Reads the cells a job has committed straight from the database file, as a witness beside the server.</summary>
internal static class CellTable
{
    /// <summary>Position and time of commit of each finished cell.</summary>
    public static IReadOnlyList<(int Position, long FinishedAt)> Read(string data, string job)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "lab.db")};Pooling=False;Default Timeout=30");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT Position, FinishedAt FROM cells WHERE JobId = $job";
        command.Parameters.AddWithValue("$job", job);
        using var reader = command.ExecuteReader();
        var cells = new List<(int, long)>();
        while (reader.Read())
        {
            cells.Add((reader.GetInt32(0), reader.GetInt64(1)));
        }

        return cells;
    }
}
