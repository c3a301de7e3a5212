using Microsoft.Data.Sqlite;

namespace InteractionLab.Server.Store;

/// <summary>
/// The tables, as a list of steps. A database says in <c>user_version</c> how many steps it has had; at start the rest
/// are applied, each in its own transaction. A step that was released is never edited: a change is a new step at the end.
/// </summary>
internal static class LabSchema
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE models (
            Sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            Id TEXT NOT NULL UNIQUE,
            Name TEXT NOT NULL,
            Sha256 TEXT NOT NULL UNIQUE,
            SizeBytes INTEGER NOT NULL,
            Summary TEXT NOT NULL,
            CreatedAt INTEGER NOT NULL);
        CREATE TABLE datasets (
            Sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            Id TEXT NOT NULL UNIQUE,
            Name TEXT NOT NULL,
            Summary TEXT NOT NULL,
            SizeBytes INTEGER NOT NULL,
            CreatedAt INTEGER NOT NULL);
        CREATE TABLE jobs (
            Sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            Id TEXT NOT NULL UNIQUE,
            Kind TEXT NOT NULL,
            Name TEXT NOT NULL,
            State TEXT NOT NULL CHECK (State IN ('queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed')),
            Spec TEXT NOT NULL,
            RequestHash TEXT NOT NULL,
            IdempotencyKey TEXT UNIQUE,
            Total INTEGER NOT NULL,
            Done INTEGER NOT NULL CHECK (Done BETWEEN 0 AND Total),
            Unit TEXT NOT NULL,
            Message TEXT,
            SecondsLeft REAL,
            Error TEXT,
            Attempts INTEGER NOT NULL,
            Recoveries INTEGER NOT NULL,
            CreatedAt INTEGER NOT NULL,
            StartedAt INTEGER,
            FinishedAt INTEGER);
        CREATE INDEX jobs_state ON jobs (State, Sequence);
        CREATE INDEX jobs_kind ON jobs (Kind, Sequence);
        CREATE TABLE job_inputs (
            JobId TEXT NOT NULL REFERENCES jobs (Id) ON DELETE CASCADE,
            Type TEXT NOT NULL,
            InputId TEXT NOT NULL,
            PRIMARY KEY (JobId, Type, InputId)) WITHOUT ROWID;
        CREATE INDEX job_inputs_input ON job_inputs (Type, InputId);
        CREATE TABLE cells (
            JobId TEXT NOT NULL REFERENCES jobs (Id) ON DELETE CASCADE,
            Position INTEGER NOT NULL,
            Sequence INTEGER NOT NULL,
            Key TEXT NOT NULL,
            Sha256 TEXT NOT NULL,
            SizeBytes INTEGER NOT NULL,
            Message TEXT,
            Attempt INTEGER NOT NULL,
            FinishedAt INTEGER NOT NULL,
            PRIMARY KEY (JobId, Position),
            UNIQUE (JobId, Sequence)) WITHOUT ROWID;
        CREATE INDEX cells_file ON cells (Sha256);
        """,
        """
        ALTER TABLE jobs ADD COLUMN Parent TEXT REFERENCES jobs (Id) ON DELETE SET NULL;
        ALTER TABLE jobs ADD COLUMN Role TEXT;
        ALTER TABLE jobs ADD COLUMN Waits TEXT CHECK (Waits IN ('cell', 'end'));
        CREATE UNIQUE INDEX jobs_parent ON jobs (Parent, Role) WHERE Parent IS NOT NULL;
        """,
    ];

    /// <summary>The version this program writes.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings a database up to date. The connection is open.</summary>
    /// <exception cref="InvalidDataException">The database was written by a newer version of the program.</exception>
    public static async Task ApplyAsync(SqliteConnection connection, CancellationToken cancellation)
    {
        // WAL is a property of the file: readers do not wait for the writer, and a killed process leaves a log that the next one replays.
        await ExecuteAsync(connection, null, "PRAGMA journal_mode = WAL", cancellation);
        var version = Convert.ToInt32(await ScalarAsync(connection, "PRAGMA user_version", cancellation), null);
        if (version > Steps.Length)
        {
            throw new InvalidDataException($"The store has schema version {version}; this program knows up to {Steps.Length}. Use the newer program, or another data directory.");
        }

        for (; version < Steps.Length; version++)
        {
            await using var transaction = connection.BeginTransaction();
            await ExecuteAsync(connection, transaction, Steps[version], cancellation);
            await ExecuteAsync(connection, transaction, $"PRAGMA user_version = {version + 1}", cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    private static async Task ExecuteAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellation);
    }
}
