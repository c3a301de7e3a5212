using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace InteractionLab.Server.Store;

/// <summary>All that is SQLite's own: how a file is opened, and how an older one is brought up to date.</summary>
internal sealed partial class SqliteStore(DataDirectory data, ILogger<SqliteStore> log)
{
    /// <summary>
    /// What <c>user_version</c> says of a database whose migrations are in EF Core's history. Before that it counted the steps
    /// of the tables: 1 or 2. A program of then refuses a 3 in words, as it must.
    /// </summary>
    private const int HasHistory = 3;
    private const int NotADatabase = 26;
    private const int Damaged = 11;

    private static readonly string[] Suffixes = ["", "-wal", "-shm", "-journal"];

    // From the first tables to those that the first migration makes.
    private const string SecondStep =
        """
        ALTER TABLE jobs ADD COLUMN Parent TEXT REFERENCES jobs (Id) ON DELETE SET NULL;
        ALTER TABLE jobs ADD COLUMN Role TEXT;
        ALTER TABLE jobs ADD COLUMN Waits TEXT CHECK (Waits IN ('cell', 'end'));
        CREATE UNIQUE INDEX jobs_parent ON jobs (Parent, Role) WHERE Parent IS NOT NULL;
        """;

    // The one index that had no name: later migrations find every index by its name.
    private const string NameIndexes = "CREATE UNIQUE INDEX jobs_idempotency_key ON jobs (IdempotencyKey)";

    /// <summary>The connection string of a SQLite file of ours.</summary>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 60 }.ToString();

    /// <summary>A database that is opened by itself, for a short time; no connection outlives it.</summary>
    public static LabDb Open(string path) =>
        new(new DbContextOptionsBuilder<LabDb>().UseSqlite(new SqliteConnectionStringBuilder(ConnectionString(path)) { Pooling = false }.ToString()).Options);

    /// <summary>Closes the connections to a database that are kept for later.</summary>
    public static void Close(string path)
    {
        using var connection = new SqliteConnection(ConnectionString(path));
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Copies a database, which others may write meanwhile, to a new file as it is at one moment.</summary>
    public static async Task CopyAsync(SqliteConnection connection, string path, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $path";
        command.Parameters.AddWithValue("$path", path);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A database and what SQLite keeps beside it.</summary>
    public static IEnumerable<string> FilesOf(string path) => Suffixes.Select(suffix => path + suffix);

    /// <summary>Brings the database up to date, made by whatever earlier version of the program. A copy of one that is changed is kept beside it.</summary>
    /// <returns>The last migration.</returns>
    /// <exception cref="InvalidDataException">A newer version of the program made it, or it is no database.</exception>
    public async Task<string> UpgradeAsync(LabDb db, CancellationToken cancellation)
    {
        try
        {
            await db.Database.OpenConnectionAsync(cancellation);
            var connection = (SqliteConnection)db.Database.GetDbConnection();

            // WAL is a property of the file: readers do not wait for the writer, and a killed process leaves a log that the next one replays.
            await ExecuteAsync(connection, null, "PRAGMA journal_mode = WAL", cancellation);
            if (await ScalarAsync(connection, "PRAGMA quick_check(1)", cancellation) is not "ok" and var fault)
            {
                throw Unreadable($"{fault}");
            }

            return await UpgradeAsync(db, connection, cancellation);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is NotADatabase or Damaged)
        {
            throw Unreadable(error.Message, error);
        }
    }

    private InvalidDataException Unreadable(string why, Exception? inner = null) =>
        new($"{data.Database} cannot be read ({why.ReplaceLineEndings(" ")}). Nothing was changed. {DataDirectory.WhatToDo(data.Root)}", inner);

    private async Task<string> UpgradeAsync(LabDb db, SqliteConnection connection, CancellationToken cancellation)
    {
        string[] known = [.. db.Database.GetMigrations()];
        string[] applied = [.. await db.Database.GetAppliedMigrationsAsync(cancellation)];
        var version = Convert.ToInt32(await ScalarAsync(connection, "PRAGMA user_version", cancellation), CultureInfo.InvariantCulture);
        if (version > HasHistory || applied.Except(known).Any())
        {
            throw new InvalidDataException($"The store in {data.Root} was made by a newer version of this program ({(version > HasHistory ? $"schema version {version}" : applied.Except(known).First())}). Use that program, or another data directory.");
        }

        if (known.Except(applied).FirstOrDefault() is not { } next)
        {
            return known[^1];
        }

        if (version > 0)
        {
            await KeepCopyAsync(connection, next, cancellation);
        }

        if (version is > 0 and < HasHistory)
        {
            await TakeOverAsync(db, connection, version, known[0], cancellation);
        }

        // Nobody else has the data directory, so a lock here is one that a process left which was killed while it migrated;
        // it would be waited for without end.
        await ExecuteAsync(connection, null, "DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        await db.Database.MigrateAsync(cancellation);
        await ExecuteAsync(connection, null, $"PRAGMA user_version = {HasHistory}", cancellation);
        return known[^1];
    }

    /// <summary>Makes what the first migration makes of a database of before there were migrations, and says that it is there.</summary>
    private async Task TakeOverAsync(LabDb db, SqliteConnection connection, int version, string first, CancellationToken cancellation)
    {
        var history = db.GetService<IHistoryRepository>();

        // All of it or nothing: a process killed in between leaves the database as it was.
        await using var transaction = connection.BeginTransaction();
        if (version == 1)
        {
            await ExecuteAsync(connection, transaction, SecondStep, cancellation);
        }

        await ExecuteAsync(connection, transaction, NameIndexes, cancellation);
        await ExecuteAsync(connection, transaction, history.GetCreateIfNotExistsScript(), cancellation);
        await ExecuteAsync(connection, transaction, history.GetInsertScript(new HistoryRow(first, ProductInfo.GetVersion())), cancellation);
        await ExecuteAsync(connection, transaction, $"PRAGMA user_version = {HasHistory}", cancellation);
        await transaction.CommitAsync(cancellation);
        LogTakenOver(log, version, first);
    }

    /// <summary>Keeps a copy of the database as it is before a migration; a copy of an earlier try is replaced.</summary>
    private async Task KeepCopyAsync(SqliteConnection connection, string migration, CancellationToken cancellation)
    {
        var temporary = data.NewTemporary();
        await CopyAsync(connection, temporary, cancellation);
        var copy = $"{data.Database}.before-{migration}";
        File.Move(temporary, copy, overwrite: true);
        LogCopied(log, migration, copy);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is made here, of nothing that a person wrote.
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

    [LoggerMessage(Level = LogLevel.Information, Message = "The store is changed by migration {Migration}; as it was before it is kept as {Copy}")]
    private static partial void LogCopied(ILogger logger, string migration, string copy);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store of schema version {Version} was taken over as migration {Migration}")]
    private static partial void LogTakenOver(ILogger logger, int version, string migration);
}

/// <summary>What <c>dotnet ef</c> makes migrations with; no database is opened.</summary>
internal sealed class DesignedStore : IDesignTimeDbContextFactory<LabDb>
{
    /// <inheritdoc/>
    public LabDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<LabDb>().UseSqlite(SqliteStore.ConnectionString(":memory:")).Options);
}
