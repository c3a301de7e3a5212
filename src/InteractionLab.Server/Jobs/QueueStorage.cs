using Hangfire;
using Hangfire.Storage.SQLite;
using InteractionLab.Server.Store;
using Microsoft.Data.Sqlite;
using SQLite;

namespace InteractionLab.Server.Jobs;

/// <summary>
/// The file in which Hangfire keeps its deliveries. It is made anew at each start, whatever lies there: the jobs table
/// says what it must hold, and nothing that a process left half delivered is waited for.
/// </summary>
internal sealed partial class QueueStorage(DataDirectory data, ILogger<QueueStorage> log) : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // Hangfire would deliver a job a second time when it takes longer than this.
    private static readonly TimeSpan LongestJob = TimeSpan.FromDays(30);

    private readonly Lazy<SQLiteStorage> _storage = new(() => Open(data, log));

    /// <summary>The storage, opened when it is first asked for; the data directory must be this process's by then.</summary>
    public JobStorage Value => _storage.Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_storage.IsValueCreated)
        {
            _storage.Value.Dispose();
        }
    }

    private static SQLiteStorage Open(DataDirectory data, ILogger log)
    {
        if (File.Exists(data.QueueDatabase))
        {
            Describe(data.QueueDatabase, log);
        }

        try
        {
            foreach (var file in SqliteStore.FilesOf(data.QueueDatabase))
            {
                File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"{data.QueueDatabase} cannot be replaced: {error.Message}", error);
        }

        return new SQLiteStorage(new SQLiteDbConnectionFactory(() => Connect(data.QueueDatabase)), new SQLiteStorageOptions { QueuePollInterval = Poll, InvisibilityTimeout = LongestJob });
    }

    private static SQLiteConnection Connect(string path)
    {
        var connection = new SQLiteConnection(path, SQLiteOpenFlags.ReadWrite | SQLiteOpenFlags.Create | SQLiteOpenFlags.NoMutex, storeDateTimeAsTicks: true) { BusyTimeout = LongestWait };

        // What a power cut takes from this file is not missed.
        connection.Execute("PRAGMA synchronous = OFF");
        return connection;
    }

    /// <summary>Says what is replaced where that is not a queue of this program's last process.</summary>
    private static void Describe(string path, ILogger log)
    {
        try
        {
            using var connection = new Microsoft.Data.Sqlite.SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name LIKE 'QRTZ\\_%' ESCAPE '\\'";
            if (Convert.ToInt32(command.ExecuteScalar(), null) > 0)
            {
                LogEarlier(log, path);
            }
        }
        catch (SqliteException error)
        {
            LogUnreadable(log, path, error.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The queue {Path} of an earlier version is replaced; the jobs table says what it must hold")]
    private static partial void LogEarlier(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Path} cannot be read ({Reason}); it is made again from the jobs table")]
    private static partial void LogUnreadable(ILogger logger, string path, string reason);
}
