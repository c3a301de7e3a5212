using InteractionLab.Server.Store;
using InteractionLab.Server.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace InteractionLab.Server.Tests;

/// <summary>Databases of every version the program ever had, and of those it does not know.</summary>
public sealed class StoreUpgradeTests
{
    private static readonly string[] Tables = ["models", "datasets", "jobs", "job_inputs", "cells"];

    [Fact]
    public async Task The_migrations_make_the_model_that_the_program_has()
    {
        await using var db = Open(Path.Combine(LabServer.NewFolder(), "lab.db"));
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_database_of_before_the_migrations_is_taken_over_with_all_its_rows(int version)
    {
        using var data = new DataDirectory(version == 1 ? LabServer.NewFolder() : Fixture.Unpack().Data);
        if (version == 1)
        {
            File.Copy(Fixture.PathOf(Fixture.FirstSchema), data.Database);
        }

        Assert.Equal([$"{version}"], Read(data.Database, "PRAGMA user_version"));
        var before = Tables.ToDictionary(table => table, table => Rows(data.Database, table, Columns(data.Database, table)));
        var columns = Tables.ToDictionary(table => table, table => Columns(data.Database, table));
        Assert.All(before.Values, rows => Assert.NotEmpty(rows));

        await UpgradeAsync(data);

        Assert.All(Tables, table => Assert.Equal(before[table], Rows(data.Database, table, columns[table])));
        using var fresh = new DataDirectory(LabServer.NewFolder());
        await UpgradeAsync(fresh);
        Assert.Equal(Structure(fresh.Database), Structure(data.Database));
        Assert.Equal(["3"], Read(data.Database, "PRAGMA user_version"));

        // The copy is the database as it was, whole in one file.
        var copy = Assert.Single(Directory.GetFiles(data.Root, "lab.db.before-*"));
        Assert.EndsWith("_First", copy, StringComparison.Ordinal);
        Assert.Equal([$"{version}"], Read(copy, "PRAGMA user_version"));
        Assert.All(Tables, table => Assert.Equal(before[table], Rows(copy, table, columns[table])));
        Assert.Empty(Read(copy, "SELECT name FROM sqlite_master WHERE name LIKE '__EF%'"));

        // Once is enough.
        File.Delete(copy);
        await UpgradeAsync(data);
        Assert.Empty(Directory.GetFiles(data.Root, "lab.db.before-*"));
        Assert.All(Tables, table => Assert.Equal(before[table], Rows(data.Database, table, columns[table])));
    }

    [Theory]
    [InlineData("PRAGMA user_version = 7", "schema version 7")]
    [InlineData("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29991231000000_Later', '99.0.0')", "29991231000000_Later")]
    public async Task A_database_of_a_newer_program_is_refused_in_one_line(string change, string named)
    {
        var folder = LabServer.NewFolder();
        using (var data = new DataDirectory(folder))
        {
            await UpgradeAsync(data);
            Read(data.Database, change);
        }

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => LabServer.StartOnAsync(folder, ownsData: false));
        var line = LabApplication.Explain(error) ?? "";
        Assert.Contains(named, line, StringComparison.Ordinal);
        Assert.Contains("Use that program, or another data directory", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Empty(Directory.GetFiles(folder, "lab.db.before-*"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_in_one_line()
    {
        var folder = LabServer.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "lab.db"), string.Concat(Enumerable.Repeat("this is no database. ", 400)));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => LabServer.StartOnAsync(folder, ownsData: false));
        Assert.Contains("lab.db cannot be read", LabApplication.Explain(error), StringComparison.Ordinal);
    }

    /// <summary>EF Core's lock on migrations is a row, which outlives the process that wrote it.</summary>
    [Fact]
    public async Task A_process_killed_while_it_migrates_does_not_stop_the_next()
    {
        using var data = new DataDirectory(LabServer.NewFolder());
        File.Copy(Fixture.PathOf(Fixture.FirstSchema), data.Database);
        Read(data.Database, "CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER NOT NULL PRIMARY KEY, \"Timestamp\" TEXT NOT NULL); INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01 00:00:00+00:00')");
        await UpgradeAsync(data).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.NotEmpty(Rows(data.Database, "jobs", ["Id"]));
    }

    private static async Task UpgradeAsync(DataDirectory data)
    {
        await using var db = Open(data.Database);
        await new SqliteStore(data, NullLogger<SqliteStore>.Instance).UpgradeAsync(db, TestContext.Current.CancellationToken);
    }

    private static LabDb Open(string path) => new(new DbContextOptionsBuilder<LabDb>().UseSqlite(SqliteStore.ConnectionString(path)).Options);

    /// <summary>Columns, named indexes, references and what is unique: all that a statement can meet, whatever the order of columns.</summary>
    private static List<string> Structure(string path) =>
    [
        .. Tables.SelectMany(table => Read(path, $"SELECT '{table}', name, type, \"notnull\" OR pk > 0, pk FROM pragma_table_info('{table}') ORDER BY name")),
        .. Read(path, "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name"),
        .. Tables.SelectMany(table => Read(path, $"SELECT '{table}', \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list('{table}') ORDER BY \"from\"")),
        .. Tables.SelectMany(table => Read(path, $"SELECT DISTINCT '{table}', (SELECT group_concat(name) FROM pragma_index_info(l.name)), partial FROM pragma_index_list('{table}') l WHERE l.\"unique\" ORDER BY 2")),
        .. Read(path, "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\""),
    ];

    private static List<string> Columns(string path, string table) => Read(path, $"SELECT name FROM pragma_table_info('{table}')");

    private static List<string> Rows(string path, string table, List<string> columns) =>
        Read(path, $"SELECT {string.Join(", ", columns.Select(column => $"\"{column}\""))} FROM {table} ORDER BY 1 {(columns.Count > 2 ? ", 2, 3" : "")}");

    private static List<string> Read(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Foreign Keys=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return rows;
    }
}
